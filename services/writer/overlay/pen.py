"""What everything drawn on a frame has in common: sizes and colours. Pure."""

from dataclasses import dataclass

import cv2
import numpy as np

from services.writer.overlay.text import Colour, Image

TEXT: Colour = (245, 245, 245)
FAINT: Colour = (190, 190, 190)
DARK: Colour = (20, 20, 20)

#: Phase → its colour, BGR: of its word, its stretch of the strip, its stretch of the report's
#: curve. Blue, green and orange are told apart by most colour-blind people by their brightness.
PHASES: dict[str, Colour] = {
    "setup": (200, 170, 200),
    "pull": (245, 175, 85),
    "lockout": (120, 215, 120),
    "lower": (80, 165, 250),
    "rest": (165, 165, 165),
}

#: Share of the picture's brightness that is left behind text and curve.
_SHADE = 0.22

#: Lowest capital that can be read, pixels, and a capital as a share of the picture's shorter side.
LEAST_CAPITAL_PX, _CAPITAL = 9, 1 / 36


@dataclass(frozen=True)
class Pen:
    """The sizes of what is drawn on pictures of one size.

    unit: about a pixel in a picture whose shorter side is 360. capital_px: height of a capital of
    the usual text.
    """

    width: int
    height: int
    unit: float
    capital_px: int

    @classmethod
    def of(cls, width: int, height: int) -> "Pen":
        """The pen for pictures of a size in pixels."""
        shorter = min(width, height)
        return cls(
            width,
            height,
            max(0.5, shorter / 360),
            max(LEAST_CAPITAL_PX, round(shorter * _CAPITAL)),
        )

    @property
    def line(self) -> int:
        """Width of a limb."""
        return max(2, round(2.5 * self.unit))


def colour_of(score: float) -> Colour:
    """Red at 0 through yellow at 0.5 to green at 1; grey where there is none."""
    if not np.isfinite(score):
        return FAINT
    return (60, round(70 + 160 * min(1.0, 2 * score)), round(70 + 170 * min(1.0, 2 - 2 * score)))


def shade(region: Image) -> None:
    """Darken a part of a picture, in place."""
    if region.size:
        cv2.convertScaleAbs(region, dst=region, alpha=_SHADE)
