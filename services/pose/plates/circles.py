"""Likely centres of circles in a view, by a Hough transform. Pure.

Duda & Hart 1972; each edge pixel votes along its gradient, as in Kimme et al. 1975.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from services.pose.plates.window import I16, MAX_RADIUS, MIN_RADIUS, TRUNK_LENGTH_PX, View
from shared.data.skeleton import F32

#: Hysteresis thresholds of the edges that vote (Canny 1986), in units of a Sobel filter, which
#: counts a step of one grey level (0..255) four times. Chosen: low, because black plates in dark
#: gyms differ from the background by about ten grey levels.
_STRONG_EDGE, _WEAK_EDGE = 60.0, 25.0

#: Maximum edge pixels that vote, evenly through the view. Chosen: it bounds the time; a usual
#: plate's rim has 175 px, of which a quarter still stands out.
_MAX_EDGES = 3000

#: Cell size of the accumulator, in px of the window, and number of its radii. Chosen: finer ones
#: scatter the votes of a rim that is no exact circle, and cost time; the radii are 12 % apart, and
#: the votes of the largest then miss the centre by 3 px, a cell and a half.
_CELL_PX, _RADII_COUNT = 2, 16

#: Centres kept per view, minimum score as a fraction of the best one's, and cells around a kept
#: centre in which no other one is kept. Chosen: enough for the plates of a bar and of a rack; a
#: plate half hidden gets about half of the votes; closer centres lead to the same rim.
_MAX_CENTRES, _MIN_RELATIVE_SCORE, _APART_CELLS = 14, 0.3, 2

#: Radii of the accumulator, in px of the window, each larger than the one before by one factor.
#: Derived from their range and number.
_RADII = np.geomspace(
    TRUNK_LENGTH_PX * MIN_RADIUS, TRUNK_LENGTH_PX * MAX_RADIUS, _RADII_COUNT, dtype=np.float32
)


def find_centres(view: View) -> F32:
    """Likely centres of circles, float32 (n, 2), in px of the window, most likely first."""
    gx, gy = view.gradient
    edges = cv2.Canny(gx, gy, _WEAK_EDGE, _STRONG_EDGE, L2gradient=True)
    y, x = np.nonzero(edges)
    if not len(x):
        return np.zeros((0, 2), np.float32)
    every = -(-len(x) // _MAX_EDGES)
    scores = _normalised(_votes(gx, gy, y[::every], x[::every]))
    best = scores.max(0)
    side = 2 * _APART_CELLS + 1
    is_peak = best >= cv2.dilate(best, np.ones((side, side), np.uint8))
    rows, columns = np.nonzero(is_peak & (best > _MIN_RELATIVE_SCORE * best.max()))
    order = np.argsort(-best[rows, columns], kind="stable")[:_MAX_CENTRES]
    rows, columns = rows[order], columns[order]
    return (np.stack([columns, rows], axis=1) * _CELL_PX).astype(np.float32)


def _votes(gx: I16, gy: I16, y: NDArray[np.int64], x: NDArray[np.int64]) -> F32:
    """Votes of edge pixels (n,) for circles, (radii, rows, columns).

    Each pixel votes for the two centres of each radius that lie along its gradient.
    """
    direction = np.stack([gx[y, x], gy[y, x]]).astype(np.float32)
    direction /= np.linalg.norm(direction, axis=0) * _CELL_PX
    signed = np.concatenate([_RADII, -_RADII])[:, None]
    height, width = (side // _CELL_PX + 1 for side in gx.shape)
    at_x, at_y = (one.astype(np.float32) / _CELL_PX + np.float32(0.5) for one in (x, y))
    cx = (at_x + signed * direction[0]).astype(np.int32)
    cy = (at_y + signed * direction[1]).astype(np.int32)
    inside = (cx > 0) & (cx < width) & (cy > 0) & (cy < height)
    radius_index = np.tile(np.arange(len(_RADII), dtype=np.int32), 2)[:, None]
    cells = ((radius_index * height + cy) * width + cx)[inside]
    votes = np.bincount(cells, minlength=height * width * len(_RADII)).astype(np.float32)
    return votes.reshape(len(_RADII), height, width)


def _normalised(votes: F32) -> F32:
    """Votes smoothed over neighbouring cells and radii, comparable between radii.

    Chance votes grow with the circumference; dividing by √r normalises their standard deviation.
    """
    smooth = np.stack([cv2.blur(layer, (3, 3)) for layer in votes])
    scores = np.zeros_like(smooth)
    scores[1:-1] = smooth[:-2] + smooth[1:-1] + smooth[2:]
    return np.asarray(scores / np.sqrt(_RADII)[:, None, None], np.float32)
