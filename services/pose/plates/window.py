"""The search window around a person's hands, in which plates are circles. Pure."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.data.messages import Person
from shared.data.skeleton import F32, L_WRIST, R_WRIST, trunk_length_px

#: Scale of the window: length of a trunk in it, in px. Chosen: a usual plate's radius is 28 px
#: then, enough to trace its rim.
TRUNK_LENGTH_PX = 64.0

#: Range of plate radii, in trunk lengths. Chosen: 450 mm plates have 0.43 at a trunk of 0.52 m, and
#: a trunk that leans towards the camera appears shorter. Measured on 21 real clips: tracked plates
#: have 0.17 to 0.57 (median 0.38), so the lower limit cuts off the smallest iron plates, which have
#: 0.15.
MIN_RADIUS, MAX_RADIUS = 0.17, 0.62

#: Reach of the window from the middle of the hands, in trunk lengths. Chosen: in an oblique view a
#: plate's centre is at most 0.9 away, and its rim 0.45 further; the far rims of tracked plates are
#: 0.76 to 1.33 away (21 real clips), so a few are cut off.
_REACH = 1.3

#: Turn of the body from side-on above which no plates are searched for, in degrees. Chosen: they
#: are seen nearly edge-on.
_MAX_TURN_DEG = 60.0

#: Minimum side of a window that is searched, in px. Chosen: fewer show no rim.
_MIN_SIDE_PX = 8


@dataclass(frozen=True, eq=False)
class Window:
    """Gradient of the image around the hands, stretched so that plates are circles.

    Args:
        gx: horizontal gradient, float32 (height, width).
        gy: vertical gradient, float32 (height, width).
        corner_px: top left corner in the image, float32 (2,).
        scale: pixels of the window per pixel of the image, horizontal and vertical, float32 (2,).
    """

    gx: F32
    gy: F32
    corner_px: F32
    scale: F32


def trunk_size_px(person: Person) -> float:
    """Length of a person's trunk, in px; 0 if it is unknown."""
    length = float(trunk_length_px(person.xy_px))
    return length if np.isfinite(length) else 0.0


def make_window(image: NDArray[np.uint8], person: Person) -> Window | None:
    """Cut out a person's search window; None if no hand is seen or plates are seen edge-on.

    Args:
        image: BGR (height, width, 3).
        person: in pixels of the image.
    """
    length = trunk_size_px(person)
    wrists = person.xy_px[[L_WRIST, R_WRIST]]
    wrists = wrists[np.isfinite(wrists).all(-1)]
    turn_deg = person.turn_deg if np.isfinite(person.turn_deg) else 0.0
    if length < 1 or not len(wrists) or turn_deg > _MAX_TURN_DEG:
        return None
    low = np.maximum(np.floor(wrists.mean(0) - _REACH * length), 0).astype(int)
    high = np.ceil(wrists.mean(0) + _REACH * length).astype(int)
    part = image[low[1] : high[1], low[0] : high[0]]
    if min(part.shape[:2]) < _MIN_SIDE_PX:
        return None
    scale = TRUNK_LENGTH_PX / length
    size = round(part.shape[1] * scale / np.cos(np.radians(turn_deg))), round(part.shape[0] * scale)
    if min(size) < _MIN_SIDE_PX:
        return None
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    resized = cv2.resize(part, size, interpolation=interpolation)
    smooth = cv2.GaussianBlur(cv2.cvtColor(resized, cv2.COLOR_BGR2GRAY), (3, 3), 0)
    gx, gy = (
        cv2.Sobel(smooth, cv2.CV_32F, *order).astype(np.float32) for order in ((1, 0), (0, 1))
    )
    exact_scale = np.array(size, np.float32) / part.shape[1::-1]
    return Window(gx, gy, low.astype(np.float32), exact_scale.astype(np.float32))
