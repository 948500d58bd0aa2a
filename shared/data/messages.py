"""The messages between the services: frozen, typed, versioned.

`time_s` comes from the container's time stamps; `index` is a frame's number among all frames of the
source that can be decoded. Arrays state their shapes; missing is NaN.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated

import numpy as np
from pydantic import Field

from shared.data.fields import (
    Array,
    Exact,
    Flag,
    Fraction,
    MillisecondsOrNan,
    Rounded,
    Whole,
)
from shared.data.limits import MAX_CHUNK_FRAMES, MAX_CHUNKS, MAX_PEOPLE, JobId, OrEmpty
from shared.data.pose_options import PoseOptions
from shared.data.skeleton import F32, FEET, JOINTS, OUTLINE_LEVELS

#: Raised with every change of a message's fields; a worker refuses messages of another schema.
SCHEMA = 10

#: Maximum plates of a frame in a stored analysis; the pose stage finds at most a dozen.
MAX_PLATES = 64

#: Width and height of the thumbnails that show cuts between shots, in pixels. Chosen: large enough
#: for a cut, too small for a lifter's motion to look like one.
THUMBNAIL_PX = (8, 6)

_Chunk = Annotated[int, Whole(high=MAX_CHUNKS)]
_Index = Annotated[int, Whole()]
_Time = Annotated[float, Exact(unit="s")]
_Scale = Annotated[float, Exact(low=1e-3, high=1e4)]
_Schema = Annotated[int, Whole()]
_Place = Annotated[float, Rounded(2, unit="px")]
_HalfAxis = Annotated[float, Rounded(2, unit="px", low=0)]


def _fractions(count: int) -> Array:
    """Numbers from 0 to 1, all known."""
    return Array((count,), 4, unit="0..1", low=0, high=1, nullable=False)


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """One sampled frame, upright, shrunk to the analysis size and encoded as an image."""

    index: _Index
    time_s: _Time
    image: bytes
    #: Source pixels per pixel of `image`, horizontally and vertically.
    scale_x: _Scale
    scale_y: _Scale


@dataclass(frozen=True, slots=True)
class FrameChunk:
    """Consecutive sampled frames: the unit of work. A backend tracks people within a chunk only.

    pose: the job's options, so that the poses do not depend on the worker.
    adaptive: whether people are looked for only where their motion asks for it.
    survey: whether a rough look at the people is enough, and nobody needs the plates.
    """

    job: JobId
    chunk: _Chunk
    frames: Annotated[tuple[EncodedFrame, ...], Field(max_length=MAX_CHUNK_FRAMES)]
    pose: PoseOptions
    adaptive: bool = False
    survey: bool = False
    schema: _Schema = SCHEMA


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One person in one frame, as the pose stage saw them; pixels of the source, origin top left.

    Attributes:
        xy_px: The 15 joints in the order of `pose.skeleton`, each [x, y]; null where unseen.
        confidence: Confidence of each joint; 0 where unseen.
        feet_px: Left heel, right heel, left toe, right toe, each [x, y]; null where unseen.
        feet_confidence: Confidence of each point of the feet; 0 where unseen.
        outline_px: The trunk's outline at 11 places along the line from the middle of the hips to
            the neck: distance from the line to the body's edge on its right (first list) and on its
            left (second list), looking from hips to neck; null where unknown.
        sole_px: Two points on the sole that is lowest in the picture, the heel's end first, each
            [x, y]; null where unknown.
        turn_deg: Angle of the body from side-on, 0 (side) to 90 (front or back); null where the
            network does not say.
        box_px: Left, top, right and bottom of the person's box.
        detection_confidence: Confidence that this is a person.
        disagreement: Median distance from these joints to those of a second network, in trunk
            lengths; null where it was not asked. What it adds (feet, outline, sole and turn) is
            believed up to 0.25.
        clothes_lab: Colours of shirt and trousers in CIELAB, each [L, a, b]; null where too little
            of the garment is seen.
        is_interpolated: False where the person was seen in this frame; True where nobody looked:
            the joints then lie on a curve through those of the looks before and after, and there is
            no outline, sole, feet or turn.
    """

    xy_px: Annotated[F32, Array((JOINTS, 2), 2, unit="px", whole_rows=True)]
    confidence: Annotated[F32, _fractions(JOINTS)]
    feet_px: Annotated[F32, Array((len(FEET), 2), 2, unit="px", whole_rows=True)]
    feet_confidence: Annotated[F32, _fractions(len(FEET))]
    outline_px: Annotated[F32, Array((2, OUTLINE_LEVELS), 2, unit="px")]
    sole_px: Annotated[F32, Array((2, 2), 2, unit="px", whole_rows=True)]
    turn_deg: Annotated[float, Rounded(2, unit="deg", low=-360, high=360, nullable=True)]
    box_px: Annotated[F32, Array((4,), 2, unit="px", nullable=False)]
    detection_confidence: Fraction
    disagreement: Annotated[float, Rounded(3, unit="trunk", low=0, nullable=True)] = float("nan")
    clothes_lab: Annotated[F32, Array((2, 3), 1, unit="CIELAB", whole_rows=True)] = field(
        default_factory=lambda: np.full((2, 3), np.nan, np.float32)
    )
    is_interpolated: Flag = False

    def __post_init__(self) -> None:
        for name, shape in (
            ("xy_px", (JOINTS, 2)),
            ("confidence", (JOINTS,)),
            ("feet_px", (len(FEET), 2)),
            ("feet_confidence", (len(FEET),)),
            ("outline_px", (2, OUTLINE_LEVELS)),
            ("sole_px", (2, 2)),
            ("box_px", (4,)),
            ("clothes_lab", (2, 3)),
        ):
            actual = getattr(self, name).shape
            if actual != shape:
                raise ValueError(f"Person.{name} must have shape {shape}, not {actual}")


