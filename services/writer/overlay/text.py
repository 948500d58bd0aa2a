"""Draws text on frames: as large as asked, within the picture, readable on any ground. Pure.

A text is drawn once, as a mask, and kept: the same few stand on thousands of frames. The font is
whatever this OpenCV has, so that its size is measured and not known.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

#: Texts that are kept. A score has 101 of them, an angle 180.
_KEPT = 1024

_FONT = cv2.FONT_HERSHEY_SIMPLEX

#: Room above and below the line, in heights of a capital: accents and descenders.
_ABOVE, _BELOW = 0.3, 0.4

#: Width of a stroke in heights of a capital. Bold, for thin text is lost on film.
_STROKE = 1 / 8

_RIM: Colour = (15, 15, 15)


def width_of(text: str, capital_px: int) -> int:
    """Width of a text in pixels."""
    return int(_mask(text, capital_px).shape[1])


def write(
    image: Image, text: str, at: tuple[int, int], capital_px: int, colour: Colour, rim: bool = False
) -> None:
    """Write in place; what does not fit into the picture is cut off.

    Args:
        image: uint8 (height, width, 3).
        text: what to write; characters that the font has not become "?".
        at: left end of the base line.
        capital_px: height of a capital.
        colour: BGR.
        rim: with a dark rim, for text that stands on the film itself.
    """
    mask = _mask(text, capital_px)
    left, top = at[0], at[1] - round((1 + _ABOVE) * capital_px)
    if rim:
        wide = _rimmed(text, capital_px)
        grown = (wide.shape[0] - mask.shape[0]) // 2
        _blend(image, wide, (left - grown, top - grown), _RIM)
    _blend(image, mask, (left, top), colour)


def fitted(text: str, capital_px: int, width_px: int, least_px: int) -> tuple[str, int]:
    """A text and its size so that it fits into a width: smaller at first, then shortened."""
    needed = width_of(text, capital_px)
    if needed > width_px:
        capital_px = max(min(capital_px, least_px), capital_px * width_px // needed)
    shortened = text
    while len(shortened) > 1 and width_of(shortened, capital_px) > width_px:
        text = text[:-1]
        shortened = text.rstrip(" :,") + ".."
    return shortened, capital_px


@lru_cache(_KEPT)
def _mask(text: str, capital_px: int) -> Image:
    """How much of each pixel a text covers, 0..255, (height, width)."""
    text, degrees = (text[:-1], True) if text.endswith("°") else (text, False)
    text = text.replace("–", "-").replace("°", " deg").encode("ascii", "replace").decode()
    stroke = max(2, round(_STROKE * capital_px))
    scale, sunk = _fit(capital_px, stroke)
    (wide, _), _ = cv2.getTextSize(text, _FONT, scale, stroke)
    ring = round(0.22 * capital_px)
    height = round((1 + _ABOVE + _BELOW) * capital_px)
    mask = np.zeros((height, wide + 4 * ring + 2 * capital_px), np.uint8)
    base = round((1 + _ABOVE) * capital_px) - sunk
    cv2.putText(mask, text, (capital_px // 2, base), _FONT, scale, 255, stroke, cv2.LINE_AA)
    inked = np.flatnonzero(mask.any(0))
    left, right = (int(inked[0]), int(inked[-1]) + 1) if inked.size else (0, capital_px // 2)
    if degrees:
        centre = (right + 2 * ring, base + sunk - capital_px + ring)
        cv2.circle(mask, centre, ring, 255, max(1, stroke // 2), cv2.LINE_AA)
        right += 4 * ring
    return np.ascontiguousarray(mask[:, left:right])


@lru_cache(_KEPT)
def _rimmed(text: str, capital_px: int) -> Image:
    """A text's mask grown on all sides."""
    grown = max(2, round(0.2 * capital_px))
    mask = cv2.copyMakeBorder(
        _mask(text, capital_px), grown, grown, grown, grown, cv2.BORDER_CONSTANT, value=0
    )
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grown + 1, 2 * grown + 1))
    return np.asarray(cv2.dilate(mask, kernel), np.uint8)


@lru_cache(_KEPT)
def _fit(capital_px: int, stroke: int) -> tuple[float, int]:
    """The font's scale for capitals of a height, and by how much they then sink below the line.

    OpenCV 4 draws its letters with a pen: half its width comes on top and half below. The letters
    of OpenCV 5 have no more height for being bold.
    """
    scale = capital_px / _capital_at(8.0, 2)[0] * 8.0
    over = _capital_at(scale, stroke)[0] - capital_px
    if over > 1:
        scale *= (capital_px - over) / capital_px
    return scale, max(0, _capital_at(scale, stroke)[1] - 1)


def _capital_at(scale: float, stroke: int) -> tuple[int, int]:
    """Height of a capital and its pixels from the base line down, as the font is drawn here."""
    mask = np.zeros((400, 400), np.uint8)
    cv2.putText(mask, "H", (50, 300), _FONT, scale, 255, stroke, cv2.LINE_AA)
    rows = np.flatnonzero(mask.max(1) > 127)
    return int(np.ptp(rows)) + 1, int(rows.max()) - 299


def _blend(image: Image, mask: Image, at: tuple[int, int], colour: Colour) -> None:
    height, width = image.shape[:2]
    left, top = max(0, at[0]), max(0, at[1])
    right, bottom = min(width, at[0] + mask.shape[1]), min(height, at[1] + mask.shape[0])
    if right <= left or bottom <= top:
        return
    cover = mask[top - at[1] : bottom - at[1], left - at[0] : right - at[0], None].astype(np.int32)
    part = image[top:bottom, left:right]
    part[:] = part + (np.array(colour, np.int32) - part) * cover // 255
