"""The command line: `coach COMMAND`; the work is done in the module of each command."""

import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from shared.data.job_options import PLATE_MM, SMOOTH_HZ, JobOptions, JudgingOptions
from shared.data.pose_options import POSE_HEIGHT_PX, PoseOptions
from shared.errors import CoachError, UsageError
from shared.settings import EngineName, Precision, Settings

app = typer.Typer(
    help="A deadlift video in; the same video out with skeleton, posture score and a report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
models_app = typer.Typer(help="Network weights: what there is, and fetching them.")
app.add_typer(models_app, name="models")

Clips = Annotated[list[Path], typer.Argument(help="Video files, GIFs or folders of pictures.")]
Out = Annotated[Path, typer.Option(help="Folder for the results; each clip gets one in it.")]
Redis = Annotated[
    str | None,
    typer.Option("--redis", envvar="COACH_REDIS_URL", help="A running deployment's Redis URL."),
]
Backend = Annotated[str, typer.Option(help="Pose backend.", envvar="COACH_BACKEND")]
Every = Annotated[str, typer.Option(help="Look at each N-th frame; auto keeps about 30 a second.")]
NoVideo = Annotated[bool, typer.Option("--no-video", help="Write no annotated video.")]
OverlayKind = Annotated[str, typer.Option("--overlay", help="full, minimal or none.")]
PlateMm = Annotated[float, typer.Option(help="Diameter of the plates on the bar, in mm.")]
HeightCm = Annotated[float, typer.Option(help="The lifter's height in cm; 0 if not known.")]
SmoothHz = Annotated[float, typer.Option(help="Cut-off of the motion's low-pass, in Hz.")]
EngineOption = Annotated[
    EngineName | None,
    typer.Option("--engine", help="What runs the networks (COACH_ENGINE; auto if not given)."),
]
PrecisionOption = Annotated[
    Precision | None,
    typer.Option("--precision", help="What they are computed in (COACH_PRECISION; f32)."),
]
PoseHeight = Annotated[
    int, typer.Option("--pose-height", help="Height of what the network looks at, in pixels.")
]
PoseStages = Annotated[
    str,
    typer.Option(
        "--pose-stages",
        help="Stages of the network; 0 for the backend's own, auto for as many as a picture needs.",
    ),
]
PoseRegion = Annotated[
    bool, typer.Option("--pose-region", help="Look only around the people of the frames before.")
]
Original = Annotated[
    bool, typer.Option("--original", help="As the original did, with openpose-mpi; to compare.")
]
AcceptLicence = Annotated[
    bool,
    typer.Option("--accept-licence", help="You have read and accept the model's licence."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]

_BACKEND = "blazepose-full"
_OUT = Path("out")


class Service(StrEnum):
    """The services that `coach worker` can run."""

    decoder = "decoder"
    pose = "pose"
    scorer = "scorer"
    writer = "writer"


@app.command()
def analyze(
    context: typer.Context,
    clips: Annotated[
        list[Path] | None, typer.Argument(help="Video files, GIFs or folders of pictures.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results (out); each clip gets one in it.")
    ] = None,
    backend: Backend = _BACKEND,
    every: Every = "1",
    pose_workers: Annotated[
        int | None, typer.Option(min=1, help="Pose processes; one a core if not given.")
    ] = None,
    no_video: NoVideo = False,
    overlay: OverlayKind = "full",
    plate_mm: PlateMm = PLATE_MM,
    height_cm: HeightCm = 0.0,
    smooth_hz: SmoothHz = SMOOTH_HZ,
    pose_height: PoseHeight = POSE_HEIGHT_PX,
    pose_stages: PoseStages = "0",
    pose_region: PoseRegion = False,
    original: Original = False,
    rescore: Annotated[
        list[Path] | None,
        typer.Option(help="Judge the keypoints of an ANALYSIS.json again; no pose stage."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="With --rescore: another posture model (`coach train`).")
    ] = None,
    engine: EngineOption = None,
    precision: PrecisionOption = None,
    redis: Redis = None,
    as_json: AsJson = False,
) -> None:
    """Analyse clips: annotated video, report and data for each."""
    options = _job_options(context)
    if rescore:
        from coach.cli import rescore as rescoring

        if clips:
            raise UsageError("give clips, or analyses with --rescore, not both")
        if engine or precision:
            raise UsageError("--rescore runs no network: leave out --engine and --precision")
        given = [name for name in rescoring.JUDGING if _is_given(context, name)]
        sys.exit(rescoring.run(rescore, out, options.judging, model, as_json, given))
    if not clips:
        raise UsageError("which clips? Give video files, GIFs or folders of pictures")
    if model is not None:
        raise UsageError("--model goes with --rescore; workers take COACH_POSTURE_MODEL")
    if redis is not None and (engine or precision):
        raise UsageError("--engine and --precision are the workers': give them to `coach worker`")
    from coach.cli import analyze

    settings = _settings(engine=engine, precision=precision)
    sys.exit(analyze.run(clips, out or _OUT, options, settings, redis, pose_workers, as_json))


@app.command()
def submit(
    context: typer.Context,
    clips: Clips,
    redis: Redis = None,
    out: Out = _OUT,
    backend: Backend = _BACKEND,
    every: Every = "1",
    no_video: NoVideo = False,
    overlay: OverlayKind = "full",
    plate_mm: PlateMm = PLATE_MM,
    height_cm: HeightCm = 0.0,
    smooth_hz: SmoothHz = SMOOTH_HZ,
    pose_height: PoseHeight = POSE_HEIGHT_PX,
    pose_stages: PoseStages = "0",
    pose_region: PoseRegion = False,
    original: Original = False,
    as_json: AsJson = False,
) -> None:
    """Hand clips to a running deployment and return at once."""
    from coach.cli import submit

    options = _job_options(context)
    settings = _settings(redis_url=_required(redis))
    sys.exit(submit.run(clips, out, options, settings, as_json))


@app.command()
def status(
    job: Annotated[str | None, typer.Argument(help="A job's id; all jobs if not given.")] = None,
    redis: Redis = None,
    as_json: AsJson = False,
) -> None:
    """Tell how far one job is, or all of them."""
    from coach.cli import status

    status.run(job, _settings(redis_url=_required(redis)), as_json)


@app.command()
def worker(
    service: Service,
    redis: Redis = None,
    burst: Annotated[bool, typer.Option("--burst", help="End when nothing is left.")] = False,
    backend: Backend = _BACKEND,
    engine: EngineOption = None,
    precision: PrecisionOption = None,
) -> None:
    """Run one worker of a deployment until it is stopped."""
    from coach.cli import worker

    if service is not Service.pose and (engine or precision):
        raise UsageError("--engine and --precision go with `coach worker pose`")
    settings = _settings(
        redis_url=_required(redis), backend=backend, engine=engine, precision=precision
    )
    worker.run(service.value, settings, burst)


@app.command()
def train(
    data: Annotated[list[Path], typer.Argument(help="Folders or tables with labelled postures.")],
    out: Annotated[Path, typer.Option(help="Where the model goes (JSON).")],
    backend: Backend = _BACKEND,
    seed: Annotated[int, typer.Option(help="Seed of the bootstrap.")] = 0,
    model: Annotated[
        str, typer.Option(help="auto, ridge, lasso, elastic-net or logistic.")
    ] = "auto",
    held_out: Annotated[
        list[Path] | None, typer.Option(help="More of the same, only to judge the model by.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Folder that keeps the poses of clips for the next time.")
    ] = None,
) -> None:
    """Train a posture model on labelled pictures, clips or keypoint tables."""
    from rich.console import Console

    from coach.cli import train

    report = train.run(data, out, backend, seed, model, held_out or (), cache)
    Console().print(train.render(report))


@app.command()
def doctor(redis: Redis = None, as_json: AsJson = False) -> None:
    """Tell what is here (devices, models, versions, server) and whether a job could run."""
    from coach.cli import doctor

    sys.exit(doctor.run(redis, as_json))


@app.command()
def demo(out: Out = _OUT, as_json: AsJson = False) -> None:
    """Render a synthetic lift, analyse it and compare with its known joints."""
    from coach.cli import demo

    sys.exit(demo.run(out, _settings(), as_json))


@models_app.command("list")
def models_list(as_json: AsJson = False) -> None:
    """List the models, their licences, and whether they are cached."""
    from coach.cli import models

    models.show(as_json)


@models_app.command("pull")
def models_pull(
    names: Annotated[list[str] | None, typer.Argument()] = None,
    accept_licence: AcceptLicence = False,
) -> None:
    """Fetch models' weights and check them; the default backend's if none is named."""
    from coach.cli import models

    models.pull(names or [_BACKEND], accept_licence)


@models_app.command("add")
def models_add(
    path: Annotated[Path, typer.Argument(help="A model's file that you got elsewhere.")],
    accept_licence: AcceptLicence = False,
) -> None:
    """Check a model's file by its hash and copy it into the cache."""
    from coach.cli import models

    models.add(path, accept_licence)


@models_app.command("quantize")
def models_quantize(
    backend: Annotated[str, typer.Argument(help="Whose networks.")],
    clips: Annotated[
        list[Path] | None, typer.Option("--clip", help="To calibrate on; rendered lifts if none.")
    ] = None,
    pose_height: PoseHeight = POSE_HEIGHT_PX,
    pose_stages: PoseStages = "0",
) -> None:
    """Make the int8 form of a backend's networks, for --precision int8, and tell what it costs."""
    from coach.cli import quantize as quantise

    options = PoseOptions(height_px=pose_height, **_stages(pose_stages))
    quantise.run(backend, clips or [], options)


def main() -> None:
    """Run the command line; an error ends it with one line and its exit status."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: end cleanly
    try:
        app()
    except CoachError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
    except ValidationError as error:
        settings = ", ".join(f"COACH_{e['loc'][0]}".upper() for e in error.errors())
        print(f"error: wrong value in the environment: {settings}; {error}", file=sys.stderr)
        sys.exit(UsageError.exit_status)
    except KeyboardInterrupt:
        print("interrupted; nothing is left running", file=sys.stderr)
        sys.exit(130)


def _settings(**given: str | None) -> Settings:
    """The settings of this process: those of the environment, and those given as options."""
    update = {name: value for name, value in given.items() if value is not None}
    return Settings().model_copy(update=update)


def _job_options(context: typer.Context) -> JobOptions:
    """The options of a job, as the command that is run was given them."""
    given = context.params
    return JobOptions(
        backend=given["backend"],
        every=_every(given["every"]),
        overlay=given["overlay"],
        judging=JudgingOptions(given["plate_mm"], given["height_cm"], given["smooth_hz"]),
        video=not given["no_video"],
        pose=PoseOptions(
            height_px=given["pose_height"],
            region=given["pose_region"],
            original=given["original"],
            **_stages(given["pose_stages"]),
        ),
    )


def _is_given(context: typer.Context, name: str) -> bool:
    """Whether an option was asked for, and not left at its default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _every(text: str) -> int:
    if text == "auto":
        return 0
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"--every takes a whole number from 1 on, or auto, not {text!r}")
    return int(text)


def _stages(text: str) -> dict[str, Any]:
    """What `--pose-stages` says, as options."""
    if text == "auto":
        return {"auto_stages": True}
    if not text.isdecimal():
        raise UsageError(f"--pose-stages takes a whole number, or auto, not {text!r}")
    return {"stages": int(text)}


def _required(redis: str | None) -> str:
    if redis is None:
        raise UsageError("which deployment? Give its Redis with --redis URL or COACH_REDIS_URL")
    return redis
