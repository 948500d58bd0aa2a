"""Writes pictures and animated pictures with Pillow."""

from pathlib import Path

import numpy as np
from PIL import Image

from corpus import pattern

#: EXIF orientation (tag 274 of TIFF 6.0) → the display matrix of the same effect.
EXIF = {
    1: "upright",
    2: "mirrored",
    3: "turned 180",
    4: "upside down",
    5: "transposed",
    6: "turned 90 clockwise",
    7: "transposed, turned 180",
    8: "turned 270 clockwise",
}

_ORIENTATION_TAG = 274


def write_picture(path: Path, number: int, orientation: int = 1) -> Path:
    """Write a picture of the scene, stored so that its EXIF orientation shows it upright."""
    matrix = pattern.MATRICES[EXIF[orientation]]
    image = as_pillow(pattern.turn(pattern.scene(number), pattern.inverse(matrix)))
    if path.suffix == ".tiff":
        image.save(path, tiffinfo={_ORIENTATION_TAG: orientation})
        return path
    exif = Image.Exif()
    exif[_ORIENTATION_TAG] = orientation
    options = {".jpg": {"quality": 95}, ".webp": {"lossless": True}}.get(path.suffix, {})
    image.save(path, exif=exif, **options)
    return path


def write_animation(path: Path, numbers: range, duration_ms: int = 100) -> Path:
    """Write an animated PNG, WebP or GIF of these frame numbers."""
    first, *rest = (as_pillow(pattern.scene(number)) for number in numbers)
    options = {"lossless": True} if path.suffix == ".webp" else {}
    first.save(path, save_all=True, append_images=rest, duration=duration_ms, loop=0, **options)
    return path


def as_pillow(image: np.ndarray) -> Image.Image:
    """A BGR picture as Pillow's."""
    return Image.fromarray(np.ascontiguousarray(image[:, :, ::-1]))
