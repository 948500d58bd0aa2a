"""Where known rims lie in a view, and whether it still looks like the same plates there. Pure."""

import cv2
import numpy as np

from services.pose.plates.rims import (
    MIN_INSIDE_FRACTION,
    UNIT,
    inside_fraction,
    rim_gradients,
)
from services.pose.plates.window import View
from shared.data.skeleton import F32

#: Reach of the search around an expected centre, in px of the window. Chosen: flow and velocity
#: predict a centre to 2 px, and the other plate of the bar is further away.
_REACH_PX = 3

#: Gradient that counts fully, in units of a Sobel filter (4 per grey level). Chosen: twenty grey
#: levels; a brighter edge is not more of a rim, and must not outweigh the others.
_FULL_GRADIENT = 80.0

#: Cost of a pixel away from the expected centre, in fractions of the rim. Chosen: it decides only
#: where the rim does not, as along a blurred one.
_COST_PER_PX = 0.005

#: Side of the square of samples of a plate's face. Chosen: one sample per 3 px at usual radii.
_FACE = 16

#: Shifts of the search, in px of the window, and their costs. Derived from the reach.
_STEPS = np.arange(-_REACH_PX, _REACH_PX + 1, dtype=np.float32)
_SHIFT_Y, _SHIFT_X = (shift.ravel() for shift in np.meshgrid(_STEPS, _STEPS, indexing="ij"))
_COSTS = _COST_PER_PX * np.hypot(_SHIFT_X, _SHIFT_Y).astype(np.float32)

#: Places of the samples of a face, in radii. Derived: an even grid, without what is near the rim.
_GRID = np.linspace(-0.85, 0.85, _FACE, dtype=np.float32)
_FACE_Y, _FACE_X = (one.ravel() for one in np.meshgrid(_GRID, _GRID, indexing="ij"))
_INSIDE = np.hypot(_FACE_X, _FACE_Y) < 0.9
_FACE_X, _FACE_Y = _FACE_X[_INSIDE], _FACE_Y[_INSIDE]


def align_rims(view: View, ellipses: F32) -> tuple[F32, F32]:
    """Find rims of known size near their expected centres.

    Args:
        view: the frame.
        ellipses: float32 (n, 4): expected centre x and y, half width and half height.

    Returns:
        The centres, float32 (n, 2), to a fraction of a pixel; and the visible fraction of each rim
        inside the picture, float32 (n,).
    """
    x, y, half_width, half_height = (ellipses[:, n, None, None] for n in range(4))
    at_x = x + half_width * UNIT[:, :1] + _SHIFT_X
    at_y = y + half_height * UNIT[:, 1:] + _SHIFT_Y
    gradients = rim_gradients(view, at_x, at_y)
    scores = np.minimum(gradients, _FULL_GRADIENT).mean(1) / _FULL_GRADIENT - _COSTS
    best = scores.argmax(1)
    own = np.arange(len(ellipses))
    inside = np.maximum(inside_fraction(view, ellipses), MIN_INSIDE_FRACTION)
    fraction = (gradients[own, :, best] > 0).mean(1).astype(np.float32) / inside
    fraction = np.minimum(fraction, np.float32(1))
    table = scores.reshape(len(ellipses), len(_STEPS), len(_STEPS))
    row, column = np.divmod(best, len(_STEPS))
    shift = np.stack(
        [
            _STEPS[column] + _peak(table[own, row], column),
            _STEPS[row] + _peak(table[own, :, column], row),
        ],
        axis=1,
    )
    return (ellipses[:, :2] + shift).astype(np.float32), fraction


def faces(view: View, ellipses: F32) -> F32:
    """What plates look like: grey levels inside them, (n, samples), of zero mean and unit length.

    A face without any contrast is 0 everywhere.
    """
    at_x = (ellipses[:, :1] + ellipses[:, 2:3] * _FACE_X).astype(np.float32)
    at_y = (ellipses[:, 1:2] + ellipses[:, 3:4] * _FACE_Y).astype(np.float32)
    grey = cv2.remap(view.grey, at_x, at_y, cv2.INTER_LINEAR).astype(np.float32)
    grey = grey.reshape(len(ellipses), -1)
    grey -= grey.mean(1, keepdims=True)
    length = np.sqrt((grey**2).sum(1, keepdims=True))
    return np.asarray(grey / np.maximum(length, 1e-3), np.float32)


def _peak(scores: F32, at: np.ndarray) -> F32:
    """Offset of the parabola's peak through the best of scores (n, k) and its neighbours, (n,)."""
    last = scores.shape[1] - 1
    own = np.arange(len(scores))
    before, after = scores[own, np.maximum(at - 1, 0)], scores[own, np.minimum(at + 1, last)]
    bend = before - 2 * scores[own, at] + after
    is_inside = (at > 0) & (at < last) & (bend < 0)
    offset = (before - after) / np.where(is_inside, 2 * bend, 1.0)
    return np.where(is_inside, np.clip(offset, -0.5, 0.5), 0.0).astype(np.float32)
