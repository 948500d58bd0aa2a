"""What travels between the services: frozen, typed, versioned.

Time is `time_s`, counted from the container's own time stamps; a frame's number is `index`, its
place among all frames the source really gives. Arrays state their shapes; missing is NaN.
"""

from dataclasses import dataclass, field

import numpy as np

from shared.skeleton import F32, JOINTS

#: Raised with every change of a message's fields; a worker refuses what it does not know.
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """One sampled frame, upright, shrunk to the analysis size and encoded as an image."""

    index: int
    time_s: float
    image: bytes
    #: Source pixels per pixel of `image`, horizontally and vertically.
    scale_x: float
    scale_y: float


@dataclass(frozen=True, slots=True)
class FrameChunk:
    """Consecutive sampled frames: the unit of work, and the stretch a backend may track over."""

    job: str
    chunk: int
    frames: tuple[EncodedFrame, ...]
    schema: int = SCHEMA


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One person in one frame.

    xy_px: float32 (15, 2), MPI-15 joints in source pixels, origin top left, NaN where unseen.
    confidence: float32 (15,), 0..1, 0 where unseen.
    native_xy_px, native_confidence: float32 (n, 2) and (n,), the model's own points; n may be 0.
    box_px: float32 (4,), left, top, right, bottom.
    presence: how sure the model is that this is a person, 0..1.
    """

    xy_px: F32
    confidence: F32
    native_xy_px: F32
    native_confidence: F32
    box_px: F32
    presence: float

    def __post_init__(self) -> None:
        points = len(self.native_confidence)
        for name, shape in (
            ("xy_px", (JOINTS, 2)),
            ("confidence", (JOINTS,)),
            ("native_xy_px", (points, 2)),
            ("box_px", (4,)),
        ):
            actual = getattr(self, name).shape
            if actual != shape:
                raise ValueError(f"Person.{name} must have shape {shape}, not {actual}")


@dataclass(frozen=True, slots=True)
class FramePoses:
    """The people of one frame, and what finding them took."""

    index: int
    time_s: float
    people: tuple[Person, ...]
    pose_ms: float


@dataclass(frozen=True, slots=True)
class KeypointChunk:
    """What a pose worker makes of one `FrameChunk`."""

    job: str
    chunk: int
    frames: tuple[FramePoses, ...]
    schema: int = SCHEMA


@dataclass(frozen=True, slots=True)
class EndOfStream:
    """The decoder has sent every chunk of a job.

    reason: "complete", or "truncated" where the source broke off and what came before is used.
    """

    job: str
    chunks: int
    reason: str
    schema: int = SCHEMA


@dataclass(frozen=True, slots=True)
class ScoredFrame:
    """`FramePoses` with a posture score for each person, NaN where too little is seen."""

    poses: FramePoses
    scores: F32

    def __post_init__(self) -> None:
        if self.scores.shape != (len(self.poses.people),):
            raise ValueError(
                f"ScoredFrame.scores must have shape ({len(self.poses.people)},), "
                f"not {self.scores.shape}"
            )


@dataclass(frozen=True, slots=True)
class ScoredChunk:
    """What a scorer makes of one `KeypointChunk`; one field of the job's results."""

    job: str
    chunk: int
    frames: tuple[ScoredFrame, ...]
    schema: int = SCHEMA


@dataclass(frozen=True, slots=True, eq=False)
class LifterFrame:
    """One analysed frame of the lifter alone.

    xy_px: float32 (15, 2) and confidence: float32 (15,), as in `Person`; all unseen when the
    lifter is not in the frame.
    box_px: float32 (4,), NaN when the lifter is not in the frame.
    score: 0..1, NaN where too little is seen.
    """

    index: int
    time_s: float
    xy_px: F32
    confidence: F32
    box_px: F32
    score: float
    pose_ms: float


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is known of a clip once every chunk is in; what the writer draws and writes.

    score: the set's score, 0..1, NaN where no frame could be scored.
    view: "side", "oblique", "front" or "unknown".
    """

    job: str
    frames: tuple[LifterFrame, ...]
    score: float
    view: str
    warnings: tuple[str, ...] = field(default=())
    schema: int = SCHEMA


def empty_skeleton() -> tuple[F32, F32]:
    """MPI-15 with nothing seen: xy_px (15, 2) of NaN, confidence (15,) of 0."""
    return np.full((JOINTS, 2), np.nan, np.float32), np.zeros(JOINTS, np.float32)
