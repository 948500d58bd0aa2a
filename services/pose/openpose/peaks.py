"""Peaks of heat maps with sub-cell accuracy. Pure.

OpenPose enlarges maps eightfold before it searches for peaks. Here a Gaussian is fitted through
each peak of the original maps: the networks are trained on Gaussians of about one cell's width (Cao
et al. 2017, section 2.2), so that this gives position and height at a hundredth of the work. The
heights are those that OpenPose's thresholds refer to.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.data.skeleton import F32

Ints = NDArray[np.int64]

#: Minimum height of a cell at a peak, as a fraction of the threshold for the fitted height.
#: Derived: between four cells, a Gaussian of 7/8 cell's width has 0.72 of its height.
_MIN_CELL_FRACTION = 0.7

#: Lower bound of a neighbour's height, as a fraction of the peak. Chosen: it bounds fits through
#: noise.
_MIN_NEIGHBOUR_FRACTION = 0.1


@dataclass(frozen=True, eq=False)
class Peaks:
    """Candidates for joints, ordered by joint, and by confidence within a joint.

    Args:
        joint: index of the joint, int64 (n,).
        xy: position in cells, 0 in the middle of the first one, float32 (n, 2).
        confidence: height of the peak, 0..1, float32 (n,).
    """

    joint: Ints
    xy: F32
    confidence: F32


def find_peaks(heatmaps: F32, threshold: float, max_per_joint: int) -> Peaks:
    """Find the peaks of heat maps.

    Args:
        heatmaps: float32 (joints, h, w).
        threshold: minimum height of a peak.
        max_per_joint: number of peaks kept per map, the highest ones.
    """
    joint, y, x = _local_maxima(heatmaps, _MIN_CELL_FRACTION * threshold)
    xy, height = _fit_gaussians(heatmaps, joint, y, x)
    keep = height >= threshold
    joint, xy, height = joint[keep], xy[keep], height[keep]
    order = np.lexsort((-height, joint))
    joint, xy, height = joint[order], xy[order], height[order]
    rank = np.arange(len(joint)) - np.searchsorted(joint, joint)
    kept = rank < max_per_joint
    return Peaks(joint[kept], xy[kept], np.minimum(height[kept], 1))


def _local_maxima(maps: F32, threshold: float) -> tuple[Ints, Ints, Ints]:
    """Map, row and column of cells that exceed `threshold` and their eight neighbours.

    Of equal neighbours the last one is a maximum.
    """
    width = maps.shape[2] + 2
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    flat = padded.reshape(-1)
    at = np.flatnonzero(flat > threshold)
    for step in (-width - 1, -width, -width + 1, -1):
        at = at[flat[at] >= flat[at + step]]
    for step in (1, width - 1, width, width + 1):
        at = at[flat[at] > flat[at + step]]
    joint, y, x = np.unravel_index(at, padded.shape)
    return joint, y - 1, x - 1


def _fit_gaussians(maps: F32, joint: Ints, y: Ints, x: Ints) -> tuple[F32, F32]:
    """Maximum of a Gaussian through each peak and its neighbours: xy (n, 2), height (n,).

    The logarithm of a Gaussian is a parabola. At the border, where a neighbour is missing, the
    middle of the cell is used.
    """
    top = maps[joint, y, x]
    xy = np.empty((len(top), 2), np.float32)
    gain = np.zeros(len(top), np.float32)
    for axis, (at, size) in enumerate(((x, maps.shape[2]), (y, maps.shape[1]))):
        step = (0, 1) if axis == 0 else (1, 0)
        sides = []
        for sign in (-1, 1):
            row = np.clip(y + sign * step[0], 0, maps.shape[1] - 1)
            column = np.clip(x + sign * step[1], 0, maps.shape[2] - 1)
            sides.append(
                np.log(np.maximum(maps[joint, row, column] / top, _MIN_NEIGHBOUR_FRACTION))
            )
        before, after = sides
        curvature = before + after
        inside = (at > 0) & (at < size - 1) & (curvature < 0)
        shift = np.where(inside, 0.5 * (before - after) / np.where(inside, curvature, -1), 0)
        xy[:, axis] = at + shift
        gain += np.where(inside, -0.25 * (before - after) * shift, 0).astype(np.float32)
    return xy, (top * np.exp(gain)).astype(np.float32)
