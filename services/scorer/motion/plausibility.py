"""Plausibility of limb lengths: a limb that looks far too short is misplaced. Pure.

Behind plates, in the dark and at the start of a clip, pose networks draw limbs of any length, with
unchanged confidence. Bones have a fixed length, so limbs of an impossible length are misplaced.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.geometry import MAX_TURN_DEG, foreshortening
from services.scorer.motion.motion import Motion, joints_px
from services.scorer.motion.view import upright_trunk_length_px
from shared.data.anthropometry import (
    FOREARM_OVER_TRUNK,
    SHANK_OVER_TRUNK,
    THIGH_OVER_TRUNK,
    UPPER_ARM_OVER_TRUNK,
)
from shared.data.messages import Person
from shared.data.skeleton import (
    L_ANKLE,
    L_ELBOW,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    NECK,
    R_ANKLE,
    R_ELBOW,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
    trunk_length_px,
)

F64 = NDArray[np.float64]

#: Length over usual length up to which a limb is misplaced, and from which it is fully plausible:
#: of trunk and legs, and of arms. Chosen: nine in ten limbs of real clips are in 0.72 to 1.20
#: (legs) and 0.79 to 1.32 (arms). Arms have a wider range: they are seen less well, and hands
#: behind plates are placed too high.
_BODY_RANGE, _ARM_RANGE = (0.45, 0.8), (0.25, 0.6)

#: Sine of the trunk's angle below horizontal from which a person is upside down. Measured: in a
#: stiff-legged start the shoulders lie below the hips by up to 15°, which is 0.26. Chosen: above
#: it: nobody's trunk hangs by 37°.
_MAX_HANG = 0.6

#: Maximum length of a trunk over the clip's upright one. Chosen: only a camera that comes nearer
#: makes a trunk look longer than upright (the longest one of a clip is 1.05 in the median of 39).
#: Where the head is out of the picture, networks may stretch a person down to the floor, to 1.5 to
#: 2 times.
_MAX_STRETCH = 1.4


@dataclass(frozen=True, eq=False)
class Plausibility:
    """Plausibility of the length of each part of the skeleton, (n,), 0..1.

    The more plausible leg (or arm) counts, which may be the left one for the thigh and the right
    one for the shank. A part that is not seen is fully plausible.

    Attributes:
        trunk: float64 (n,), of the line from hips to neck.
        thigh: float64 (n,).
        shank: float64 (n,).
        arm: float64 (n,), of the less plausible one of upper arm and forearm.
    """

    trunk: F64
    thigh: F64
    shank: F64
    arm: F64

    @property
    def hips(self) -> F64:
        """Plausibility of the hips, which end both trunk and thighs, (n,)."""
        return np.minimum(self.trunk, self.thigh)

    @property
    def posture(self) -> F64:
        """Plausibility of the whole posture, (n,)."""
        return np.minimum(np.minimum(self.hips, self.shank), self.arm)


def compute_plausibility(motion: Motion) -> Plausibility:
    """Compare the lengths of a motion's limbs with usual ones.

    Beyond `MAX_TURN_DEG`, foreshortened thighs and trunks are not checked.
    """
    turned = not motion.turn_deg <= MAX_TURN_DEG
    ahead = 1.0 if turned else 1 / float(foreshortening(motion.turn_deg))
    xy = motion.xy_px / motion.trunk_length_px * (ahead, 1.0)

    def longer(usual: float, left: tuple[int, int], right: tuple[int, int]) -> F64:
        lengths = (np.linalg.norm(xy[:, a] - xy[:, b], axis=-1) for a, b in (left, right))
        return np.asarray(np.fmax(*lengths) / usual)

    trunk = np.linalg.norm(xy[:, NECK] - xy[:, [L_HIP, R_HIP]].mean(1), axis=-1)
    thigh = longer(THIGH_OVER_TRUNK, (L_HIP, L_KNEE), (R_HIP, R_KNEE))
    shank = longer(SHANK_OVER_TRUNK, (L_KNEE, L_ANKLE), (R_KNEE, R_ANKLE))
    upper = longer(UPPER_ARM_OVER_TRUNK, (L_SHOULDER, L_ELBOW), (R_SHOULDER, R_ELBOW))
    lower = longer(FOREARM_OVER_TRUNK, (L_ELBOW, L_WRIST), (R_ELBOW, R_WRIST))
    unknown = np.full(len(motion), np.nan)
    return Plausibility(
        trunk=_plausibility_of(unknown if turned else trunk, *_BODY_RANGE),
        thigh=_plausibility_of(unknown if turned else thigh, *_BODY_RANGE),
        shank=_plausibility_of(shank, *_BODY_RANGE),
        arm=_plausibility_of(np.fmin(upper, lower), *_ARM_RANGE),
    )


def drop_impossible_people(
    people: Sequence[Person | None], shot: NDArray[np.int64]
) -> list[Person | None]:
    """Replace people who are upside down, or far longer than in the rest of their shot, by None.

    Args:
        people: the lifter in each row, None where not seen.
        shot: (n,), the shot of each row; after a cut the camera may be nearer.
    """
    people = [None if person and _is_upside_down(person) else person for person in people]
    trunks = trunk_length_px(joints_px(people).astype(np.float32)).astype(np.float64)
    longest = np.empty(len(trunks))
    for number in np.unique(shot):
        longest[shot == number] = _MAX_STRETCH * upright_trunk_length_px(trunks[shot == number])
    return [
        None if length > limit else person
        for person, length, limit in zip(people, trunks, longest, strict=True)
    ]


def _plausibility_of(ratio: F64, none_up_to: float, full_from: float) -> F64:
    rising = (ratio - none_up_to) / (full_from - none_up_to)
    return np.nan_to_num(np.clip(rising, 0, 1), nan=1.0)


def _is_upside_down(person: Person) -> bool:
    """Whether the neck hangs far below the hips, or the feet lie above them.

    Networks may turn a person over where the head leaves the picture.
    """
    hips, neck = person.xy_px[[L_HIP, R_HIP]].mean(0), person.xy_px[NECK]
    feet = person.xy_px[[L_ANKLE, R_ANKLE]].mean(0)
    hangs = neck[1] - hips[1] > _MAX_HANG * np.linalg.norm(neck - hips)
    return bool(hangs or feet[1] < hips[1])
