"""What a person may ask for of a job; together with the content it makes the job's identity."""

from dataclasses import dataclass, field
from typing import Any

from shared.data.pose_options import PoseOptions
from shared.errors import UsageError

#: Frames in a chunk. Large enough that finding a person anew costs little against following them,
#: small enough that a second of video spreads over several workers.
CHUNK_FRAMES = 16

#: Longer side of the frames that are looked at, pixels. The networks look at crops of 256 px, and a
#: lifter fills about a third of the picture; 640 found 1 % fewer joints of the rendered set.
ANALYSIS_SIDE_PX = 800

#: Olympic bumper plates, and discs of 20 and 25 kg, are 450 mm across (IWF).
PLATE_MM = 450.0

#: Cut-off of the low-pass. Markers of a squat or deadlift are filtered at 4 to 8 Hz (Winter 2009,
#: ch. 3); 5 keeps a pull of 0.5 s.
SMOOTH_HZ = 5.0

OVERLAYS = ("full", "minimal", "none")

#: Fault → field of its rule → value: the fields that differ from the rule's own.
FaultSettings = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class JudgingOptions:
    """How poses are judged.

    Attributes:
        plate_mm: Diameter of the plates on the bar, millimetres.
        height_cm: The lifter's height, centimetres; 0 if not known.
        smooth_hz: Cut-off of the low-pass that the motion goes through, hertz; 0 for none.
        faults: Fields of fault rules that differ from the rules' own, by fault.
    """

    plate_mm: float = PLATE_MM
    height_cm: float = 0.0
    smooth_hz: float = SMOOTH_HZ
    faults: FaultSettings = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("--plate-mm", self.plate_mm, 100, 600),
            ("--height-cm", self.height_cm or 170, 100, 250),
            ("--smooth-hz", self.smooth_hz or 1, 1, 30),
        ):
            if not low <= value <= high:
                raise UsageError(f"{name} takes a number from {low} to {high}, not {value:g}")


@dataclass(frozen=True, slots=True)
class JobOptions:
    """What changes a job's result.

    Attributes:
        backend: Name of the pose backend.
        every: Look at each n-th frame; 0 chooses by the frame rate ("auto").
        video: Whether the annotated video is written.
        overlay: How much is drawn on the video: "full", "minimal" or "none".
        judging: How poses are judged.
        pose: How poses are found.
        chunk_frames: Frames in a chunk.
        analysis_side_px: Longer side of the frames that are looked at, pixels.
    """

    backend: str
    every: int = 1
    video: bool = True
    overlay: str = "full"
    judging: JudgingOptions = field(default_factory=JudgingOptions)
    pose: PoseOptions = PoseOptions()
    chunk_frames: int = CHUNK_FRAMES
    analysis_side_px: int = ANALYSIS_SIDE_PX

    def __post_init__(self) -> None:
        if not 0 <= self.every <= 10_000:
            raise UsageError(f"--every takes a whole number from 1 on, or auto, not {self.every}")
        if self.overlay not in OVERLAYS:
            raise UsageError(f"--overlay takes {', '.join(OVERLAYS)}, not {self.overlay!r}")
