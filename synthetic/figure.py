"""A figure of linked segments: their lengths, and the angles between them. Pure.

Planar, widened sideways. Segment lengths are those of `shared.data.anthropometry`.

Axes: x forward, y up, z to the person's left; the origin on the floor between the ankles. Legs and
arms come as (…, 2): the left one, then the right one.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from shared.data.anthropometry import (
    ANKLE_HEIGHT_OVER_STATURE,
    FOREARM_OVER_STATURE,
    SHANK_OVER_STATURE,
    THIGH_OVER_STATURE,
    TRUNK_OVER_STATURE,
    UPPER_ARM_OVER_STATURE,
)

F64 = NDArray[np.float64]

#: Stature of the lifter, metres.
STATURE_M = 1.76
TRUNK_M = TRUNK_OVER_STATURE * STATURE_M
UPPER_ARM_M = UPPER_ARM_OVER_STATURE * STATURE_M
FOREARM_M = FOREARM_OVER_STATURE * STATURE_M
ANKLE_HEIGHT_M = ANKLE_HEIGHT_OVER_STATURE * STATURE_M
#: Distance from the wrist to the bar in the fist, metres.
GRIP_M = 0.07
#: Distances from the neck (middle of the shoulders) to between the ears, and from there to the
#: crown, metres.
NECK_TO_EARS_M, EARS_TO_CROWN_M = 0.2, 0.12

#: Distances of heel and toe ahead of the ankle on a flat foot, and of both above the floor, metres.
HEEL_X_M, TOE_X_M, SOLE_M = -0.06, 0.17, 0.025

#: Half widths of shoulders and hips, metres.
SHOULDER_HALF_M, HIP_HALF_M = 0.18, 0.1
#: Lengths of shank and thigh, metres; the thigh runs outwards from the hip to the knee by 0.05 m.
_SHANK_M = SHANK_OVER_STATURE * STATURE_M
_THIGH_M = float(np.hypot(THIGH_OVER_STATURE * STATURE_M, 0.05))


@dataclass(frozen=True, eq=False)
class Posture:
    """Angles of all segments over n frames, in radians; (n, 2) for left and right, else (n,).

    Attributes:
        shank: lean forward, (n, 2).
        thigh: elevation of the hip above the knee behind it, from horizontal, (n, 2).
        foot: pitch, heel above toe, (n, 2).
        trunk: lean forward of the line from hips to neck.
        bend: angle between the lower and the upper half of the trunk.
        upper_arm: forward from straight down, (n, 2).
        elbow: bend, 0 for a straight arm, (n, 2).
        neck: lean forward.
        face: lean forward.
        toes_out: turn of the feet.
        ankle_half: half distance of the ankles, metres. Likewise for the next three.
        knee_half: of the knees.
        elbow_half: of the elbows.
        grip_half: of the hands.
        x: position of the ankles (standing) or of the hips (walking), metres.
    """

    shank: F64
    thigh: F64
    foot: F64
    trunk: F64
    bend: F64
    upper_arm: F64
    elbow: F64
    neck: F64
    face: F64
    toes_out: F64
    ankle_half: F64
    knee_half: F64
    elbow_half: F64
    grip_half: F64
    x: F64

    def toward(self, other: "Posture", fraction: F64) -> "Posture":
        """Between this posture (fraction 0) and another (1), angle by angle; fraction (n,)."""

        def between(a: F64, b: F64) -> F64:
            weight = fraction[:, None] if a.ndim == 2 else fraction
            return np.asarray(a + weight * (b - a))

        return Posture(
            **{f.name: between(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)}
        )


def leg_lengths(ankle_half: F64, knee_half: F64) -> tuple[F64, F64]:
    """Lengths of shank and thigh as seen from the side: shorter where the legs are spread, (n,)."""
    shank = np.sqrt(_SHANK_M**2 - (knee_half - ankle_half) ** 2)
    return shank, np.sqrt(_THIGH_M**2 - (knee_half - HIP_HALF_M) ** 2)


def chord(bend: F64) -> F64:
    """Distance from hips to neck of a bent trunk, (n,)."""
    return np.asarray(TRUNK_M * np.cos(bend / 2))


def raised(foot: F64) -> tuple[F64, F64]:
    """Position of the ankle, x and y, when the foot has turned about its toes."""
    sine, cosine = np.sin(foot), np.cos(foot)
    x = TOE_X_M - TOE_X_M * cosine + ANKLE_HEIGHT_M * sine
    return x, TOE_X_M * sine + ANKLE_HEIGHT_M * cosine


def hips(posture: Posture) -> F64:
    """Middle of the hips, (n, 2), over standing feet, or over the lower foot while walking."""
    shank, thigh = leg_lengths(posture.ankle_half, posture.knee_half)
    ankle_x, ankle_y = raised(posture.foot)
    forward = shank[:, None] * np.sin(posture.shank) - thigh[:, None] * np.cos(posture.thigh)
    upward = shank[:, None] * np.cos(posture.shank) + thigh[:, None] * np.sin(posture.thigh)
    x = posture.x + (ankle_x + forward).mean(-1)
    return np.stack([x, (ankle_y + upward).max(-1)], -1)


def upward(lean: F64) -> F64:
    """Unit vectors that lean forward from straight up, radians (n,) → (n, 2)."""
    return np.stack([np.sin(lean), np.cos(lean)], -1)
