"""Draws text on frames, readable on any background. Pure.

Each text is rendered once, as a mask, and cached: the same few texts appear on thousands of frames.
The letters are Pillow's own font, which is smooth at every size; OpenCV's fonts differ between
versions.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

#: A frame, uint8 (height, width, 3) in BGR; or a mask, uint8 (height, width).
Image = NDArray[np.uint8]

#: Blue, green, red, 0..255.
Colour = tuple[int, int, int]

#: Texts in the cache: a score has 101 values, an angle 180.
_CACHED_TEXTS = 1024

#: Room above and below the letters, in capital heights (for accents and descenders).
_ABOVE, _BELOW = 0.3, 0.4

#: Added stroke width, in capital heights. Chosen: thin strokes are lost on film.
_STROKE = 1 / 24

#: Width of the dark rim, in capital heights.
_RIM_WIDTH = 0.2
_RIM: Colour = (15, 15, 15)


def width_of(text: str, capital_px: int) -> int:
    """Width of a text in pixels, for capitals of this height."""
    return int(_render_mask(text, capital_px).shape[1])


def write(
    image: Image, text: str, at: tuple[int, int], capital_px: int, colour: Colour, rim: bool = False
) -> None:
    """Write on an image in place; what lies outside the image is cut off.

    Args:
        image: uint8 (height, width, 3), BGR.
        text: what to write; characters that the font lacks become "?".
        at: left end of the base line, x and y in pixels.
        capital_px: height of a capital letter.
        colour: BGR.
        rim: whether to draw a dark rim, for text directly on the film.
    """
    mask = _render_mask(text, capital_px)
    left, top = at[0], at[1] - round((1 + _ABOVE) * capital_px)
    if rim:
        rim_mask = _render_rim_mask(text, capital_px)
        grown = (rim_mask.shape[0] - mask.shape[0]) // 2
        _blend(image, rim_mask, (left - grown, top - grown), _RIM)
    _blend(image, mask, (left, top), colour)


def fit_text(text: str, capital_px: int, width_px: int, min_capital_px: int) -> tuple[str, int]:
    """Fit a text into a width: reduce its size first, then shorten it.

    Returns:
        The text, shortened where needed, and the height of its capitals in pixels.
    """
    needed = width_of(text, capital_px)
    if needed > width_px:
        capital_px = max(min(capital_px, min_capital_px), capital_px * width_px // needed)
    shortened = text
    while len(shortened) > 1 and width_of(shortened, capital_px) > width_px:
        text = text[:-1]
        shortened = text.rstrip(" :,") + ".."
    return shortened, capital_px


@lru_cache(_CACHED_TEXTS)
def _render_mask(text: str, capital_px: int) -> Image:
    """Coverage of each pixel by a text, 0..255: uint8 (height, width)."""
    text = "".join(c if c.isascii() or c == "°" else "?" for c in text.replace("–", "-"))
    font = _load_font(capital_px)
    height = round((1 + _ABOVE + _BELOW) * capital_px)
    mask = PillowImage.new("L", (round(font.getlength(text)) + 2 * capital_px, height))
    ImageDraw.Draw(mask).text(
        (capital_px // 2, round((1 + _ABOVE) * capital_px) - round(_STROKE * capital_px)),
        text,
        fill=255,
        font=font,
        anchor="ls",  # left end of the base line
        stroke_width=_STROKE * capital_px,
    )
    pixels = np.array(mask)
    inked = np.flatnonzero(pixels.any(0))
    left, right = (int(inked[0]), int(inked[-1]) + 1) if inked.size else (0, capital_px // 2)
    return np.ascontiguousarray(pixels[:, left:right])


@lru_cache(_CACHED_TEXTS)
def _render_rim_mask(text: str, capital_px: int) -> Image:
    """A text's mask, grown on all sides by the width of the rim."""
    grown = max(2, round(_RIM_WIDTH * capital_px))
    mask = cv2.copyMakeBorder(
        _render_mask(text, capital_px), grown, grown, grown, grown, cv2.BORDER_CONSTANT, value=0
    )
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grown + 1, 2 * grown + 1))
    return np.asarray(cv2.dilate(mask, kernel), np.uint8)


@lru_cache(_CACHED_TEXTS)
def _load_font(capital_px: int) -> ImageFont.FreeTypeFont:
    """Pillow's own font with capitals of this height, the added stroke included."""
    _, top, _, _ = _load_sized_font(100.0).getbbox("H", anchor="ls")
    return _load_sized_font(100.0 * (1 - 2 * _STROKE) * capital_px / -top)


def _load_sized_font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)  # it is, wherever a size is given
    return font


def _blend(image: Image, mask: Image, at: tuple[int, int], colour: Colour) -> None:
    """Blend a colour into an image where the mask covers it; `at` is the mask's top left corner."""
    height, width = image.shape[:2]
    left, top = max(0, at[0]), max(0, at[1])
    right, bottom = min(width, at[0] + mask.shape[1]), min(height, at[1] + mask.shape[0])
    if right <= left or bottom <= top:
        return
    cover = mask[top - at[1] : bottom - at[1], left - at[0] : right - at[0]]
    part = image[top:bottom, left:right]
    # Both weights together are 255: 16 bits hold the sum.
    blended: NDArray[np.uint16] = np.asarray(cv2.merge([cover * np.uint16(c) for c in colour]))
    blended += np.multiply(part, 255 - cv2.merge([cover] * 3), dtype=np.uint16)
    blended //= 255
    part[:] = blended
