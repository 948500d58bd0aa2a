"""The commands of `coach`; the work is done in the module of each command."""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from coach.cli.archive_app import add_archive_commands
from coach.cli.dead import dead_app
from coach.cli.interrupts import end_interrupted
from coach.cli.jobs_app import add_job_commands
from coach.cli.models_app import models_app
from coach.cli.operate_app import add_operator_commands
from coach.cli.options import (
    OUT,
    AsJson,
    Backend,
    Batch,
    Clips,
    Compare,
    EngineOption,
    Every,
    FaultsFile,
    Force,
    HeightCm,
    NoVideo,
    OnDeadChunk,
    Original,
    Out,
    OverlayKind,
    PlateMm,
    PoseHeight,
    PoseRegion,
    PoseStages,
    PoseWorkers,
    PrecisionOption,
    PriorityOption,
    Redis,
    Rescore,
    RescoreModel,
    Sets,
    SmoothHz,
    Timeout,
    is_given,
    job_options,
)
from coach.cli.output import checked_output
from coach.cli.which_deployment import (
    deployment_of,
    read_deployment_settings,
    running_deployment,
    servers_given,
)
from shared.data.defaults import BACKEND, PLATE_MM, POSE_HEIGHT_PX, SMOOTH_HZ
from shared.errors import CoachError, UsageError


class Interruptible(TyperGroup):
    """Commands of which each says that it was interrupted; Typer ends them without a word."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was chosen."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            end_interrupted()


app = typer.Typer(
    cls=Interruptible,
    help="A deadlift video in; the same video out with skeleton, posture score and a report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(models_app, name="models")
app.add_typer(dead_app, name="dead")

#: Formats of `coach export`.
ExportFormat = Literal["trc", "mot", "csv", "parquet"]


@app.command()
def analyze(
    context: typer.Context,
    clips: Annotated[
        list[Path] | None, typer.Argument(help="Video files, GIFs or folders of pictures.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results (out); each clip gets one in it.")
    ] = None,
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
    rescore: Rescore = None,
    model: RescoreModel = None,
    compare: Compare = None,
    engine: EngineOption = None,
    precision: PrecisionOption = None,
    timeout: Timeout = 0.0,
    force: Force = False,
    redis: Redis = None,
    as_json: AsJson = False,
) -> None:
    """Analyse clips: annotated video, report and data for each."""
    options = job_options(context)
    earlier = None
    if compare is not None:
        from coach.cli.comparing import read_earlier

        earlier = read_earlier(compare)  # before any work is done
    if rescore:
        from coach.cli import rescore as rescoring

        if clips:
            raise UsageError("give clips, or analyses with --rescore, not both")
        if engine or precision:
            raise UsageError("--rescore runs no network: leave out --engine and --precision")
        given = [name for name in rescoring.JUDGING if is_given(context, name)]
        sys.exit(rescoring.run(rescore, out, options.judging, model, as_json, given, earlier))
    if not clips:
        raise UsageError("which clips? Give video files, GIFs or folders of pictures")
    if model is not None:
        raise UsageError("--model goes with --rescore; workers take COACH_POSTURE_MODEL")
    from coach.cli import analyze

    settings = read_deployment_settings(redis, engine=engine, precision=precision)
    servers = running_deployment(settings, bool(engine or precision))
    arguments = (clips, out or OUT, options, settings, servers, pose_workers, as_json)
    forks = True  # this process has used no threads yet
    status, jobs = analyze.run(*arguments, forks, timeout_s=timeout, force=force)
    if earlier is not None:
        from coach.cli.comparing import show_beside

        show_beside(jobs, earlier, settings)
    sys.exit(status)


@app.command()
def submit(
    context: typer.Context,
    clips: Clips,
    redis: Redis = None,
    out: Out = OUT,
    backend: Backend = BACKEND,
    every: Every = "auto",
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
    timeout: Timeout = 0.0,
    force: Force = False,
    priority: PriorityOption = "normal",
    batch: Batch = None,
    as_json: AsJson = False,
) -> None:
    """Hand clips to a running deployment and return at once."""
    from coach.cli import submit

    options = job_options(context)
    settings = deployment_of(redis)
    sys.exit(submit.run(clips, out, options, settings, as_json, timeout, force, priority, batch))


add_job_commands(app)
add_operator_commands(app)
add_archive_commands(app)


@app.command()
def train(
    data: Annotated[
        list[Path], typer.Argument(help="Folders or tables with labelled lifts and postures.")
    ],
    out: Annotated[Path, typer.Option(help="File to write the model to (JSON).")],
    held_out: Annotated[
        list[Path] | None, typer.Option(help="Labelled lifts used only to evaluate the model.")
    ] = None,
    athletes: Annotated[
        list[Path] | None,
        typer.Option(help="CSV table (source,file,athlete) that says who is seen in a file."),
    ] = None,
    files_are_lifters: Annotated[
        bool,
        typer.Option("--files-are-lifters", help="Files of unknown lifters show one lifter each."),
    ] = False,
    turn_deg: Annotated[
        list[float] | None,
        typer.Option(help="Turn from side-on at which 3D skeletons are filmed, in degrees."),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Folder in which the poses of clips are cached.")
    ] = None,
    backend: Backend = BACKEND,
    seed: Annotated[int, typer.Option(help="Seed of the bootstraps and shuffles.")] = 0,
) -> None:
    """Train a model on labelled clips and keypoint tables; compare estimators."""
    from rich.console import Console

    from coach.cli.train import render
    from coach.learning import train
    from shared.media.limits import SourceLimits
    from shared.settings import read_settings

    report = train(
        data,
        out,
        held_out=held_out or (),
        backend=backend,
        cache=cache,
        athletes=athletes or (),
        files_are_lifters=files_are_lifters,
        turns_deg=turn_deg or (0.0,),
        seed=seed,
        limits=SourceLimits.of(read_settings()),
    )
    Console().print(render(report))


@app.command()
def export(
    analyses: Annotated[
        list[Path], typer.Argument(help="analysis.json files, or folders that hold one.")
    ],
    to: Annotated[ExportFormat, typer.Option(help="Format of the files to write.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the files; beside the analysis if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write analyses in the formats of other tools: markers, joint angles, tables."""
    from coach.cli import export
    from services.writer.exports import Format

    sys.exit(export.run(analyses, Format(to), out, as_json))


@app.command()
def doctor(redis: Redis = None, as_json: AsJson = False) -> None:
    """Check devices, models, versions and server; report whether a job can run."""
    from coach.cli import doctor

    settings = read_deployment_settings(redis)
    sys.exit(doctor.run(servers_given(settings), settings, as_json))


@app.command()
def demo(out: Out = OUT, as_json: AsJson = False) -> None:
    """Render a synthetic lift, analyse it and compare with its known joints."""
    from coach.cli import demo
    from shared.settings import read_settings

    sys.exit(demo.run(out, read_settings(), as_json))


def run() -> None:
    """Run the command that was given; an error ends it with one line and its exit status."""
    try:
        with checked_output():
            app()
    except CoachError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
