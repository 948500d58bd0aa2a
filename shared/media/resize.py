"""Changes the size of pictures."""

import cv2
import numpy as np

from shared.media.frames import Image, Pixels


def fit(image: Image, width_px: int, height_px: int) -> Image:
    """Fit a picture into a given size, with its aspect kept and black borders.

    Args:
        image: BGR uint8 (height, width, 3).
        width_px: width of the result.
        height_px: height of the result.

    Returns:
        BGR uint8 (height_px, width_px, 3); the picture itself if it has that size already.
    """
    height, width = image.shape[:2]
    if (width, height) == (width_px, height_px):
        return image
    scale = min(width_px / width, height_px / height)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, top = (width_px - inner[0]) // 2, (height_px - inner[1]) // 2
    fitted = np.zeros((height_px, width_px, 3), np.uint8)
    fitted[top : top + inner[1], left : left + inner[0]] = cv2.resize(
        image, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    return fitted


def shrink(image: Image, longer_side_px: int) -> Image:
    """Shrink a picture to the analysis size.

    A small picture is not enlarged: that adds bytes, but no detail.

    Args:
        image: BGR uint8 (height, width, 3).
        longer_side_px: maximum of the result's width and height.

    Returns:
        BGR uint8 (height, width, 3) of the new size.
    """
    size = shrunk_size_px(image.shape[1], image.shape[0], longer_side_px)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8, copy=False)


def shrunk_size_px(width_px: int, height_px: int, longer_side_px: int) -> tuple[int, int]:
    """Width and height of a picture that is shrunk to the analysis size; no side vanishes."""
    scale = min(1.0, longer_side_px / max(width_px, height_px))
    return max(1, round(width_px * scale)), max(1, round(height_px * scale))


class ReadyPixels(Pixels):
    """A picture that is there already.

    Args:
        image: BGR uint8 (height, width, 3).
    """

    def __init__(self, image: Image) -> None:
        self._image = image

    def full(self) -> Image:
        """The picture itself."""
        return self._image

    def shrunk(self, longer_side_px: int) -> Image:
        """The picture in the analysis size."""
        return shrink(self._image, longer_side_px)
