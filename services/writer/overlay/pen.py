"""What everything drawn on a frame has in common: sizes, colours and coordinates. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.writer.overlay.text import Colour, Image
from shared.data.analysis import Rep, Verdict

TEXT: Colour = (245, 245, 245)
FAINT: Colour = (190, 190, 190)
DARK: Colour = (20, 20, 20)

#: Phase → its colour, BGR, in the panel, in the strip and for its angle. Blue, green and orange
#: differ in brightness, so that most colour-blind people can distinguish them.
PHASES: dict[str, Colour] = {
    "setup": (200, 170, 200),
    "pull": (245, 175, 85),
    "lockout": (120, 215, 120),
    "lower": (80, 165, 250),
    "rest": (165, 165, 165),
}

#: Verdict on a repetition → the colour of its scores, BGR. They differ in brightness.
_VERDICTS: dict[Verdict, Colour] = {Verdict.GOOD: (120, 215, 120), Verdict.POOR: (90, 100, 250)}

#: Brightness that remains behind text and curve, as a fraction of the picture's. Chosen: the film
#: stays visible, and white text is readable on bright film.
_SHADED_BRIGHTNESS = 0.22

#: Smallest readable capital, in pixels.
MIN_CAPITAL_PX = 9

#: Height of a capital, as a fraction of the picture's shorter side.
_CAPITAL_FRACTION = 1 / 36

#: Shorter side of the picture in which a `Pen`'s unit is one pixel.
_UNIT_SIDE_PX = 360

#: Fractional bits of OpenCV's fixed-point coordinates: joints move by less than a pixel between
#: frames, and would tremble if rounded to whole ones.
SHIFT = 4


@dataclass(frozen=True)
class Pen:
    """The sizes of what is drawn on pictures of one size.

    Attributes:
        width_px: width of the picture.
        height_px: height of the picture.
        unit_px: length of a unit, in which lines are measured.
        capital_px: height of a capital of the usual text.
    """

    width_px: int
    height_px: int
    unit_px: float
    capital_px: int

    @classmethod
    def of(cls, width_px: int, height_px: int) -> "Pen":
        """The pen for pictures of a size in pixels."""
        shorter_px = min(width_px, height_px)
        return cls(
            width_px,
            height_px,
            max(0.5, shorter_px / _UNIT_SIDE_PX),
            max(MIN_CAPITAL_PX, round(shorter_px * _CAPITAL_FRACTION)),
        )

    @property
    def line_px(self) -> int:
        """Width of a limb."""
        return max(2, round(2.5 * self.unit_px))

    def to_fixed(self, points_px: ArrayLike) -> NDArray[np.int32]:
        """Points (…, 2) in OpenCV's fixed-point coordinates.

        Points far outside the picture are moved closer, as they would overflow.
        """
        limit_px = 4 * max(self.width_px, self.height_px)
        clipped = np.clip(np.asarray(points_px, np.float64), -limit_px, limit_px)
        fixed: NDArray[np.int32] = np.round(clipped * 2**SHIFT).astype(np.int32)
        return fixed

    def to_fixed_point(self, point_px: ArrayLike) -> tuple[int, int]:
        """One point (2,) in OpenCV's fixed-point coordinates."""
        x, y = self.to_fixed(point_px)
        return int(x), int(y)


def colour_of(rep: Rep | None) -> Colour:
    """The colour of a repetition's scores: green and red only where it is called good or poor.

    A repetition with a fault is not called good, whatever its score.
    """
    if rep is None or rep.verdict is Verdict.GOOD and rep.faults:
        return TEXT
    return _VERDICTS.get(rep.verdict, TEXT)


def find_rep(reps: Sequence[Rep], time_s: float) -> Rep | None:
    """The repetition at a time; None before, between and after them."""
    return next((rep for rep in reps if _is_within(rep, time_s)), None)


def _is_within(rep: Rep, time_s: float) -> bool:
    start_s = rep.start_s if np.isfinite(rep.start_s) else -np.inf
    end_s = rep.end_s if np.isfinite(rep.end_s) else np.inf
    return bool(start_s <= time_s <= end_s)


def shade(region: Image) -> None:
    """Darken a part of a picture, in place."""
    if region.size:
        cv2.convertScaleAbs(region, dst=region, alpha=_SHADED_BRIGHTNESS)
