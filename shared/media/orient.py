"""Turns and mirrors pictures as their display matrix says."""

from typing import Any

import cv2
import numpy as np
from av.sidedata.sidedata import SideDataContainer

from shared.media.frames import Image

#: OpenCV's turns, by the number of quarter turns to the left. (numpy's `rot90` gives the same, but
#: its copy takes six times as long.)
_TURNS = {1: cv2.ROTATE_90_COUNTERCLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_CLOCKWISE}

#: Name of the display matrix among a frame's side data, and its size: 3 × 3 numbers of 32 bits.
_MATRIX, _MATRIX_BYTES = "DISPLAYMATRIX", 36


def orientation_of(frame: Any) -> tuple[int, bool] | None:
    """How a decoded frame says that it has to be turned to stand upright.

    A matrix that turns by something else than quarter turns is taken as the nearest.

    Returns:
        Quarter turns to the left, and whether the picture is mirrored left to right before. None
        where the frame says nothing.
    """
    try:
        # Not `frame.side_data`: the frame keeps that, and it the frame, so that the pictures of
        # hundreds of frames wait for Python's collector of cycles.
        container: Any = SideDataContainer
        data = bytes(container(frame)[_MATRIX])
    except KeyError:
        return None
    except ValueError:  # other side data is of a kind that this PyAV does not know
        return round(frame.rotation / 90) % 4, False
    if len(data) < _MATRIX_BYTES:
        return None
    (a, b, _), (c, d, _), _ = np.frombuffer(data, np.int32, 9).reshape(3, 3).astype(float)
    is_mirrored = a * d - b * c < 0
    if is_mirrored:
        a, b = -a, -b  # what mirroring does to the picture's x
    return round(np.degrees(np.arctan2(-b, a)) / 90) % 4, is_mirrored


def upright(image: Image, quarter_turns: int, is_mirrored: bool) -> Image:
    """Mirror a picture left to right if asked, then turn it to the left.

    Args:
        image: BGR uint8 (height, width, 3).
        quarter_turns: quarter turns to the left, 0 to 3.
        is_mirrored: whether to mirror it first.
    """
    turned: Any = cv2.flip(image, 1) if is_mirrored else image
    if quarter_turns:
        turned = cv2.rotate(turned, _TURNS[quarter_turns])
    return np.ascontiguousarray(turned, np.uint8)
