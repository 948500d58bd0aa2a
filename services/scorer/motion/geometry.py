"""Angles and leans in the lifter's sagittal plane, in degrees: the only place they are computed.

Vectors are float64 (..., 2). Unless stated otherwise the first coordinate points ahead (the way the
lifter faces) and the second one up; their length does not matter.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

F64 = NDArray[np.float64]

#: Maximum turn of the body from side-on that is corrected for, in degrees. Chosen: what lies ahead
#: is divided by the cosine of the turn, which multiplies the pose stage's own noise by 1.6 here and
#: by 2 at 60°.
MAX_TURN_DEG = 50.0


def foreshortening(turn_deg: ArrayLike) -> F64:
    """Length in the picture of what lies ahead, over its true length: the cosine of the turn.

    Args:
        turn_deg: (...), turn of the body from side-on, in degrees; NaN counts as side-on, and more
            than `MAX_TURN_DEG` as `MAX_TURN_DEG`.

    Returns:
        (...), from cos(`MAX_TURN_DEG`) to 1.
    """
    turn = np.where(np.isnan(turn_deg), 0.0, turn_deg)
    return np.asarray(np.cos(np.radians(np.minimum(turn, MAX_TURN_DEG))))


def to_sagittal(xy_px: F64, facing: ArrayLike, turn_deg: ArrayLike = 0.0) -> F64:
    """Turn picture coordinates into the sagittal plane.

    Args:
        xy_px: (..., 2), x to the right and y down.
        facing: 1 towards the picture's right, -1 left, NaN where ahead is unknown; of a shape
            that broadcasts against (...).
        turn_deg: likewise, as in `foreshortening`.

    Returns:
        (..., 2), ahead and up, in true proportion.
    """
    ahead = np.asarray(facing, np.float64) / foreshortening(turn_deg)
    return np.asarray(xy_px * np.stack(np.broadcast_arrays(ahead, -1.0), axis=-1))


def lean_deg(vector: F64) -> F64:
    """Angle of vectors (..., 2) from straight up, towards ahead positive, -180..180.

    Vectors that point straight down may have either sign.
    """
    return np.asarray(np.degrees(np.arctan2(vector[..., 0], vector[..., 1])))


def angle_between_deg(first: F64, second: F64) -> F64:
    """Angle between vectors (..., 2), whichever way it opens, 0..180."""
    cross = first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
    return np.asarray(np.abs(np.degrees(np.arctan2(cross, (first * second).sum(-1)))))


def straightness_deg(forward: F64, thighs: F64) -> F64:
    """Angle at a joint, 180 where straight and more where over-extended.

    Args:
        forward: (..., 2), trunk or shank, which leans further forward than the thigh in a joint
            that is bent.
        thighs: (..., 2), knee to hip.
    """
    return 180 - lean_difference_deg(forward, thighs)


def lean_difference_deg(first: F64, second: F64) -> F64:
    """How much further forward the first vector leans than the second, (..., 2), -180..180."""
    return np.asarray((lean_deg(first) - lean_deg(second) + 180) % 360 - 180)
