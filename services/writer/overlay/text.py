"""Draws text on frames: as large as asked, within the picture, readable on any ground. Pure.

A text is drawn once, as a mask, and kept: the same few stand on thousands of frames. The letters
are Pillow's, whose own font is smooth at every size; OpenCV's differ from version to version.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

#: Texts that are kept. A score has 101 of them, an angle 180.
_KEPT = 1024

#: Room above and below the line, in heights of a capital: accents and descenders.
_ABOVE, _BELOW = 0.3, 0.4

#: By how much strokes are thickened, in heights of a capital: thin text is lost on film.
_BOLDER = 1 / 24

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
    text = "".join(c if c.isascii() or c == "°" else "?" for c in text.replace("–", "-"))
    font = _font(capital_px)
    height = round((1 + _ABOVE + _BELOW) * capital_px)
    mask = Picture.new("L", (round(font.getlength(text)) + 2 * capital_px, height))
    ImageDraw.Draw(mask).text(
        (capital_px // 2, round((1 + _ABOVE) * capital_px) - round(_BOLDER * capital_px)),
        text,
        fill=255,
        font=font,
        anchor="ls",  # left end of the base line
        stroke_width=_BOLDER * capital_px,
    )
    pixels = np.array(mask)
    inked = np.flatnonzero(pixels.any(0))
    left, right = (int(inked[0]), int(inked[-1]) + 1) if inked.size else (0, capital_px // 2)
    return np.ascontiguousarray(pixels[:, left:right])


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
def _font(capital_px: int) -> ImageFont.FreeTypeFont:
    """Pillow's own font with capitals of a height, of which the thicker stroke is a part."""
    large = _sized(100.0)
    _, top, _, _ = large.getbbox("H", anchor="ls")
    return _sized(100.0 * (1 - 2 * _BOLDER) * capital_px / -top)


def _sized(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)  # it is, wherever a size is given
    return font


def _blend(image: Image, mask: Image, at: tuple[int, int], colour: Colour) -> None:
    height, width = image.shape[:2]
    left, top = max(0, at[0]), max(0, at[1])
    right, bottom = min(width, at[0] + mask.shape[1]), min(height, at[1] + mask.shape[0])
    if right <= left or bottom <= top:
        return
    cover = mask[top - at[1] : bottom - at[1], left - at[0] : right - at[0], None].astype(np.int32)
    part = image[top:bottom, left:right]
    part[:] = part + (np.array(colour, np.int32) - part) * cover // 255
