"""From heat maps and part affinity fields to people. Pure.

People are joined from the limbs as later versions of OpenPose do: limbs of all kinds
together, the surest first, each unless it would give somebody a joint twice. So what is surely one
person's is together before a doubtful limb can tear it apart.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.pose.openpose.layouts import Layout
from services.pose.openpose.limbs import Limbs, find_limbs
from services.pose.openpose.peaks import Peaks, find_peaks
from shared.data.skeleton import F32, L_HIP, L_KNEE, NECK, R_HIP, R_KNEE

#: So many candidates for one joint are looked at: more than the twenty people of a full room.
_MOST = 32

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class People:
    """People in map cells.

    xy: float32 (people, joints, 2), the first cell's middle is 0; NaN where not seen.
    confidence: float32 (people, joints), heights of the peaks, 0 where not seen.
    score: float32 (people,): heights of the peaks and means of the fields along the limbs, added up
    and divided by the number of joints; nearly 2 for somebody wholly seen.
    """

    xy: F32
    confidence: F32
    score: F32


def find_people(heatmaps: F32, fields: F32, layout: Layout) -> People:
    """People in one picture's maps, surest first.

    Args:
        heatmaps: float32 (maps, h, w), at least one for each joint.
        fields: float32 (channels, h, w).
        layout: what the channels mean.
    """
    return people_of(peaks_in(heatmaps, layout), fields, layout)


def peaks_in(heatmaps: F32, layout: Layout) -> Peaks:
    """Candidates for joints in one picture's heat maps, float32 (maps, h, w)."""
    return find_peaks(heatmaps[: len(layout.joints)], layout.thresholds.peak, _MOST)


def people_of(peaks: Peaks, fields: F32, layout: Layout) -> People:
    """People whose joints are among these; the second half of `find_people`."""
    limbs = find_limbs(peaks, fields, layout)
    members, score = _legs_together(*_assembled(peaks, limbs, layout), peaks.xy)
    seen = members >= 0
    xy = np.where(seen[..., None], peaks.xy[members], np.nan) if len(peaks.xy) else _nobody(layout)
    confidence = peaks.confidence[members] * seen if len(peaks.xy) else xy[..., 0]
    return People(xy.astype(np.float32), confidence.astype(np.float32), score)


def _nobody(layout: Layout) -> F32:
    return np.zeros((0, len(layout.joints), 2), np.float32)


def _assembled(peaks: Peaks, limbs: Limbs, layout: Layout) -> tuple[Ints, F32]:
    """Join the limbs to people, the surest limb first.

    Returns:
        The number of each joint's peak, int64 (people, joints), -1 where not seen; and the
        scores (people,).
    """
    person = list(range(len(peaks.joint)))  # whose each peak is: at first each its own
    members = [[peak] for peak in person]
    joints = [1 << joint for joint in peaks.joint.tolist()]
    score = peaks.confidence.tolist()
    for begin, end, flow in zip(
        limbs.begin.tolist(), limbs.end.tolist(), limbs.flow.tolist(), strict=True
    ):
        one, other = person[begin], person[end]
        if one == other:
            score[one] += flow
        elif not joints[one] & joints[other]:
            joints[one] |= joints[other]
            score[one] += score[other] + flow
            for peak in members[other]:
                person[peak] = one
            members[one] += members[other]
    limits = layout.thresholds
    found = sorted(
        (-score[who] / len(members[who]), who)
        for who in set(person)
        if len(members[who]) >= limits.parts and score[who] >= limits.score * len(members[who])
    )
    table = np.full((len(found), len(layout.joints)), -1)
    for row, (_, who) in enumerate(found):
        table[row, peaks.joint[members[who]]] = members[who]
    return table, np.array([-mean for mean, _ in found], np.float32)


def _legs_together(members: Ints, score: F32, xy: F32) -> tuple[Ints, F32]:
    """Make one person of two legs whose neck, at which the limbs meet, is not in the picture.

    They are one's when their hips are no further apart than the longer thigh is long. Joints from
    neck to ankles have the same numbers in all layouts.
    """
    seen = members >= 0
    gone = np.zeros(len(members), bool)
    for right in np.flatnonzero(~seen[:, NECK] & seen[:, R_HIP] & seen[:, R_KNEE]):
        for left in np.flatnonzero(~seen[:, NECK] & seen[:, L_HIP] & seen[:, L_KNEE] & ~gone):
            if gone[right] or (seen[right] & seen[left]).any():
                continue
            hips = xy[[members[right, R_HIP], members[left, L_HIP]]]
            knees = xy[[members[right, R_KNEE], members[left, L_KNEE]]]
            thigh = np.linalg.norm(hips - knees, axis=-1).max()
            if np.linalg.norm(hips[0] - hips[1]) <= thigh:
                counts = np.array([seen[right].sum(), seen[left].sum()])
                score[right] = np.average(score[[right, left]], weights=counts)
                members[right] = np.maximum(members[right], members[left])
                seen[right], gone[left] = members[right] >= 0, True
    order = np.argsort(-score[~gone], kind="stable")
    return members[~gone][order], score[~gone][order]
