"""Which rises of the hands are lifts: shoulders and hips take part, and the feet stand. Pure."""

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.motion import middle
from services.scorer.reps.rep_boundaries import RepBoundaries, fill_gaps
from shared.data.skeleton import L_ANKLE, L_HIP, NECK, R_ANKLE, R_HIP

F64 = NDArray[np.float64]

#: Minimum rise of the shoulders, as a fraction of the hands' rise. Chosen: a curl or a wave leaves
#: the shoulders where they are, and real repetitions have 0.73 to 1.14.
_MIN_SHOULDER_FRACTION = 0.25

#: Minimum extension of the hips during the rise, in trunk lengths: growth of the height from hips
#: to neck, or rise of the hips themselves. Chosen: above the pose stage's noise, and far below real
#: repetitions (0.46 to 0.92).
_MIN_EXTENSION = 0.06

#: Maximum horizontal motion of the feet during the rise, in trunk lengths; more is walking. Chosen:
#: the ankles of real repetitions seem to move by 0.04 to 0.32.
MAX_FEET_MOTION = 0.6

#: Maximum duration of the way up, in seconds; what takes longer is no single pull. Chosen: far
#: above real repetitions (0.5 to 2.3 s).
MAX_PULL_S = 12.0


def is_lift(xy: F64, time_s: F64, height: F64, rep: RepBoundaries) -> bool:
    """Whether a rise of the hands is a lift.

    Args:
        xy: (n, 15, 2), joints of one shot in trunk lengths, origin top left.
        time_s: (n,).
        height: (n,), of the hands, in trunk lengths, upwards.
        rep: the rise.
    """
    if time_s[rep.top] - time_s[rep.start] > MAX_PULL_S:
        return False
    neck = fill_gaps(-xy[:, NECK, 1], time_s)
    hips = fill_gaps(-middle(xy[:, L_HIP, 1], xy[:, R_HIP, 1]), time_s)
    if neck is None or hips is None:
        return False
    hands_rise = height[rep.top] - height[rep.start]
    extension = max(_rise(neck - hips, rep), _rise(hips, rep))
    return bool(
        _rise(neck, rep) >= _MIN_SHOULDER_FRACTION * hands_rise
        and extension >= _MIN_EXTENSION
        and _feet_motion(xy, rep) <= MAX_FEET_MOTION
    )


def _feet_motion(xy: F64, rep: RepBoundaries) -> float:
    """Horizontal range of the feet (middle 90 %) during the rise; 0 where they are unseen."""
    feet = middle(xy[:, L_ANKLE, 0], xy[:, R_ANKLE, 0])[rep.start : rep.top + 1]
    known = feet[np.isfinite(feet)]
    return float(np.subtract(*np.percentile(known, [95, 5]))) if known.size else 0.0


def _rise(height: F64, rep: RepBoundaries) -> float:
    return float(np.nan_to_num(height[rep.top] - height[rep.start]))
