"""Likely circles of a search window, by a Hough transform. Pure.

Duda & Hart 1972; each edge pixel votes along its gradient, as in Kimme et al. 1975.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from services.pose.plates.window import MAX_RADIUS, MIN_RADIUS, TRUNK_LENGTH_PX, Window
from shared.data.skeleton import F32

#: Centre x, centre y and radius of a circle, in px of the window.
Circle = tuple[float, float, float]

#: Hysteresis thresholds of the edges that vote (Canny 1986), in units of a Sobel filter, which
#: counts a step of one grey level (0..255) four times. Chosen: low, because black plates in dark
#: gyms differ from the background by about ten grey levels.
_STRONG_EDGE, _WEAK_EDGE = 60.0, 25.0

#: Cell size of the accumulator and step of its radii, in px of the window. Chosen: finer ones
#: scatter the votes of a rim that is no exact circle, and cost time.
_CELL_PX, _RADIUS_STEP_PX = 2, 1.5

#: Minimum score of a candidate, as a fraction of the best one's, and candidates examined. Chosen: a
#: plate half hidden gets about half of the votes; the number bounds the time.
_MIN_RELATIVE_SCORE, _MAX_CANDIDATES = 0.4, 400

#: Circles kept per window, and the difference of a circle from all better ones: of the centres in
#: px, or of the radii as a fraction. Chosen: enough for rims and hubs of a few plates; closer
#: circles lead to the same rim.
_MAX_CIRCLES, _MIN_CENTRE_DISTANCE_PX, _MIN_RADIUS_CHANGE = 8, 4.0, 0.1


def find_circles(window: Window) -> list[Circle]:
    """Likely circles of a window, most likely first."""
    edges = cv2.Canny(
        window.gx.astype(np.int16),
        window.gy.astype(np.int16),
        _WEAK_EDGE,
        _STRONG_EDGE,
        L2gradient=True,
    )
    y, x = np.nonzero(edges)
    if not len(x):
        return []
    smallest, largest = TRUNK_LENGTH_PX * np.array((MIN_RADIUS, MAX_RADIUS))
    radii = np.arange(smallest, largest, _RADIUS_STEP_PX, dtype=np.float32)
    scores = _normalised(_votes(window, x, y, radii), radii)
    candidates = np.flatnonzero(scores > _MIN_RELATIVE_SCORE * scores.max())
    candidates = candidates[np.argsort(-scores.ravel()[candidates])[:_MAX_CANDIDATES]]
    rows, columns, sizes = np.unravel_index(candidates, scores.shape)
    kept: list[Circle] = []
    for a, b, r in zip(columns * _CELL_PX, rows * _CELL_PX, radii[sizes], strict=True):
        if all(
            np.hypot(a - c, b - d) > _MIN_CENTRE_DISTANCE_PX or abs(r / q - 1) > _MIN_RADIUS_CHANGE
            for c, d, q in kept
        ):
            kept.append((float(a), float(b), float(r)))
        if len(kept) == _MAX_CIRCLES:
            break
    return kept


def _votes(window: Window, x: NDArray[np.int64], y: NDArray[np.int64], radii: F32) -> F32:
    """Votes of edge pixels (n,) for circles, (rows, columns, radii).

    Each pixel votes for the two centres of each radius that lie along its gradient.
    """
    direction = np.stack([window.gx[y, x], window.gy[y, x]])
    direction /= np.linalg.norm(direction, axis=0)
    distances = np.concatenate([radii, -radii])[:, None]
    height, width = (side // _CELL_PX + 1 for side in window.gx.shape)
    cx = np.rint((x + distances * direction[0]) / _CELL_PX).astype(np.int32)
    cy = np.rint((y + distances * direction[1]) / _CELL_PX).astype(np.int32)
    inside = (cx >= 0) & (cx < width) & (cy >= 0) & (cy < height)
    radius_index = np.tile(np.arange(len(radii), dtype=np.int32), 2)[:, None]
    cells = ((cy * width + cx) * len(radii) + radius_index)[inside]
    votes = np.bincount(cells, minlength=height * width * len(radii)).astype(np.float32)
    return votes.reshape(height, width, len(radii))


def _normalised(votes: F32, radii: F32) -> F32:
    """Votes smoothed over neighbouring cells and radii, comparable between radii.

    Chance votes grow with the circumference; dividing by √r normalises their standard deviation.
    """
    height, width, count = votes.shape
    scores = cv2.blur(votes.reshape(height, width * count), (1, 3))
    scores = cv2.blur(scores.reshape(height * width, count), (3, 1))
    scores = scores.reshape(height, width, count)
    scores[:, 1:-1] = (scores[:, :-2] + scores[:, 1:-1] + scores[:, 2:]) / np.sqrt(radii)
    scores[:, [0, -1]] = 0
    return np.asarray(scores, np.float32)
