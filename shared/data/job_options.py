"""The options of a job; together with the clip's content they make the job's identity."""

from dataclasses import dataclass, field
from typing import Annotated

from shared.data.defaults import PLATE_MM, SMOOTH_HZ
from shared.data.fields import Exact, Flag, Listed, OneOf, Whole
from shared.data.limits import MAX_CHUNK_FRAMES, MAX_CHUNK_PX, MAX_SIDE_PX
from shared.data.pose_options import PoseOptions
from shared.errors import UsageError

#: Frames in a chunk: enough that following a person saves most searches, few enough that a second
#: of video spreads over several workers. Chunks of 48 save 7 % of the time, but following for so
#: long moves joints: a correct real set got a rounded back, and another one a rep too many.
CHUNK_FRAMES = 16

#: Longer side of the analysed pictures, in pixels. The networks take crops of 256 px, and a lifter
#: fills about a third of the picture; 640 found 1 % fewer joints of the rendered set.
ANALYSIS_SIDE_PX = 800

#: Value of `JobOptions.every` for "auto".
AUTO = 0

OVERLAYS = ("full", "minimal", "none")

#: What a job does about a chunk of frames that ends, hangs or fails every worker that takes it.
ON_DEAD_CHUNK = ("skip", "fail")

#: Whether a recording is judged set by set: if it is long, always, never.
SETS = ("auto", "on", "off")

#: What a field of a fault rule holds.
FaultSetting = Annotated[float, Exact()] | Listed[str]

#: Fault → field of its rule → value: the fields that differ from the rule's own.
FaultSettings = dict[str, dict[str, FaultSetting]]


@dataclass(frozen=True, slots=True)
class JudgingOptions:
    """How poses are judged.

    Attributes:
        plate_mm: Diameter of the plates on the bar.
        height_cm: The lifter's height; 0 if not known.
        smooth_hz: Cut-off of the low-pass filter of the joints; 0 for no filter.
        faults: Settings of fault rules that differ from their defaults: kind of the fault → setting
            → value.
        rules: Kinds of the faults that are judged, and no others; null for all.
    """

    plate_mm: Annotated[float, Exact(unit="mm")] = PLATE_MM
    height_cm: Annotated[float, Exact(unit="cm")] = 0.0
    smooth_hz: Annotated[float, Exact(unit="Hz")] = SMOOTH_HZ
    faults: FaultSettings = field(default_factory=dict)
    rules: Listed[str] | None = None

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("plate_mm (--plate-mm)", self.plate_mm, 100, 600),
            ("height_cm (--height-cm)", self.height_cm or 170, 100, 250),
            ("smooth_hz (--smooth-hz)", self.smooth_hz or 1, 1, 30),
        ):
            if not low <= value <= high:
                raise UsageError(f"{name} takes a number from {low} to {high}, not {value:g}")


@dataclass(frozen=True, slots=True)
class JobOptions:
    """What changes a job's result.

    Attributes:
        backend: Name of the pose backend.
        every: Every n-th frame is analysed; 0 ("auto") keeps about 30 frames a second, and looks
            for people where their motion asks for it.
        video: Whether the annotated video is written.
        overlay: How much is drawn on the video.
        judging: How poses are judged.
        pose: How poses are found.
        chunk_frames: Frames in a chunk, the unit of work.
        analysis_side_px: Longer side of the analysed pictures.
        on_dead_chunk: What happens if no worker can process a chunk: `skip` goes on with its frames
            unseen and a warning, `fail` fails the job.
        sets: Whether each set of a recording is found and gets a result of its own: `on`, `off`, or
            `auto` where the recording is longer than a few minutes.
    """

    backend: str
    every: Annotated[int, Whole()] = AUTO
    video: Flag = True
    overlay: Annotated[str, OneOf(OVERLAYS)] = "full"
    judging: JudgingOptions = field(default_factory=JudgingOptions)
    pose: PoseOptions = PoseOptions()
    chunk_frames: Annotated[int, Whole(1)] = CHUNK_FRAMES
    analysis_side_px: Annotated[int, Whole(1, unit="px")] = ANALYSIS_SIDE_PX
    on_dead_chunk: Annotated[str, OneOf(ON_DEAD_CHUNK)] = "skip"
    sets: Annotated[str, OneOf(SETS)] = "auto"

    def __post_init__(self) -> None:
        if not 0 <= self.every <= 10_000:
            raise UsageError(
                f"--every takes a whole number from 1 to 10000, or auto, not {self.every}"
            )
        if self.overlay not in OVERLAYS:
            raise UsageError(f"--overlay takes {', '.join(OVERLAYS)}, not {self.overlay!r}")
        if self.on_dead_chunk not in ON_DEAD_CHUNK:
            raise UsageError(
                f"--on-dead-chunk takes {' or '.join(ON_DEAD_CHUNK)}, not {self.on_dead_chunk!r}"
            )
        if self.sets not in SETS:
            raise UsageError(f"--sets takes {', '.join(SETS)}, not {self.sets!r}")
        frames, side_px = self.chunk_frames, self.analysis_side_px
        if (
            not (1 <= frames <= MAX_CHUNK_FRAMES and 1 <= side_px <= MAX_SIDE_PX)
            or frames * side_px**2 > MAX_CHUNK_PX
        ):
            raise UsageError(
                f"chunks of {frames} pictures (chunk_frames) of {side_px} pixels "
                f"(analysis_side_px) are too large: at most {MAX_CHUNK_FRAMES} of {MAX_SIDE_PX}, "
                f"and {MAX_CHUNK_PX} pixels in all"
            )
