"""A figure of linked segments: from the angles of its segments to places in metres. Pure.

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
from shared.data.skeleton import (
    CHEST,
    FEET,
    HEAD,
    JOINTS,
    L_ANKLE,
    L_ELBOW,
    L_HEEL,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    L_TOE,
    L_WRIST,
    NECK,
    R_ANKLE,
    R_ELBOW,
    R_HEEL,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_TOE,
    R_WRIST,
)

F64 = NDArray[np.float64]

STATURE_M = 1.76
TRUNK_M = TRUNK_OVER_STATURE * STATURE_M
UPPER_ARM_M = UPPER_ARM_OVER_STATURE * STATURE_M
FOREARM_M = FOREARM_OVER_STATURE * STATURE_M
ANKLE_HEIGHT_M = ANKLE_HEIGHT_OVER_STATURE * STATURE_M
#: From the wrist to the bar in the fist.
GRIP_M = 0.07
#: Neck (middle of the shoulders) to between the ears, and from there to the crown.
_NECK_TO_EARS, EARS_TO_CROWN_M = 0.2, 0.12

#: Heel and toe from the ankle, forward, on a foot that stands flat; and both above the floor.
HEEL_X_M, TOE_X_M, _SOLE_M = -0.06, 0.17, 0.025

#: Half widths: shoulders and hips.
SHOULDER_HALF_M, HIP_HALF_M = 0.18, 0.1
#: Lengths of shank and thigh, the latter a little aslant from a hip outwards to its knee.
_SHANK_M = SHANK_OVER_STATURE * STATURE_M
_THIGH_M = float(np.hypot(THIGH_OVER_STATURE * STATURE_M, 0.05))


@dataclass(frozen=True, eq=False)
class Posture:
    """Angles of all segments in radians, over frames.

    shank: lean forward, (n, 2). thigh: elevation of knee-to-hip above horizontal, the hip behind
    the knee, (n, 2). foot: heel above toe, (n, 2). trunk: lean of hips-to-neck forward, (n,). bend:
    between lower and upper half of the trunk, (n,). upper_arm: from straight down forwards, (n, 2).
    elbow: short of straight, (n, 2). neck, face: lean forward, (n,). toes_out: (n,).
    ankle_half, knee_half, elbow_half, grip_half: half widths in metres, (n,).
    x: of the ankles of one who stands, or of the hips of one who walks, metres, (n,).
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

    def toward(self, other: "Posture", share: F64) -> "Posture":
        """Between this posture (share 0) and another (1), angle by angle; share (n,)."""

        def between(a: F64, b: F64) -> F64:
            weight = share[:, None] if a.ndim == 2 else share
            return np.asarray(a + weight * (b - a))

        return Posture(
            **{f.name: between(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)}
        )


@dataclass(frozen=True, eq=False)
class Figure:
    """Places in metres, over frames.

    joints_m: float64 (n, 15, 3), MPI-15. feet_m: float64 (n, 4, 3), as `shared.data.skeleton.FEET`.
    face_rad: (n,), by how much the face looks down.
    """

    joints_m: F64
    feet_m: F64
    face_rad: F64


def leg_lengths(ankle_half: F64, knee_half: F64) -> tuple[F64, F64]:
    """Shank and thigh as seen from the side: shorter, where the legs are spread."""
    shank = np.sqrt(_SHANK_M**2 - (knee_half - ankle_half) ** 2)
    return shank, np.sqrt(_THIGH_M**2 - (knee_half - HIP_HALF_M) ** 2)


def chord(bend: F64) -> F64:
    """Distance from hips to neck of a bent trunk."""
    return np.asarray(TRUNK_M * np.cos(bend / 2))


def raised(foot: F64) -> tuple[F64, F64]:
    """Where the ankle is, (x, y), when the foot has turned about its toes."""
    sine, cosine = np.sin(foot), np.cos(foot)
    x = TOE_X_M - TOE_X_M * cosine + ANKLE_HEIGHT_M * sine
    return x, TOE_X_M * sine + ANKLE_HEIGHT_M * cosine


