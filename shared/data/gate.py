"""How far a long recording was looked at: what the gate keeps from one part to the next. Pure."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from shared.data.fields import Array, Exact, Whole
from shared.data.skeleton import F32

#: Raised with every change of these fields.
_SCHEMA = 1

#: Width and height of the grey pictures in which motion is looked for, in pixels. Chosen: a lifter
#: who fills an eighth of the picture's height still covers about ten of them.
GREY_PX = (64, 36)

#: Most samples that are open: of six people, once a second, in twice the time of the longest set.
MAX_SAMPLES = 6 * 900

_Time = Annotated[float, Exact(unit="s")]
_Pixels = Annotated[float, Exact(unit="px")]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One person in one look.

    Attributes:
        time_s: Time of the look in the recording.
        x_px: Place from the left of the picture.
        height_px: Height of the person in the picture.
        is_low: Whether the hands are low.
        is_upright: Whether the person stands upright.
        clothes_lab: Colours of shirt and trousers, as of `Person`.
    """

    time_s: _Time
    x_px: _Pixels
    height_px: _Pixels
    is_low: bool
    is_upright: bool
    clothes_lab: Annotated[F32, Array((2, 3), 1, whole_rows=True)]


@dataclass(frozen=True, slots=True, eq=False)
class GateState:
    """How far a recording was looked at.

    Attributes:
        part: Number of the part that is looked at next.
        closed_s: Time of the last low posture in a set that was found.
        noise: Learned noise of the grey pictures, in grey levels.
        samples: People of the looks that may belong to a set that is still open.
        version: What the file system said of the recording when its content was compared.
        skipped: Looks that no pose worker could take.
        sets: Sets that were found.
    """

    part: Annotated[int, Whole()]
    closed_s: _Time
    noise: Annotated[F32, Array((GREY_PX[1], GREY_PX[0]), 2, nullable=False)]
    samples: Annotated[tuple[Sample, ...], Field(max_length=MAX_SAMPLES)]
    version: str
    skipped: Annotated[int, Whole()] = 0
    sets: Annotated[int, Whole()] = 0
    schema: Annotated[int, Whole()] = _SCHEMA
