"""How plates move between two views, by optical flow. Pure.

Pyramidal Lucas–Kanade (Bouguet 2001) on points of the plate's face, of which most must agree.
"""

import cv2
import numpy as np

from services.pose.plates.window import View
from shared.data.skeleton import F32

#: Radii of the two rings of points that are followed on a plate, in radii of the plate, and number
#: of pairs of opposite points on each ring. Chosen: hubs, letters and rims lie on and between the
#: rings, hands and shins hide few of the points, and each point costs time. A plate's
#: turning moves opposite points by the same distance in opposite directions, so the mean of a pair
#: is the motion of the plate's centre.
_RINGS, _PAIRS = (0.45, 0.9), 4

#: Window of the flow around a point, in px, and levels of its pyramid above the first. Chosen:
#: half a plate's radius; with two levels, the error of an expected place may be as large.
_WINDOW_PX, _LEVELS = (13, 13), 2

#: Maximum distance of a pair's motion from the plate's, in px of the window. Chosen: the error of
#: the flow of blurred points.
_MAX_APART_PX = 1.0

#: Iterations of the flow, and its precision in px. Chosen: a tenth of the jitter of a traced rim.
_STOP = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 0.03)

#: Places of the points, in radii. Derived from the rings and the number of pairs.
_ANGLES = np.arange(2 * _PAIRS, dtype=np.float32) * (np.pi / _PAIRS)
_POINTS = np.concatenate(
    [
        radius * np.stack([np.cos(_ANGLES + turn), np.sin(_ANGLES + turn)], axis=1)
        for radius, turn in zip(_RINGS, (0.0, np.pi / (2 * _PAIRS)), strict=True)
    ]
).astype(np.float32)


def plate_motion(before: View, after: View, ellipses: F32, expected: F32) -> tuple[F32, F32]:
    """How plates have moved from one view to another.

    Args:
        before: the view in which they are known.
        after: the other view.
        ellipses: float32 (n, 4 or more): centre x and y, half width and half height.
        expected: float32 (n, 2), where their centres are expected in the other view.

    Returns:
        The median motion of each plate's pairs of points, float32 (n, 2), in px of the window; and
        the fraction of the pairs that agree with it, float32 (n,).
    """
    points = ellipses[:, None, :2] + ellipses[:, None, 2:4] * _POINTS
    guess = points + (expected - ellipses[:, :2])[:, None]
    there, is_found, _ = cv2.calcOpticalFlowPyrLK(
        before.grey, after.grey,
        points.reshape(-1, 1, 2).astype(np.float32), guess.reshape(-1, 1, 2).astype(np.float32),
        winSize=_WINDOW_PX, maxLevel=_LEVELS, criteria=_STOP, flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
    )  # fmt: skip
    moved = np.asarray(there, np.float32).reshape(points.shape) - points
    pairs = moved.reshape(len(ellipses), len(_RINGS), 2, _PAIRS, 2).mean(2)
    pairs = pairs.reshape(len(ellipses), -1, 2)
    found = np.asarray(is_found).reshape(len(ellipses), len(_RINGS), 2, _PAIRS).all(2)
    motion = np.median(pairs, axis=1).astype(np.float32)
    agree = np.abs(pairs - motion[:, None]).max(-1) < _MAX_APART_PX
    return motion, (agree & found.reshape(agree.shape)).mean(1).astype(np.float32)
