"""What everything drawn on a frame has in common: size, colours, text. Pure."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

TEXT: Colour = (245, 245, 245)
FAINT: Colour = (190, 190, 190)
ALERT: Colour = (60, 60, 235)

#: Share of the picture's brightness that is left behind text and curve.
_SHADE = 0.35

#: Width and height of the panel, in units of text.
PANEL = 132, 76

_FONT = cv2.FONT_HERSHEY_SIMPLEX

#: Height of a capital of OpenCV's font at scale 1, pixels.
_CAPITAL_PX = 22


@dataclass(frozen=True)
class Pen:
    """Draws at the scale of one picture.

    unit: about a pixel in a picture whose shorter side is 360. text_unit: the panel's; text is
    unreadable below 1, but the panel must fit into the picture.
    """

    width: int
    height: int
    unit: float
    text_unit: float

    @classmethod
    def of(cls, width: int, height: int) -> "Pen":
        """The pen for pictures of a size in pixels."""
        unit = max(0.5, min(width, height) / 360)
        text_unit = max(unit, min(1.0, width / PANEL[0], height / PANEL[1] / 2))
        return cls(width, height, unit, text_unit)

    @property
    def line(self) -> int:
        """Width of a limb."""
        return max(2, round(2.5 * self.unit))

    def write(
        self,
        image: Image,
        text: str,
        at: tuple[float, float],
        size: float,
        colour: Colour,
        weight: float = 1.0,
    ) -> None:
        """Write in the panel: place, size and weight in units of text."""
        origin = (round(at[0] * self.text_unit), round(at[1] * self.text_unit))
        weight_px = max(1, round(weight * self.text_unit))
        scale = size * self.text_unit
        cv2.putText(image, _plain(text), origin, _FONT, scale, colour, weight_px, cv2.LINE_AA)

    def label(self, image: Image, text: str, at: tuple[int, int], colour: Colour) -> None:
        """Write beside a point of the picture, with a dark rim; moved in where it would not fit."""
        scale, weight = 0.42 * self.text_unit, max(1, round(self.text_unit))
        (wide, high), _ = cv2.getTextSize(_plain(text), _FONT, scale, weight)
        x = int(np.clip(at[0], 2, max(2, self.width - wide - 2)))
        y = int(np.clip(at[1], high + 2, max(high + 2, self.height - 2)))
        for ink, thick in (
            ((20, 20, 20), weight + max(2, round(2 * self.text_unit))),
            (colour, weight),
        ):
            cv2.putText(image, _plain(text), (x, y), _FONT, scale, ink, thick, cv2.LINE_AA)

    def banner(self, image: Image, text: str, bottom: int) -> None:
        """Write a line across the picture, centred, on a shaded band that ends at `bottom`."""
        text = _plain(text)
        weight = max(1, round(1.4 * self.text_unit))
        (wide, _), _ = cv2.getTextSize(text, _FONT, 1.0, weight)
        scale = min(0.62 * self.text_unit, 0.94 * self.width / max(wide, 1))
        capital = _CAPITAL_PX * scale
        top = max(0, round(bottom - 2.1 * capital))
        shade(image[top:bottom])
        origin = (round((self.width - wide * scale) / 2), round(bottom - 0.55 * capital))
        cv2.putText(image, text, origin, _FONT, scale, ALERT, weight + 1, cv2.LINE_AA)
        cv2.putText(image, text, origin, _FONT, scale, TEXT, max(1, weight - 1), cv2.LINE_AA)


def colour_of(score: float) -> Colour:
    """Red at 0 through yellow at 0.5 to green at 1; grey where there is none."""
    if not np.isfinite(score):
        return FAINT
    return (60, round(70 + 160 * min(1.0, 2 * score)), round(70 + 170 * min(1.0, 2 - 2 * score)))


def shade(region: Image) -> None:
    """Darken a part of a picture, in place."""
    cv2.convertScaleAbs(region, dst=region, alpha=_SHADE)


def _plain(text: str) -> str:
    """The font knows ASCII alone."""
    return text.replace("°", " deg").replace("–", "-").encode("ascii", "replace").decode()
