"""`coach worker`, `up`, `pause`, `resume`, `drain`, `clean`: the command line of an operator."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from coach.cli.options import (
    AsJson,
    Backend,
    EngineOption,
    PrecisionOption,
    Redis,
    is_whole,
)
from coach.cli.which_deployment import deployment_of, read_deployment_settings, servers_given
from shared.data.defaults import BACKEND
from shared.errors import UsageError

Services = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SERVICE]…", help="decoder, pose, scorer, writer; all if none."),
]
Number = Annotated[int, typer.Option(min=0, help="Number of these processes on this machine.")]
Roots = Annotated[
    list[Path] | None,
    typer.Option(help="Folder that jobs may use; can be given again (default: all)."),
]
OlderThan = Annotated[str, typer.Option(metavar="TIME", help="An age, such as 30d, 12h or 90m.")]


class Service(StrEnum):
    """The services that `coach worker` can run."""

    decoder = "decoder"
    pose = "pose"
    scorer = "scorer"
    writer = "writer"


def add_operator_commands(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (worker, up, pause, resume, drain, clean):
        app.command()(command)


def worker(
    service: Service,
    redis: Redis = None,
    burst: Annotated[bool, typer.Option("--burst", help="Exit when no work is left.")] = False,
    backend: Backend = BACKEND,
    engine: EngineOption = None,
    precision: PrecisionOption = None,
) -> None:
    """Run one worker of a deployment until it is stopped."""
    from coach.cli.worker import run

    if service is not Service.pose and (engine or precision):
        raise UsageError("--engine and --precision go with `coach worker pose`")
    given = {"backend": backend, "engine": engine, "precision": precision}
    settings = read_deployment_settings(redis, **given)
    if not servers_given(settings.model_copy(update={"shards": []})):
        raise UsageError(
            "no server given: a worker serves one; name it with --redis URL or COACH_REDIS_URL"
        )
    run(service.value, settings, burst)


def up(
    pose: Annotated[
        str,
        typer.Option(help="Number of pose workers (each uses one core); auto: as many as needed."),
    ] = "auto",
    decoders: Number = 1,
    scorers: Number = 1,
    writers: Number = 1,
    redis: Redis = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder for the logs, and for the data of the deployment's own server."),
    ] = None,
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65535, help="Let its own server listen on a port of 127.0.0.1, too."
        ),
    ] = 0,
    source_roots: Roots = None,
    out_roots: Roots = None,
    backend: Backend = BACKEND,
) -> None:
    """Run a whole deployment on this machine until it is stopped."""
    import sys

    from coach.cli import up
    from coach.local.deployment import default_pose_workers
    from coach.local.server import is_url_of
    from coach.local.supervisor import Plan
    from shared.names import absolute

    is_auto = pose == "auto"
    if not is_auto and not is_whole(pose):
        raise UsageError(f"--pose takes a whole number, or auto, not {pose!r:.40}")
    settings = read_deployment_settings(
        redis,
        backend=backend,
        source_roots=[absolute(root) for root in source_roots] if source_roots else None,
        out_roots=[absolute(root) for root in out_roots] if out_roots else None,
    )
    folder = absolute(data or _default_data())
    urls = servers_given(settings)
    if len(urls) == 1 and is_url_of(urls[0], folder):
        urls = []  # it is this deployment's own, which runs no longer
    if urls and port:
        raise UsageError("--port is for the deployment's own server: leave out --redis")
    plan = Plan(
        numbers={
            "pose": 0 if is_auto else int(pose),
            "decoder": decoders,
            "scorer": scorers,
            "writer": writers,
        },
        most_pose=default_pose_workers() if is_auto else 0,
        urls=urls,
        port=port,
        folder=folder,
    )
    sys.exit(up.run(plan, settings))


def pause(services: Services = None, redis: Redis = None) -> None:
    """Have workers take no new work; they finish what they have begun."""
    from coach.cli import pause

    pause.pause(services or [], deployment_of(redis))


def resume(services: Services = None, redis: Redis = None) -> None:
    """Have paused workers take work again."""
    from coach.cli import pause

    pause.resume(services or [], deployment_of(redis))


def drain(
    target: Annotated[
        str, typer.Argument(help="A service, a machine's name, or one worker as HOST:PID.")
    ],
    older_than: OlderThan = "0s",
    wait: Annotated[bool, typer.Option("--wait", help="Return once they have ended.")] = False,
    redis: Redis = None,
) -> None:
    """Have workers finish what they have, and end with status 0."""
    from coach.cli import pause
    from coach.cli.ages import seconds_of

    pause.drain(target, seconds_of(older_than), wait, deployment_of(redis))


def clean(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders of results (--out); if none, results of jobs with a record."),
    ] = None,
    older_than: OlderThan = "30d",
    job: Annotated[
        list[str] | None, typer.Option(help="Only this job, of any age; can be given again.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be removed.")
    ] = False,
    redis: Redis = None,
    as_json: AsJson = False,
) -> None:
    """Remove old results and their records together."""
    from coach.cli import clean
    from coach.cli.ages import seconds_of

    settings = deployment_of(redis)
    clean.run(folders or [], job or [], seconds_of(older_than), dry_run, settings, as_json)


def _default_data() -> Path:
    from platformdirs import user_data_path

    return user_data_path("weightlifting-coach") / "deployment"
