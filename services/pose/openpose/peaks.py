"""Peaks of heat maps, finer than their cells. Pure.

OpenPose looks for peaks in maps that it has enlarged eightfold. Here they are looked for in the
maps as they come, and a bell curve is laid through each: the networks are trained on bells of about
one cell's width (Cao et al. 2017, section 2.2), so that gives place and height at a hundredth of
the work, and the height is what OpenPose's thresholds are stated for.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.data.skeleton import F32

Ints = NDArray[np.int64]

#: Between four cells a bell of 7/8 cell's width is 0.72 of its height; flatter ones are more.
_LEAST_SHARE = 0.7

#: A neighbour counts as at least this share of the peak, so that a fit through noise stays bounded.
_LEAST_NEIGHBOUR = 0.1


@dataclass(frozen=True, eq=False)
class Peaks:
    """Candidates for joints, ordered by joint, each joint's surest first.

    joint: int64 (n,). xy: float32 (n, 2), in cells, the first one's middle is 0.
    confidence: float32 (n,), the height, 0..1.
    """

    joint: Ints
    xy: F32
    confidence: F32


def find_peaks(heatmaps: F32, threshold: float, most: int) -> Peaks:
    """Peaks of heat maps (joints, h, w) that are at least `threshold` high, `most` of each map."""
    joint, y, x = _summits(heatmaps, _LEAST_SHARE * threshold)
    xy, height = _refined(heatmaps, joint, y, x)
    keep = height >= threshold
    joint, xy, height = joint[keep], xy[keep], height[keep]
    order = np.lexsort((-height, joint))
    joint, xy, height = joint[order], xy[order], height[order]
    rank = np.arange(len(joint)) - np.searchsorted(joint, joint)
    few = rank < most
    return Peaks(joint[few], xy[few], np.minimum(height[few], 1))


def _summits(maps: F32, threshold: float) -> tuple[Ints, Ints, Ints]:
    """Map, row and column of the cells above `threshold` and their eight neighbours.

    Of equal neighbours the last one counts.
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


def _refined(maps: F32, joint: Ints, y: Ints, x: Ints) -> tuple[F32, F32]:
    """Top of the bell curve through each peak and its neighbours: place (n, 2), height (n,).

    In logarithms a bell is a parabola. At the border, where a neighbour is missing, the cell's own
    middle counts.
    """
    top = maps[joint, y, x]
    place = np.empty((len(top), 2), np.float32)
    gain = np.zeros(len(top), np.float32)
    for axis, (at, size) in enumerate(((x, maps.shape[2]), (y, maps.shape[1]))):
        step = (0, 1) if axis == 0 else (1, 0)
        sides = []
        for way in (-1, 1):
            row = np.clip(y + way * step[0], 0, maps.shape[1] - 1)
            column = np.clip(x + way * step[1], 0, maps.shape[2] - 1)
            sides.append(np.log(np.maximum(maps[joint, row, column] / top, _LEAST_NEIGHBOUR)))
        before, after = sides
        bend = before + after
        inside = (at > 0) & (at < size - 1) & (bend < 0)
        shift = np.where(inside, 0.5 * (before - after) / np.where(inside, bend, -1), 0)
        place[:, axis] = at + shift
        gain += np.where(inside, -0.25 * (before - after) * shift, 0).astype(np.float32)
    return place, (top * np.exp(gain)).astype(np.float32)
