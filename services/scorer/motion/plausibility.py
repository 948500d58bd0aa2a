"""How far a skeleton can be a body: a limb that looks far too short is misplaced. Pure.

Behind plates, in the dark and where a clip begins, a network draws limbs of any length, and is no
less sure of them. Bones have the length that they have.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.motion import Motion
from services.scorer.motion.view import MAX_TURN_DEG
from shared.data.anthropometry import (
    FOREARM_OVER_TRUNK,
    SHANK_OVER_TRUNK,
    THIGH_OVER_TRUNK,
    UPPER_ARM_OVER_TRUNK,
)
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
)

F64 = NDArray[np.float64]

#: A body's limb is misplaced for sure below the first share of its usual length, and as good as any
#: from the second on. Arms are seen less well, and hands behind plates are put too high.
_BODY, _ARMS = (0.45, 0.8), (0.25, 0.6)


@dataclass(frozen=True, eq=False)
class Plausibility:
    """How far the length of each part of the skeleton can be a body's, each (n,), 0..1.

    Of two legs or arms the more plausible one counts, which need not be the same for thigh and
    shank. What is not seen speaks neither for nor against.
    """

    trunk: F64
    thigh: F64
    shank: F64
    arm: F64

    @property
    def hips(self) -> F64:
        """Of the hips, which end both trunk and thighs, (n,)."""
        return np.minimum(self.trunk, self.thigh)

    @property
    def posture(self) -> F64:
        """Of all that a posture is judged by, (n,)."""
        return np.minimum(np.minimum(self.hips, self.shank), self.arm)


def compute_plausibility(motion: Motion) -> Plausibility:
    """Judge the lengths of a motion's limbs.

    From farther off the side than `MAX_TURN_DEG` the trunk that bends over and the thighs point at
    the camera, and may be of any length.
    """
    turned = not motion.turn_deg <= MAX_TURN_DEG
    ahead = 1.0 if turned else 1 / float(np.cos(np.radians(motion.turn_deg)))
    xy = motion.xy_px / motion.trunk_length_px * (ahead, 1.0)

    def better(usual: float, left: tuple[int, int], right: tuple[int, int]) -> F64:
        lengths = (np.linalg.norm(xy[:, a] - xy[:, b], axis=-1) for a, b in (left, right))
        return np.asarray(np.fmax(*lengths) / usual)

    trunk = np.linalg.norm(xy[:, NECK] - xy[:, [L_HIP, R_HIP]].mean(1), axis=-1)
    thigh = better(THIGH_OVER_TRUNK, (L_HIP, L_KNEE), (R_HIP, R_KNEE))
    shank = better(SHANK_OVER_TRUNK, (L_KNEE, L_ANKLE), (R_KNEE, R_ANKLE))
    upper = better(UPPER_ARM_OVER_TRUNK, (L_SHOULDER, L_ELBOW), (R_SHOULDER, R_ELBOW))
    lower = better(FOREARM_OVER_TRUNK, (L_ELBOW, L_WRIST), (R_ELBOW, R_WRIST))
    unknown = np.full(len(motion), np.nan)
    return Plausibility(
        trunk=_plausible(unknown if turned else trunk, *_BODY),
        thigh=_plausible(unknown if turned else thigh, *_BODY),
        shank=_plausible(shank, *_BODY),
        arm=_plausible(np.fmin(upper, lower), *_ARMS),
    )


def _plausible(share: F64, none: float, full: float) -> F64:
    return np.nan_to_num(np.clip((share - none) / (full - none), 0, 1), nan=1.0)
