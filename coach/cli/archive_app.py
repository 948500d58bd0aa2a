"""`coach batch`: the command line of archives."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from coach.cli.options import (
    AsJson,
    Backend,
    EngineOption,
    Every,
    FaultsFile,
    HeightCm,
    NoVideo,
    OnDeadChunk,
    Original,
    OverlayKind,
    PlateMm,
    PoseHeight,
    PoseRegion,
    PoseStages,
    PoseWorkers,
    PrecisionOption,
    PriorityOption,
    Redis,
    Sets,
    SmoothHz,
    Timeout,
    job_options,
)
from coach.cli.sharing import priority_of
from coach.cli.which_deployment import read_deployment_settings, running_deployment
from shared.data.defaults import BACKEND, PLATE_MM, POSE_HEIGHT_PX, SMOOTH_HZ

_REMOTE = "For archives by URL"


def add_archive_commands(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(batch)


def batch(
    context: typer.Context,
    archive: Annotated[
        list[str],
        typer.Argument(
            help="A folder, a pattern in quotes, a file with a list of paths, - for a list on "
            "standard input, or a URL such as s3://bucket/prefix."
        ),
    ],
    out: Annotated[
        str, typer.Option(help="Folder or URL for the results; they get the archive's folders.")
    ] = "out",
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITION",
            help="Take only recordings with age<7d, size>1MB or camera=cam1 (the first folder of "
            "the path). Give it several times to have all conditions met.",
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on with what is recorded later, until Ctrl-C.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list what would be analysed.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Analyse again what is done.")] = False,
    priority: PriorityOption = "low",
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1, help="Largest number of jobs at a time (4 on this computer, 32 in a deployment)."
        ),
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option(help="Folder that the paths of a list or pattern are relative to."),
    ] = None,
    settle: Annotated[
        float,
        typer.Option(
            min=0,
            help="With --watch: seconds without change that make a recording complete.",
        ),
    ] = 10.0,
    poll: Annotated[
        float,
        typer.Option(
            min=1, rich_help_panel=_REMOTE, help="With --watch: seconds from one look to the next."
        ),
    ] = 60.0,
    spool: Annotated[
        Path | None,
        typer.Option(
            rich_help_panel=_REMOTE, help="Folder on this computer to fetch recordings to."
        ),
    ] = None,
    spool_gb: Annotated[
        float,
        typer.Option(
            min=0, rich_help_panel=_REMOTE, help="Largest total size of what lies there, in GB."
        ),
    ] = 20.0,
    backend: Backend = BACKEND,
    every: Every = "auto",
    pose_workers: PoseWorkers = None,
    no_video: NoVideo = False,
    overlay: OverlayKind = "full",
    plate_mm: PlateMm = PLATE_MM,
    height_cm: HeightCm = 0.0,
    smooth_hz: SmoothHz = SMOOTH_HZ,
    faults: FaultsFile = None,
    pose_height: PoseHeight = POSE_HEIGHT_PX,
    pose_stages: PoseStages = "0",
    pose_region: PoseRegion = False,
    original: Original = False,
    on_dead_chunk: OnDeadChunk = "skip",
    sets: Sets = "auto",
    engine: EngineOption = None,
    precision: PrecisionOption = None,
    timeout: Timeout = 0.0,
    redis: Redis = None,
    as_json: AsJson = False,
) -> None:
    """Analyse a whole archive; recordings that are done already are left as they are."""
    options = job_options(context)
    from platformdirs import user_cache_path

    from coach.cli import batch
    from coach.cli.batch_request import Request

    settings = read_deployment_settings(redis, engine=engine, precision=precision)
    request = Request(
        sources=archive,
        out=out,
        root=root,
        where=where or [],
        priority=priority_of(priority),
        jobs=jobs,
        pose_workers=pose_workers,
        servers=running_deployment(settings, bool(engine or precision)),
        spool=spool or user_cache_path("weightlifting-coach") / "spool",
        spool_bytes=int(spool_gb * 1e9),
        timeout_s=timeout,
        settle_s=settle,
        poll_s=poll,
        watch=watch,
        dry_run=dry_run,
        force=force,
        as_json=as_json,
    )
    sys.exit(batch.run(request, options, settings))
