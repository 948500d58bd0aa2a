"""Limbs: which peaks belong together, told by the part affinity fields between them. Pure.

Cao et al. 2017, "Realtime Multi-Person 2D Pose Estimation using Part Affinity Fields", arXiv
1611.08050: a field points along each limb, so its mean along the line between two joints tells
whether they are one person's.

Each kind of limb is matched for the greatest sum (Kuhn 1955, the Hungarian method). OpenPose takes
the surest limb each time instead: among some 400 drawn people of two to five who overlap, that put
half as many joints again in the wrong person.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from services.pose.openpose.layouts import Layout, Thresholds
from services.pose.openpose.peaks import Peaks
from shared.data.skeleton import F32

#: Places along a limb at which its field is read, as shares of its length: so many that a line
#: through a row of people does not step from one's limb to the next one's. They are read in this
#: order; the first decide whether the others are worth reading.
_PLACES = np.linspace(0, 1, 24, dtype=np.float32)
_READ = ((11,), (5,), (17,), (2, 8, 14, 20, 23), range(0, 24, 3), range(1, 24, 3))

#: Joints nearer to each other than this, in cells, have no direction between them: seen end-on, a
#: limb counts as barely sure (OpenPose: a 150th of the picture's side).
_END_ON = 0.35

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Limbs:
    """Limbs that were found, surest first; all (n,).

    begin, end: numbers of the peaks at both ends. flow: mean of the field between them.
    """

    begin: Ints
    end: Ints
    flow: F32


def find_limbs(peaks: Peaks, fields: F32, layout: Layout) -> Limbs:
    """Pairs of peaks along which a limb's field runs, each peak in one limb of a kind.

    How sure a limb is, is its field times its ends' heights: so a doubtful peak on the way of a
    limb does not take its end's place.
    """
    first = np.searchsorted(peaks.joint, np.arange(len(layout.joints) + 1))
    ranges = [np.arange(first[joint], first[joint + 1]) for joint in range(len(layout.joints))]
    pairs = [np.meshgrid(ranges[a], ranges[b], indexing="ij") for a, b in layout.limbs]
    begin, end = (np.concatenate([pair[side].ravel() for pair in pairs]) for side in (0, 1))
    kind = np.repeat(np.arange(len(pairs)), [pair[0].size for pair in pairs])
    channels = np.array(layout.fields)[kind]
    alive, flow = _flow(peaks.xy[begin], peaks.xy[end], fields, channels, layout.thresholds)
    begin, end, kind = begin[alive], end[alive], kind[alive]
    sure = flow * peaks.confidence[begin] * peaks.confidence[end]
    chosen = np.concatenate([_matched(begin, end, sure, kind == k) for k in range(len(pairs))])
    order = chosen[np.argsort(-sure[chosen], kind="stable")]
    return Limbs(begin[order], end[order], flow[order])


def _matched(begin: Ints, end: Ints, sure: F32, of_kind: NDArray[np.bool_]) -> Ints:
    """Numbers of those limbs of a kind that are surest together and share no joint."""
    rows = np.flatnonzero(of_kind)
    if len(rows) < 2:
        return rows
    begin, end = begin[rows] - begin[rows].min(), end[rows] - end[rows].min()
    number = np.full((begin.max() + 1, end.max() + 1), -1)
    number[begin, end] = rows
    chosen = number[linear_sum_assignment(np.where(number >= 0, sure[number], 0), maximize=True)]
    return np.asarray(chosen[chosen >= 0])


def _flow(
    begin: F32, end: F32, fields: F32, channels: Ints, limits: Thresholds
) -> tuple[Ints, F32]:
    """Which pairs of places (n, 2) a field joins, and its mean along the lines between them.

    Most pairs are of two people; they are given up at the first places that the field misses.
    """
    along = end - begin
    length = np.linalg.norm(along, axis=-1)
    unit = along / np.maximum(length, 1e-6)[:, None]
    is_end_on = length < _END_ON
    misses, total = np.zeros(len(begin), np.int64), np.zeros(len(begin), np.float32)
    alive = np.arange(len(begin))
    allowed = (1 - limits.share) * len(_PLACES)
    for places in _READ:
        shares = _PLACES[list(places), None, None]
        points = begin[alive] + shares * along[alive]
        x, y = (_sampled(fields, channels[alive, axis], points) for axis in (0, 1))
        here = x * unit[alive, 0] + y * unit[alive, 1]
        total[alive] += here.sum(0)
        misses[alive] += (here <= limits.sample).sum(0)
        alive = alive[(misses[alive] <= allowed) | is_end_on[alive]]
    mean = total[alive] / len(_PLACES)
    mean = np.where(is_end_on[alive], np.maximum(mean, limits.sample), mean)
    return alive[mean > 0], mean[mean > 0].astype(np.float32)


def _sampled(fields: F32, channel: Ints, points: F32) -> F32:
    """Values of fields between their cells: points (places, n, 2), channel (n,) → (places, n)."""
    height, width = fields.shape[1:]
    limit = np.array([width - 1, height - 1], np.float32)
    inside = np.clip(points, 0, limit)
    low = np.minimum(inside.astype(np.int64), np.maximum(limit.astype(np.int64) - 1, 0))
    right, down = np.moveaxis(inside - low, -1, 0)
    step_x, step_y = int(width > 1), width * int(height > 1)
    at = channel * (height * width) + low[..., 1] * width + low[..., 0]
    flat = fields.reshape(-1)
    upper = flat[at] * (1 - right) + flat[at + step_x] * right
    lower = flat[at + step_y] * (1 - right) + flat[at + step_y + step_x] * right
    return np.asarray(upper * (1 - down) + lower * down, np.float32)
