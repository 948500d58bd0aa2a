"""From the angles of a posture to the positions of joints and feet. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
from synthetic.figure import (
    ANKLE_HEIGHT_M,
    EARS_TO_CROWN_M,
    FOREARM_M,
    HEEL_X_M,
    HIP_HALF_M,
    NECK_TO_EARS_M,
    SHOULDER_HALF_M,
    SOLE_M,
    TOE_X_M,
    TRUNK_M,
    UPPER_ARM_M,
    Posture,
    chord,
    hips,
    leg_lengths,
    upward,
)

F64 = NDArray[np.float64]

#: Column of each side in (n, 2), and the sign of its z.
_LEFT, _RIGHT = 0, 1
_SIGN = (1.0, -1.0)


@dataclass(frozen=True, eq=False)
class Figure:
    """Positions in metres, over frames.

    Attributes:
        joints_m: float64 (n, 15, 3), MPI-15.
        feet_m: float64 (n, 4, 3), as `shared.data.skeleton.FEET`.
        face_rad: float64 (n,), how far the face looks down.
    """

    joints_m: F64
    feet_m: F64
    face_rad: F64


def pose(posture: Posture) -> Figure:
    """Compute the positions of joints and feet."""
    count = len(posture.trunk)
    joints, feet = np.zeros((count, JOINTS, 3)), np.zeros((count, len(FEET), 3))
    hip = hips(posture)
    neck = hip + chord(posture.bend)[:, None] * upward(posture.trunk)
    back = np.stack([-np.cos(posture.trunk), np.sin(posture.trunk)], -1)
    bulge = (TRUNK_M / 2 * np.sin(posture.bend / 2))[:, None]
    joints[:, NECK, :2], joints[:, CHEST, :2] = neck, (hip + neck) / 2 + bulge * back
    joints[:, HEAD, :2] = (
        neck + NECK_TO_EARS_M * upward(posture.neck) + EARS_TO_CROWN_M * upward(posture.face)
    )
    for side, leg, arm, foot in (
        (_LEFT, (L_HIP, L_KNEE, L_ANKLE), (L_SHOULDER, L_ELBOW, L_WRIST), (L_HEEL, L_TOE)),
        (_RIGHT, (R_HIP, R_KNEE, R_ANKLE), (R_SHOULDER, R_ELBOW, R_WRIST), (R_HEEL, R_TOE)),
    ):
        ankle = _place_leg(joints, posture, side, leg, hip)
        _place_arm(joints, posture, side, arm, neck)
        _place_foot(feet, posture, side, foot, ankle)
    return Figure(joints, feet, posture.face)


def _place_leg(
    joints: F64, posture: Posture, side: int, leg: tuple[int, int, int], hip: F64
) -> F64:
    """Place hip, knee and ankle of one side; the ankle as seen from the side, (n, 2)."""
    lean, elevation = posture.shank[:, side], posture.thigh[:, side]
    shank, thigh = leg_lengths(posture.ankle_half, posture.knee_half)
    knee = hip + thigh[:, None] * np.stack([np.cos(elevation), -np.sin(elevation)], -1)
    ankle = knee - shank[:, None] * upward(lean)
    halves = (HIP_HALF_M, posture.knee_half, posture.ankle_half)
    for joint, xy, half in zip(leg, (hip, knee, ankle), halves, strict=True):
        _put(joints[:, joint], xy, _SIGN[side] * half)
    return ankle


def _place_arm(
    joints: F64, posture: Posture, side: int, arm: tuple[int, int, int], neck: F64
) -> None:
    """Place shoulder, elbow and wrist of one side."""
    elbow = neck + UPPER_ARM_M * _down(posture.upper_arm[:, side])
    wrist = elbow + FOREARM_M * _down(posture.upper_arm[:, side] + posture.elbow[:, side])
    halves = (SHOULDER_HALF_M, posture.elbow_half, posture.grip_half)
    for joint, xy, half in zip(arm, (neck, elbow, wrist), halves, strict=True):
        _put(joints[:, joint], xy, _SIGN[side] * half)


def _place_foot(feet: F64, posture: Posture, side: int, foot: tuple[int, int], ankle: F64) -> None:
    """Place heel and toe of one side."""
    pitch, out, below = posture.foot[:, side], posture.toes_out, ANKLE_HEIGHT_M - SOLE_M
    for point, along in zip(foot, (HEEL_X_M, TOE_X_M), strict=True):
        ahead = along * np.cos(pitch) - below * np.sin(pitch)
        feet[:, point, 0] = ankle[:, 0] + ahead * np.cos(out)
        feet[:, point, 1] = ankle[:, 1] - along * np.sin(pitch) - below * np.cos(pitch)
        feet[:, point, 2] = _SIGN[side] * (posture.ankle_half + ahead * np.sin(out))


def _put(joint: F64, xy: F64, z: F64 | float) -> None:
    joint[:, :2], joint[:, 2] = xy, z


def _down(lean: F64) -> F64:
    return np.stack([np.sin(lean), -np.cos(lean)], -1)
