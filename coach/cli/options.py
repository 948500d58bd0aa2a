"""Options of the commands that analyse clips, and what they make of a job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shared.data.defaults import MAX_TIME_S
from shared.engine_names import EngineName, Precision
from shared.errors import UsageError

if TYPE_CHECKING:  # the options' types are slow to import
    from shared.data.job_options import FaultSettings, JobOptions

#: The default folder for results.
OUT = Path("out")

_EXPERT = "For experts"

#: Most digits of a whole number that is read (chosen: more than any option takes).
_MAX_DIGITS = 9

Clips = Annotated[list[Path], typer.Argument(help="Video files, GIFs or folders of pictures.")]
Out = Annotated[Path, typer.Option(help="Folder for the results; each clip gets one in it.")]
Redis = Annotated[
    str | None,
    typer.Option(
        "--redis", help="Redis URL of a running deployment (COACH_REDIS_URL, COACH_SHARDS)."
    ),
]
Backend = Annotated[str, typer.Option(help="Pose backend.", envvar="COACH_BACKEND")]
Every = Annotated[
    str, typer.Option(help="Analyse every N-th frame; auto looks where the motion asks for it.")
]
NoVideo = Annotated[bool, typer.Option("--no-video", help="Write no annotated video.")]
OverlayKind = Annotated[
    str, typer.Option("--overlay", help="Overlay of the video: full, minimal or none.")
]
PlateMm = Annotated[float, typer.Option(help="Diameter of the plates on the bar, in mm.")]
HeightCm = Annotated[float, typer.Option(help="The lifter's height in cm; 0 if not known.")]
SmoothHz = Annotated[
    float,
    typer.Option(
        help="Cut-off of the low-pass filter of the motion, in Hz.", rich_help_panel=_EXPERT
    ),
]
FaultsFile = Annotated[
    Path | None,
    typer.Option(
        "--faults",
        metavar="FILE.toml",
        rich_help_panel=_EXPERT,
        help="Thresholds and other fields of the fault rules (docs/faults.md).",
    ),
]
EngineOption = Annotated[
    EngineName | None,
    typer.Option(
        "--engine",
        rich_help_panel=_EXPERT,
        help="Library that runs the networks (COACH_ENGINE; default auto).",
    ),
]
PrecisionOption = Annotated[
    Precision | None,
    typer.Option(
        "--precision",
        rich_help_panel=_EXPERT,
        help="Number format of the networks (COACH_PRECISION; default f32).",
    ),
]
PoseWorkers = Annotated[
    int | None, typer.Option(min=1, help="Number of pose processes; one per core if not given.")
]
Rescore = Annotated[
    list[Path] | None,
    typer.Option(help="Judge an analysis.json again, without the pose stage."),
]
RescoreModel = Annotated[
    Path | None,
    typer.Option("--model", help="With --rescore: another posture model (`coach train`)."),
]
Compare = Annotated[
    Path | None,
    typer.Option(
        metavar="EARLIER",
        help="Your own earlier set, its result folder or analysis.json: the report shows both.",
    ),
]
PoseHeight = Annotated[
    int,
    typer.Option(
        "--pose-height",
        rich_help_panel=_EXPERT,
        help="Input height of OpenPose's networks, in pixels.",
    ),
]
PoseStages = Annotated[
    str,
    typer.Option(
        "--pose-stages",
        rich_help_panel=_EXPERT,
        help="Stages of the network; 0: the backend's default; auto: stop when the maps have "
        "converged.",
    ),
]
PoseRegion = Annotated[
    bool,
    typer.Option(
        "--pose-region",
        rich_help_panel=_EXPERT,
        help="Search only around people found in the previous frame.",
    ),
]
Original = Annotated[
    bool,
    typer.Option(
        "--original",
        rich_help_panel=_EXPERT,
        help="Find poses as the original program did (needs openpose-mpi).",
    ),
]
OnDeadChunk = Annotated[
    str,
    typer.Option(
        "--on-dead-chunk",
        rich_help_panel=_EXPERT,
        help="If no worker can process some frames: skip them with a warning, or fail.",
    ),
]
Sets = Annotated[
    str,
    typer.Option(
        help="Find the sets of a recording, a result for each: on, off, or auto where it is longer "
        "than five minutes."
    ),
]
Timeout = Annotated[
    float,
    typer.Option(
        min=0,
        max=MAX_TIME_S,
        help="Time that a job may take, in seconds; 0 for no limit.",
    ),
]
PriorityOption = Annotated[
    str,
    typer.Option("--priority", help="high, normal or low: which jobs come first."),
]
Batch = Annotated[
    str | None,
    typer.Option(
        help="Name of jobs that share a limit of jobs at work (COACH_BATCH_JOBS); your login name "
        "if not given."
    ),
]
Force = Annotated[
    bool,
    typer.Option("--force", help="Do a deployment's job again that is done or runs already."),
]
AcceptLicence = Annotated[
    bool,
    typer.Option("--accept-licence", help="You have read and accept the model's licence."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document to stdout.")]


def job_options(context: typer.Context) -> JobOptions:
    """The options of a job, as the command that is run was given them."""
    from shared.data.job_options import JobOptions, JudgingOptions
    from shared.data.pose_options import PoseOptions

    given = context.params
    return JobOptions(
        backend=given["backend"],
        every=every_of(given["every"]),
        overlay=given["overlay"],
        judging=JudgingOptions(
            given["plate_mm"], given["height_cm"], given["smooth_hz"], faults_of(given["faults"])
        ),
        video=not given["no_video"],
        on_dead_chunk=given["on_dead_chunk"],
        sets=given["sets"],
        pose=PoseOptions(
            height_px=given["pose_height"],
            region=given["pose_region"],
            original=given["original"],
            **stages_of(given["pose_stages"]),
        ),
    )


def is_given(context: typer.Context, name: str) -> bool:
    """Whether an option was asked for, and not left at its default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def is_whole(text: str) -> bool:
    """Whether a text is a whole number that an option may take.

    >>> is_whole("16"), is_whole("-1"), is_whole("9" * 5000)
    (True, False, False)
    """
    return text.isdecimal() and len(text) <= _MAX_DIGITS


def every_of(text: str) -> int:
    """The sampling step that `--every` names; 0 for auto."""
    if text == "auto":
        return 0
    if not is_whole(text) or int(text) < 1:
        raise UsageError(f"--every takes a whole number from 1 on, or auto, not {text!r:.40}")
    return int(text)


def faults_of(path: Path | None) -> FaultSettings:
    """The fields of fault rules that the file of `--faults` changes."""
    if path is None:
        return {}
    from coach.cli.fault_settings import read_fault_settings

    return read_fault_settings(path)


def stages_of(text: str) -> dict[str, Any]:
    """What `--pose-stages` says, as options."""
    if text == "auto":
        return {"auto_stages": True}
    if not is_whole(text):
        raise UsageError(f"--pose-stages takes a whole number, or auto, not {text!r:.40}")
    return {"stages": int(text)}
