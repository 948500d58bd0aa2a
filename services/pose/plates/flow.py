"""How plates move between two views, by optical flow. Pure.

Pyramidal Lucas–Kanade (Bouguet 2001) on points of the plate's face, of which most must agree.
"""

import cv2
import numpy as np

from services.pose.plates.window import View
from shared.data.skeleton import F32

#: Points of a plate that are followed: on two rings, as fractions of the radius, and the number on
#: each. Chosen: hubs, letters and rims are between and on them, hands and shins hide few of them,
#: and the time grows with their number.
_RINGS, _PER_RING = (0.45, 0.9), 6

#: Window of the flow around a point, in px, and levels of its pyramid above the first. Chosen:
#: half a plate's radius; with two levels a bar that moves at 2 m/s is followed at 30 frames per
#: second (9 px a frame).
_WINDOW_PX, _LEVELS = (13, 13), 2

#: Maximum distance of a point's motion from the plate's, in px of the window. Chosen: the error of
#: the flow of blurred points.
_MAX_APART_PX = 1.0

#: Iterations of the flow, and its precision in px. Chosen: rims are aligned afterwards.
_STOP = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 8, 0.05)

_ANGLES = np.arange(_PER_RING, dtype=np.float32) * (2 * np.pi / _PER_RING)
_POINTS = np.concatenate(
    [
        radius * np.stack([np.cos(_ANGLES + turn), np.sin(_ANGLES + turn)], axis=1)
        for radius, turn in zip(_RINGS, (0.0, np.pi / _PER_RING), strict=True)
    ]
).astype(np.float32)


def plate_motion(before: View, after: View, ellipses: F32) -> tuple[F32, F32]:
    """How plates move from one view to another.

    Args:
        before: the view in which they are known.
        after: the other view.
        ellipses: float32 (n, 4 or more): centre x and y, half width and half height.

    Returns:
        The median motion of each plate's points, float32 (n, 2), in px of the window; and the
        fraction of the points that agree with it, float32 (n,).
    """
    points = ellipses[:, None, :2] + ellipses[:, None, 2:4] * _POINTS
    there, is_found, _ = cv2.calcOpticalFlowPyrLK(
        before.grey, after.grey, points.reshape(-1, 1, 2).astype(np.float32), None,
        winSize=_WINDOW_PX, maxLevel=_LEVELS, criteria=_STOP,
    )  # fmt: skip
    moved = np.asarray(there, np.float32).reshape(points.shape) - points
    motion = np.median(moved, axis=1).astype(np.float32)
    agree = np.abs(moved - motion[:, None]).max(-1) < _MAX_APART_PX
    agree &= np.asarray(is_found).reshape(agree.shape) == 1
    return motion, agree.mean(1).astype(np.float32)
