"""Sets arms, legs or trunk so that the hands reach the bar. Pure.

Functions that set an angle change the given posture's arrays in place. Everything is seen from the
side: x forward, y up, metres.
"""

import numpy as np
from numpy.typing import NDArray

from synthetic.figure import (
    FOREARM_M,
    GRIP_M,
    UPPER_ARM_M,
    Posture,
    chord,
    hips,
    leg_lengths,
    raised,
    upward,
)
from synthetic.settings import Lift

F64 = NDArray[np.float64]

#: Lean of the neck and of the face as a fraction of the trunk's lean: the eyes look at the floor
#: ahead.
NECK_LEAN_FRACTION, FACE_LEAN_FRACTION = 0.75, 0.45


def arm_reach_m(lift: Lift) -> float:
    """Distance from shoulder to bar, seen from the side."""
    bent, fore = np.radians(lift.severity_of("bent_arms")), FOREARM_M + GRIP_M
    return float(np.sqrt(UPPER_ARM_M**2 + fore**2 + 2 * UPPER_ARM_M * fore * np.cos(bent)))


def hang_arms(lift: Lift, posture: Posture, bar_x: F64) -> F64:
    """Set the arms to hold a bar at `bar_x`, (n,), as low as they reach; the bar's middle, (n, 3).

    Where a set has bent arms, the elbow lies behind the line from shoulder to bar.
    """
    neck = hips(posture) + chord(posture.bend)[:, None] * upward(posture.trunk)
    ahead, reach = bar_x - neck[:, 0], arm_reach_m(lift)
    bar = np.stack([bar_x, neck[:, 1] - np.sqrt(reach**2 - ahead**2), 0 * ahead], -1)
    bent = np.radians(lift.severity_of("bent_arms"))
    fore = FOREARM_M + GRIP_M
    behind = np.arctan2(fore * np.sin(bent), UPPER_ARM_M + fore * np.cos(bent))
    posture.upper_arm[:] = both_sides(np.arcsin(ahead / reach) - behind)
    posture.elbow[:] = bent
    return bar


def reach_with_legs(lift: Lift, posture: Posture, bar: F64) -> None:
    """Set the thighs so that the hands reach a bar, (n, 2 or more); all else stays."""
    lower, upper = leg_lengths(posture.ankle_half, posture.knee_half)
    shank, (ankle_x, ankle_y) = posture.shank[:, 0], raised(posture.foot[:, 0])
    knee = np.stack([ankle_x + lower * np.sin(shank), ankle_y + lower * np.cos(shank)], -1)
    trunk = chord(posture.bend)[:, None] * upward(posture.trunk)
    reach = np.full(len(bar), arm_reach_m(lift))
    hip = intersect_circles(knee, upper, bar[:, :2] - trunk, reach)
    posture.thigh[:] = both_sides(np.arctan2(hip[:, 1] - knee[:, 1], knee[:, 0] - hip[:, 0]))


def reach_with_trunk(lift: Lift, posture: Posture, bar: F64) -> None:
    """Set the trunk so that the hands reach a bar, (n, 2 or more); neck and face lean with it."""
    hip, length = hips(posture), chord(posture.bend)
    reach = np.full(len(bar), arm_reach_m(lift))
    neck = intersect_circles(hip, length, bar[:, :2], reach) - hip
    posture.trunk[:] = np.arctan2(neck[:, 0], neck[:, 1])
    lean_head(posture)


def lean_head(posture: Posture) -> None:
    """Set neck and face to lean with the trunk."""
    posture.neck[:] = NECK_LEAN_FRACTION * posture.trunk
    posture.face[:] = FACE_LEAN_FRACTION * posture.trunk


def intersect_circles(a: F64, a_radius: F64, b: F64, b_radius: F64) -> F64:
    """The upper intersection of circles around a and b, (n, 2); NaN where they do not meet."""
    between = b - a
    distance = np.linalg.norm(between, axis=-1)
    along = (a_radius**2 - b_radius**2 + distance**2) / (2 * distance)
    square = a_radius**2 - along**2
    aside = np.sqrt(np.where(square >= 0, square, np.nan))
    unit = between / distance[:, None]
    across = np.stack([-unit[:, 1], unit[:, 0]], -1)
    across *= np.where(across[:, 1:] < 0, -1, 1)
    return np.asarray(a + along[:, None] * unit + aside[:, None] * across)


def both_sides(angle: F64) -> F64:
    """The same angle for left and right, (n,) → (n, 2)."""
    return np.repeat(angle[:, None], 2, axis=1)