def hips(posture: Posture) -> F64:
    """Middle of the hips, (n, 2), over feet that stand, or over the lower one of two that walk."""
    shank, thigh = leg_lengths(posture.ankle_half, posture.knee_half)
    ankle_x, ankle_y = raised(posture.foot)
    forward = shank[:, None] * np.sin(posture.shank) - thigh[:, None] * np.cos(posture.thigh)
    upward = shank[:, None] * np.cos(posture.shank) + thigh[:, None] * np.sin(posture.thigh)
    x = posture.x + (ankle_x + forward).mean(-1)
    return np.stack([x, (ankle_y + upward).max(-1)], -1)


def pose(posture: Posture) -> Figure:
    """Place a figure's joints and feet."""
    count = len(posture.trunk)
    joints, feet = np.zeros((count, JOINTS, 3)), np.zeros((count, len(FEET), 3))
    hip = hips(posture)
    neck = hip + chord(posture.bend)[:, None] * _up(posture.trunk)
    back = np.stack([-np.cos(posture.trunk), np.sin(posture.trunk)], -1)
    bulge = (TRUNK_M / 2 * np.sin(posture.bend / 2))[:, None]
    joints[:, NECK, :2], joints[:, CHEST, :2] = neck, (hip + neck) / 2 + bulge * back
    joints[:, HEAD, :2] = (
        neck + _NECK_TO_EARS * _up(posture.neck) + EARS_TO_CROWN_M * _up(posture.face)
    )
    shank, thigh = leg_lengths(posture.ankle_half, posture.knee_half)
    for side, sign, leg, arm, foot in (
        (0, 1.0, (L_HIP, L_KNEE, L_ANKLE), (L_SHOULDER, L_ELBOW, L_WRIST), (L_HEEL, L_TOE)),
        (1, -1.0, (R_HIP, R_KNEE, R_ANKLE), (R_SHOULDER, R_ELBOW, R_WRIST), (R_HEEL, R_TOE)),
    ):
        lean, lift = posture.shank[:, side], posture.thigh[:, side]
        knee = hip + thigh[:, None] * np.stack([np.cos(lift), -np.sin(lift)], -1)
        ankle = knee - shank[:, None] * _up(lean)
        for joint, at, half in zip(
            leg, (hip, knee, ankle), (HIP_HALF_M, posture.knee_half, posture.ankle_half),
            strict=True,
        ):  # fmt: skip
            _put(joints[:, joint], at, sign * half)
        elbow = neck + UPPER_ARM_M * _down(posture.upper_arm[:, side])
        fore = posture.upper_arm[:, side] + posture.elbow[:, side]
        wrist = elbow + FOREARM_M * _down(fore)
        for joint, at, half in zip(
            arm, (neck, elbow, wrist), (SHOULDER_HALF_M, posture.elbow_half, posture.grip_half),
            strict=True,
        ):  # fmt: skip
            _put(joints[:, joint], at, sign * half)
        pitch, out = posture.foot[:, side], posture.toes_out
        for point, along in zip(foot, (HEEL_X_M, TOE_X_M), strict=True):
            ahead = along * np.cos(pitch) - (ANKLE_HEIGHT_M - _SOLE_M) * np.sin(pitch)
            feet[:, point, 0] = ankle[:, 0] + ahead * np.cos(out)
            feet[:, point, 1] = (
                ankle[:, 1] - along * np.sin(pitch) - (ANKLE_HEIGHT_M - _SOLE_M) * np.cos(pitch)
            )
            feet[:, point, 2] = sign * (posture.ankle_half + ahead * np.sin(out))
    return Figure(joints, feet, posture.face)


def _put(joint: F64, at: F64, aside: F64 | float) -> None:
    joint[:, :2], joint[:, 2] = at, aside


def _up(lean: F64) -> F64:
    return np.stack([np.sin(lean), np.cos(lean)], -1)


def _down(lean: F64) -> F64:
    return np.stack([np.sin(lean), -np.cos(lean)], -1)
