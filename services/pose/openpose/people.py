"""From heat maps and part affinity fields to people. Pure.

People are assembled from limbs as in later versions of OpenPose: limbs of all kinds in one order,
most confident first, each unless it would give a person a joint twice. Confident limbs are thus
connected before a doubtful one can separate them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.pose.openpose.layouts import Layout
from services.pose.openpose.limbs import Limbs, find_limbs
from services.pose.openpose.peaks import Peaks, find_peaks
from shared.data.skeleton import F32, L_HIP, L_KNEE, NECK, R_HIP, R_KNEE

#: Maximum peaks kept per joint. Chosen: a crowded gym has about 20 people.
_MAX_PEAKS = 32

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class People:
    """People in the cells of the maps.

    Args:
        xy: float32 (people, joints, 2), 0 in the middle of the first cell; NaN where unseen.
        confidence: heights of the peaks, float32 (people, joints); 0 where unseen.
        score: sum of peak heights and limb alignments divided by the number of joints, float32
            (people,); nearly 2 for a completely visible person.
    """

    xy: F32
    confidence: F32
    score: F32


def find_people(heatmaps: F32, fields: F32, layout: Layout) -> People:
    """Find the people in one image's maps, highest score first.

    Args:
        heatmaps: float32 (maps, h, w), at least one per joint.
        fields: float32 (channels, h, w).
        layout: what the channels mean.
    """
    return assemble_people(find_candidates(heatmaps, layout), fields, layout)


def find_candidates(heatmaps: F32, layout: Layout) -> Peaks:
    """Find candidates for joints in one image's heat maps, float32 (maps, h, w)."""
    return find_peaks(heatmaps[: len(layout.joints)], layout.thresholds.peak, _MAX_PEAKS)


def assemble_people(peaks: Peaks, fields: F32, layout: Layout) -> People:
    """Assemble people from candidates for joints; the second half of `find_people`."""
    limbs = find_limbs(peaks, fields, layout)
    members, score = _merge_legs(*_connect(peaks, limbs, layout), peaks.xy)
    seen = members >= 0
    xy = (
        np.where(seen[..., None], peaks.xy[members], np.nan)
        if len(peaks.xy)
        else _no_people(layout)
    )
    confidence = peaks.confidence[members] * seen if len(peaks.xy) else xy[..., 0]
    return People(xy.astype(np.float32), confidence.astype(np.float32), score)


def _no_people(layout: Layout) -> F32:
    return np.zeros((0, len(layout.joints), 2), np.float32)


def _connect(peaks: Peaks, limbs: Limbs, layout: Layout) -> tuple[Ints, F32]:
    """Connect limbs to people, most confident limb first.

    Returns:
        The row of each joint's peak, int64 (people, joints), -1 where unseen; and the scores
        (people,).
    """
    person = list(range(len(peaks.joint)))  # of each peak; initially one person per peak
    members = [[peak] for peak in person]
    joints = [1 << joint for joint in peaks.joint.tolist()]
    score = peaks.confidence.tolist()
    for begin, end, alignment in zip(
        limbs.begin.tolist(), limbs.end.tolist(), limbs.alignment.tolist(), strict=True
    ):
        one, other = person[begin], person[end]
        if one == other:
            score[one] += alignment
        elif not joints[one] & joints[other]:
            joints[one] |= joints[other]
            score[one] += score[other] + alignment
            for peak in members[other]:
                person[peak] = one
            members[one] += members[other]
    limits = layout.thresholds
    found = sorted(
        (-score[key] / len(members[key]), key)
        for key in set(person)
        if len(members[key]) >= limits.min_joints
        and score[key] >= limits.min_score * len(members[key])
    )
    table = np.full((len(found), len(layout.joints)), -1)
    for row, (_, key) in enumerate(found):
        table[row, peaks.joint[members[key]]] = members[key]
    return table, np.array([-mean for mean, _ in found], np.float32)


def _merge_legs(members: Ints, score: F32, xy: F32) -> tuple[Ints, F32]:
    """Merge two legs into one person if the neck, which connects them, is outside the image.

    Two legs belong to one person if the hips are no further apart than the longer thigh is long.
    Joints from neck to ankles have the same indices in all layouts.
    """
    seen = members >= 0
    merged = np.zeros(len(members), bool)
    for right in np.flatnonzero(~seen[:, NECK] & seen[:, R_HIP] & seen[:, R_KNEE]):
        for left in np.flatnonzero(~seen[:, NECK] & seen[:, L_HIP] & seen[:, L_KNEE] & ~merged):
            if merged[right] or (seen[right] & seen[left]).any():
                continue
            hips = xy[[members[right, R_HIP], members[left, L_HIP]]]
            knees = xy[[members[right, R_KNEE], members[left, L_KNEE]]]
            thigh = np.linalg.norm(hips - knees, axis=-1).max()
            if np.linalg.norm(hips[0] - hips[1]) <= thigh:
                counts = np.array([seen[right].sum(), seen[left].sum()])
                score[right] = np.average(score[[right, left]], weights=counts)
                members[right] = np.maximum(members[right], members[left])
                seen[right], merged[left] = members[right] >= 0, True
    order = np.argsort(-score[~merged], kind="stable")
    return members[~merged][order], score[~merged][order]