@dataclass(frozen=True, slots=True)
class Plate:
    """A weight plate in one frame: an upright ellipse, in pixels of the source.

    Attributes:
        x_px: Centre of the plate, from the left of the picture.
        y_px: Centre of the plate, from the top of the picture.
        half_width_px: Half of the ellipse's width.
        half_height_px: Half of the ellipse's height; a plate seen from the side is a circle.
        confidence: Fraction of the plate's rim that was seen; where it was followed, correlation of
            its face with what it looked like when it was detected.
        track: Number of the plate's track: one plate in consecutive frames has one number, and no
            other plate of the clip has it. The pose stage begins new tracks every few frames (in
            each chunk); null where plates were not tracked.
        is_followed: False where the plate's rim was found in this frame; True where the plate was
            followed by its face, forwards or backwards from a frame in which its rim was found.
    """

    x_px: _Place
    y_px: _Place
    half_width_px: _HalfAxis
    half_height_px: _HalfAxis
    confidence: Fraction
    track: Annotated[int, Whole()] | None = None
    is_followed: Flag = False

    @classmethod
    def of(cls, values: F32) -> "Plate":
        """The plate of an array (5,): centre x and y, half width, half height, confidence."""
        x_px, y_px, half_width_px, half_height_px, confidence = map(float, values)
        return cls(x_px, y_px, half_width_px, half_height_px, confidence)

    def scaled(self, scale_x: float, scale_y: float) -> "Plate":
        """The same plate in a picture that is larger by these factors, in single precision."""
        factors = np.array([scale_x, scale_y, scale_x, scale_y], np.float32)
        ellipse = [self.x_px, self.y_px, self.half_width_px, self.half_height_px]
        x_px, y_px, wide_px, high_px = map(float, np.array(ellipse, np.float32) * factors)
        return replace(self, x_px=x_px, y_px=y_px, half_width_px=wide_px, half_height_px=high_px)


@dataclass(frozen=True, slots=True, eq=False)
class FramePoses:
    """The people of one frame, and the time that finding them took; NaN if it was not measured.

    plates: the weight plates around the people; around nobody, in the whole picture.
    thumbnail: a tiny grey picture of the frame, of `THUMBNAIL_PX`, in which cuts are detected;
        empty if nobody looked at the frame.
    """

    index: _Index
    time_s: _Time
    people: Annotated[tuple[Person, ...], Field(max_length=MAX_PEOPLE)]
    plates: Annotated[tuple[Plate, ...], Field(max_length=MAX_PLATES)]
    thumbnail: Annotated[F32, _fractions(THUMBNAIL_PX[0] * THUMBNAIL_PX[1]), OrEmpty()]
    pose_ms: MillisecondsOrNan


@dataclass(frozen=True, slots=True)
class KeypointChunk:
    """The poses of one `FrameChunk`.

    engine: what computed them: library and version, device, precision.
    is_skipped: whether nobody looked at the frames, because the chunk cannot be processed.
    """

    job: JobId
    chunk: _Chunk
    frames: Annotated[tuple[FramePoses, ...], Field(max_length=MAX_CHUNK_FRAMES)]
    engine: str = ""
    is_skipped: bool = False
    schema: _Schema = SCHEMA


class EndReason(StrEnum):
    """Why the frames of a source ended."""

    COMPLETE = "complete"
    #: The source breaks off or is damaged; the frames before that are used.
    TRUNCATED = "truncated"


@dataclass(frozen=True, slots=True)
class EndOfStream:
    """The decoder has sent every chunk of a job."""

    job: JobId
    chunks: _Chunk
    reason: EndReason
    schema: _Schema = SCHEMA


def empty_skeleton() -> tuple[F32, F32]:
    """A skeleton without any seen joint: xy_px (15, 2) of NaN, confidence (15,) of 0."""
    return np.full((JOINTS, 2), np.nan, np.float32), np.zeros(JOINTS, np.float32)
