"""Limbs: pairs of peaks that part affinity fields connect. Pure.

Cao et al. 2017, "Realtime Multi-Person 2D Pose Estimation using Part Affinity Fields", arXiv
1611.08050: a field points along each limb, so its mean along the line between two joints shows
whether they belong to one person.

Each kind of limb is matched for the largest sum (Kuhn 1955, the Hungarian method). OpenPose matches
greedily instead: on about 400 drawings of two to five overlapping people, greedy matching assigned
1.5 times as many joints to the wrong person.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from services.pose.openpose.layouts import Layout, Thresholds
from services.pose.openpose.peaks import Peaks
from shared.data.skeleton import F32

#: Sample points along a limb, as fractions of its length. Chosen: dense enough that a line through
#: a row of people does not step from one person's limb to the next one's.
_SAMPLES = np.linspace(0, 1, 24, dtype=np.float32)

#: Order in which the samples are read; a pair is given up as soon as too many are not aligned.
#: Chosen: coarse to fine, so that most wrong pairs end after a few samples.
_READ_ORDER = ((11,), (5,), (17,), (2, 8, 14, 20, 23), range(0, 24, 3), range(1, 24, 3))

#: Distance between joints below which a limb is seen end-on and has no direction, in cells
#: (OpenPose: 1/150 of the image's side). Its alignment counts as the threshold.
_END_ON = 0.35

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Limbs:
    """Limbs, most confident first.

    Args:
        begin: row of the peak at one end, int64 (n,).
        end: row of the peak at the other end, int64 (n,).
        alignment: mean component of the field along the limb, float32 (n,).
    """

    begin: Ints
    end: Ints
    alignment: F32


def find_limbs(peaks: Peaks, fields: F32, layout: Layout) -> Limbs:
    """Find pairs of peaks that a limb's field connects; a peak is in one limb of each kind at most.

    The confidence of a limb is its alignment times the heights of both peaks, so that a weak peak
    halfway along a limb does not replace the joint at its end.

    Args:
        peaks: candidates for joints.
        fields: float32 (channels, h, w).
        layout: joints, limbs and thresholds.
    """
    first = np.searchsorted(peaks.joint, np.arange(len(layout.joints) + 1))
    ranges = [np.arange(first[joint], first[joint + 1]) for joint in range(len(layout.joints))]
    pairs = [np.meshgrid(ranges[a], ranges[b], indexing="ij") for a, b in layout.limbs]
    begin, end = (np.concatenate([pair[side].ravel() for pair in pairs]) for side in (0, 1))
    kind = np.repeat(np.arange(len(pairs)), [pair[0].size for pair in pairs])
    channels = np.array(layout.fields)[kind]
    alive, alignment = _alignments(
        peaks.xy[begin], peaks.xy[end], fields, channels, layout.thresholds
    )
    begin, end, kind = begin[alive], end[alive], kind[alive]
    confidence = alignment * peaks.confidence[begin] * peaks.confidence[end]
    chosen = np.concatenate([_match(begin, end, confidence, kind == k) for k in range(len(pairs))])
    order = chosen[np.argsort(-confidence[chosen], kind="stable")]
    return Limbs(begin[order], end[order], alignment[order])


def _match(begin: Ints, end: Ints, confidence: F32, of_kind: NDArray[np.bool_]) -> Ints:
    """Rows of the limbs of one kind that share no joint and have the largest total confidence."""
    rows = np.flatnonzero(of_kind)
    if len(rows) < 2:
        return rows
    begin, end = begin[rows] - begin[rows].min(), end[rows] - end[rows].min()
    row_of = np.full((begin.max() + 1, end.max() + 1), -1)
    row_of[begin, end] = rows
    gain = np.where(row_of >= 0, confidence[row_of], 0)
    chosen = row_of[linear_sum_assignment(gain, maximize=True)]
    return np.asarray(chosen[chosen >= 0])


def _alignments(
    begin: F32, end: F32, fields: F32, channels: Ints, limits: Thresholds
) -> tuple[Ints, F32]:
    """Rows of the pairs of points (n, 2) that a field connects, and its mean along their lines.

    Most pairs belong to two people; they are given up after the first samples.
    """
    along = end - begin
    length = np.linalg.norm(along, axis=-1)
    direction = along / np.maximum(length, 1e-6)[:, None]
    is_end_on = length < _END_ON
    misses, total = np.zeros(len(begin), np.int64), np.zeros(len(begin), np.float32)
    alive = np.arange(len(begin))
    max_misses = (1 - limits.min_aligned_fraction) * len(_SAMPLES)
    for samples in _READ_ORDER:
        points = begin[alive] + _SAMPLES[list(samples), None, None] * along[alive]
        x, y = (_interpolate(fields, channels[alive, axis], points) for axis in (0, 1))
        component = x * direction[alive, 0] + y * direction[alive, 1]
        total[alive] += component.sum(0)
        misses[alive] += (component <= limits.alignment).sum(0)
        alive = alive[(misses[alive] <= max_misses) | is_end_on[alive]]
    mean = total[alive] / len(_SAMPLES)
    mean = np.where(is_end_on[alive], np.maximum(mean, limits.alignment), mean)
    return alive[mean > 0], mean[mean > 0].astype(np.float32)


def _interpolate(fields: F32, channel: Ints, points: F32) -> F32:
    """Fields between their cells, bilinear: points (m, n, 2), channel (n,) → (m, n)."""
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
