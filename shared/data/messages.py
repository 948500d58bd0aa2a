"""What travels between the services: frozen, typed, versioned.

Time is `time_s`, counted from the container's own time stamps; a frame's number is `index`, its
place among all frames the source really gives. Arrays state their shapes; missing is NaN.
"""

from dataclasses import dataclass, field

import numpy as np

from shared.data.pose_options import PoseOptions
from shared.data.skeleton import F32, FEET, JOINTS, OUTLINE_LEVELS

#: Raised with every change of a message's fields; a worker refuses what it does not know.
SCHEMA = 5


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
    """Consecutive sampled frames: the unit of work, and the stretch a backend may track over.

    pose: the job's, so that the poses do not depend on who finds them.
    """

    job: str
    chunk: int
    frames: tuple[EncodedFrame, ...]
    pose: PoseOptions
    schema: int = SCHEMA


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One person in one frame.

    xy_px: float32 (15, 2), MPI-15 joints in source pixels, origin top left, NaN where unseen.
    confidence: float32 (15,), 0..1, 0 where unseen.
    feet_px, feet_confidence: float32 (4, 2) and (4,), heels and toes in the order of
    `shared.data.skeleton.FEET`, NaN and 0 where unseen or unknown to the model.
    outline_px: float32 (2, 11), the outline of the trunk: at `OUTLINE_LEVELS` places from the middle
    of the hips up to the neck, how far the body reaches to the right and to the left of that line (as
    one looks along it from hips to neck, in the picture), in pixels; NaN where not known.
    sole_px: float32 (2, 2), the line of the sole that is lowest in the picture: two places on it,
    the heel's end first; NaN where not known.
    turn_deg: how far the body is turned from side-on to the camera, 0 (side) to 90 (front or
    back); NaN where the model cannot tell.
    box_px: float32 (4,), left, top, right, bottom.
    presence: how sure the model is that this is a person, 0..1.
    """

    xy_px: F32
    confidence: F32
    feet_px: F32
    feet_confidence: F32
    outline_px: F32
    sole_px: F32
    turn_deg: float
    box_px: F32
    presence: float

    def __post_init__(self) -> None:
        for name, shape in (
            ("xy_px", (JOINTS, 2)),
            ("confidence", (JOINTS,)),
            ("feet_px", (len(FEET), 2)),
            ("feet_confidence", (len(FEET),)),
            ("outline_px", (2, OUTLINE_LEVELS)),
            ("sole_px", (2, 2)),
            ("box_px", (4,)),
        ):
            actual = getattr(self, name).shape
            if actual != shape:
                raise ValueError(f"Person.{name} must have shape {shape}, not {actual}")


@dataclass(frozen=True, slots=True, eq=False)
class FramePoses:
    """The people of one frame, and what finding them took.

    plates_px: float32 (n, 5), the weight plates near the people's wrists: centre x and y, half
    width and half height in source pixels, and how sure, 0..1.
    thumbnail: float32 (n,), a tiny grey picture of the frame, 0..1, by which cuts are told.
    """

    index: int
    time_s: float
    people: tuple[Person, ...]
    plates_px: F32
    thumbnail: F32
    pose_ms: float


@dataclass(frozen=True, slots=True)
class KeypointChunk:
    """What a pose worker makes of one `FrameChunk`.

    engine: what computed it: library and version, device, precision.
    """

    job: str
    chunk: int
    frames: tuple[FramePoses, ...]
    engine: str = ""
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


@dataclass(frozen=True, slots=True, eq=False)
class LifterFrame:
    """One analysed frame of one lifter.

    person: as measured; None when the lifter is not in the frame.
    plates_px: float32 (n, 5), as in `FramePoses`.
    shot: number of the uninterrupted stretch of film, from 0; a cut begins the next.
    xy_px: float32 (15, 2) and confidence: float32 (15,): the cleaned motion.
    filled: float32 (15,), 1 where a joint was not measured here but interpolated, else 0.
    bar_px: float32 (2,), the bar's middle; NaN where unknown.
    phase: "setup", "pull", "lockout", "lower" or "rest"; "" where there is no lifter.
    angles: float32 (n,), in the order of `shared.data.messages.ANGLES`, degrees, NaN where unknown.
    score: 0..1, NaN where too little is seen.
    """

    index: int
    time_s: float
    person: Person | None
    plates_px: F32
    shot: int
    xy_px: F32
    confidence: F32
    filled: F32
    bar_px: F32
    phase: str
    angles: F32
    score: float
    pose_ms: float

    @property
    def box_px(self) -> F32:
        """Left, top, right, bottom as measured, float32 (4,); NaN when the lifter is not seen."""
        return np.full(4, np.nan, np.float32) if self.person is None else self.person.box_px


#: Joint angles that a lifter frame carries, for people to look at.
ANGLES = ("trunk_lean", "hip", "knee", "elbow", "back_flexion")


@dataclass(frozen=True, slots=True)
class Contribution:
    """Something about the posture that moved a score: in words, and by how much (− is worse)."""

    text: str
    effect: float


@dataclass(frozen=True, slots=True)
class Rep:
    """One repetition; times in seconds of the clip, NaN where the clip does not show them.

    start_s: the bar leaves the floor (or its lowest place). top_s: lockout. end_s: it is back down.
    partial: why this is no whole rep ("begins before the clip", "ends after the clip", "no
    lockout"), "" for a whole one.
    rom, drift: range of the bar's way up, and of its way forward and back during it; mean_velocity,
    peak_velocity: of the way up. All in the unit of `BarPath`, a second where they are velocities.
    score: mean posture score from start to end.
    """

    index: int
    start_s: float
    top_s: float
    end_s: float
    concentric_s: float
    eccentric_s: float
    partial: str
    rom: float
    drift: float
    mean_velocity: float
    peak_velocity: float
    score: float
    contributions: tuple[Contribution, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in one repetition.

    kind: name of the rule; name: for people. rep: number of the repetition, from 1.
    from_s, to_s: where it holds; shown_at: index of the analysed frame that shows it best.
    value, threshold: in `unit`. confidence: 0..1. reason: why the threshold is what it is.
    """

    kind: str
    name: str
    rep: int
    from_s: float
    to_s: float
    shown_at: int
    value: float
    unit: str
    threshold: float
    confidence: float
    reason: str
    cue: str


@dataclass(frozen=True, slots=True)
class Abstention:
    """A rule that tells nothing, and why.

    reps: numbers of the repetitions that this holds for, from 1; empty for the whole set.
    """

    kind: str
    name: str
    why: str
    reps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class BarPath:
    """How the bar was found, and what its numbers are in.

    source: "plate", "wrists" or "none". unit: "m", or "torso" (lengths of the lifter's trunk).
    px_per_unit: pixels in one unit, with the interval low..high in which it probably lies.
    scale: what gave the unit, for people.
    """

    source: str
    unit: str
    px_per_unit: float
    low: float
    high: float
    scale: str


@dataclass(frozen=True, slots=True)
class LifterAnalysis:
    """All that is known of one lifter.

    frames: every analysed frame of the clip. score: the set's, NaN where none.
    view: "side", "oblique", "front" or "unknown"; turn_deg: the camera's angle behind it.
    facing: 1 for a lifter who faces right in the picture, -1 for left, 0 from the front.
    style: "conventional", "sumo", "romanian" or "unknown". trunk_length_px: length of the trunk.
    occlusion: share of the joints that were unseen or filled in while the lifter was there.
    tilt_deg: by how much the picture leans, clockwise positive; NaN where nothing tells.
    """

    frames: tuple[LifterFrame, ...]
    reps: tuple[Rep, ...]
    faults: tuple[Fault, ...]
    abstentions: tuple[Abstention, ...]
    contributions: tuple[Contribution, ...]
    bar: BarPath
    score: float
    view: str
    turn_deg: float
    facing: int
    style: str
    trunk_length_px: float
    occlusion: float
    tilt_deg: float
    warnings: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is known of a clip once every chunk is in; what the writer draws and writes.

    lifters: the main one first; one that is never seen where there is nobody.
    engines: what computed the poses, each once: library, version, device, precision, weights.
    """

    job: str
    lifters: tuple[LifterAnalysis, ...]
    warnings: tuple[str, ...] = field(default=())
    engines: tuple[str, ...] = field(default=())
    schema: int = SCHEMA

    @property
    def lifter(self) -> LifterAnalysis:
        """The main lifter."""
        return self.lifters[0]


def empty_skeleton() -> tuple[F32, F32]:
    """MPI-15 with nothing seen: xy_px (15, 2) of NaN, confidence (15,) of 0."""
    return np.full((JOINTS, 2), np.nan, np.float32), np.zeros(JOINTS, np.float32)
