"""Whether somebody is bent over a bar, where no repetition was found, as in a picture. Pure."""

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.motion import Motion, frame_step_s, middle
from services.scorer.reps.hands import MIN_HANG, Hands
from services.scorer.reps.rep_boundaries import MIN_RISE
from shared.data.anthropometry import FOREARM_OVER_TRUNK, UPPER_ARM_OVER_TRUNK
from shared.data.skeleton import (
    ARMS,
    L_ANKLE,
    L_HIP,
    L_KNEE,
    L_WRIST,
    NECK,
    R_ANKLE,
    R_HIP,
    R_KNEE,
    R_WRIST,
)

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Maximum height of the hands over the ankles, as a fraction of the hips' height. Chosen: lower
#: than in a repetition (`hands`), because nothing else is seen.
_MAX_LOW = 0.7

#: Minimum height of the hips over the ankles and over the knees, for a lifter to count as bent over
#: a bar, in trunk lengths. Chosen: a person who sits, kneels or lies has lower hips. In 95 % of a
#: table of labelled deadlift postures, the hips are at least 0.35 over the knees.
_MIN_HIPS_OVER_ANKLES, _MIN_HIPS_OVER_KNEES = 0.4, 0.1

#: Maximum horizontal distance of the hands from the ankles, in trunk lengths. Chosen: the bar is
#: over the feet, and a foot has half a trunk length; in a plank the hands are three away.
_MAX_REACH = 1.0

#: Minimum fraction of the frames in which the lifter is bent over a bar, and the duration of a clip
#: from which the lifter must rise as well, in seconds. Chosen: real clips without a counted
#: repetition have 0.3 and more. A repetition takes 2 to 4 s, so a longer clip shows the rise.
_MIN_BENT_FRACTION, _MAX_BENT_ONLY_S = 0.2, 4.0

#: Percentile of the neck's height after the lowest bend that counts as risen. Chosen: a few frames
#: with a misplaced neck shall not count.
_RISEN = 95

#: Length of an arm over that of the trunk. Derived: of its parts.
_ARM_OVER_TRUNK = UPPER_ARM_OVER_TRUNK + FOREARM_OVER_TRUNK


def is_bent_over_bar(hands: Hands, motion: Motion) -> bool:
    """Whether the lifter is bent over a bar in enough rows, and rises if the clip is long."""
    bent = _bent_rows(hands, motion)
    here = np.isfinite(motion.xy_px[:, NECK, 0])
    if not bent.any() or bent.sum() < _MIN_BENT_FRACTION * here.sum():
        return False
    is_long = here.sum() * frame_step_s(motion.time_s) > _MAX_BENT_ONLY_S
    return not is_long or _rises_from(bent, motion)


def _rises_from(bent: Bools, motion: Motion) -> bool:
    """Whether the neck rises after the lowest of the bent rows of a shot."""
    neck = -motion.xy_px[:, NECK, 1] / motion.trunk_length_px
    for shot in np.unique(motion.shot[bent]):
        rows = np.flatnonzero((motion.shot == shot) & np.isfinite(neck))
        low = int(np.argmin(np.where(bent[rows], neck[rows], np.inf)))
        if np.percentile(neck[rows[low:]], _RISEN) - neck[rows[low]] >= MIN_RISE:
            return True
    return False


def _bent_rows(hands: Hands, motion: Motion) -> Bools:
    """Rows in which hanging hands are at the knees or lower, over the feet, (n,).

    A trunk that bends towards the camera looks short; the unit of length is then that of the arms.
    """
    x, y = motion.xy_px[..., 0], motion.xy_px[..., 1]
    unit_px = np.fmax(motion.trunk_length_px, _arm_px(motion) / _ARM_OVER_TRUNK)
    hip = middle(y[:, L_HIP], y[:, R_HIP])
    reach_px = np.abs(middle(x[:, L_WRIST], x[:, R_WRIST]) - middle(x[:, L_ANKLE], x[:, R_ANKLE]))
    over_ankles = (middle(y[:, L_ANKLE], y[:, R_ANKLE]) - hip) / motion.trunk_length_px
    over_knees = (middle(y[:, L_KNEE], y[:, R_KNEE]) - hip) / motion.trunk_length_px
    is_low = (hands.height <= _MAX_LOW) & (hands.hang >= MIN_HANG)
    sits = (over_ankles < _MIN_HIPS_OVER_ANKLES) | (over_knees < _MIN_HIPS_OVER_KNEES)
    return np.asarray(is_low & ~sits & ~(reach_px > _MAX_REACH * unit_px))


def _arm_px(motion: Motion) -> F64:
    """Length of the longer arm in the picture, (n,)."""
    arms = np.diff(motion.xy_px[:, ARMS], axis=2)  # (n, 2 sides, 2 parts, 2)
    return np.asarray(np.fmax.reduce(np.linalg.norm(arms, axis=-1).sum(-1), axis=1))
