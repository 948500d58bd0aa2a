"""The motion: where a lifter's joints are at any time of a set, in metres. Pure.

A planar model of shank, thigh, trunk and hanging arms, widened sideways. Segment lengths are shares
of the stature after Drillis & Contini (1966), as in Winter, Biomechanics and Motor Control of Human
Movement, table 4.1. The bar stays over the middle of the foot and starts on the floor.

Axes: x forward, y up, z to the lifter's left; the origin on the floor between the ankles.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from shared.skeleton import (
    CHEST,
    HEAD,
    JOINTS,
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

STATURE_M = 1.76
_SHANK, _THIGH, _TRUNK = 0.246 * STATURE_M, 0.245 * STATURE_M, 0.288 * STATURE_M
_UPPER_ARM, _FOREARM = 0.186 * STATURE_M, 0.146 * STATURE_M
_ANKLE_HEIGHT = 0.039 * STATURE_M
#: From the wrist to the bar in the fist.
_GRIP = 0.07
#: Neck (middle of the shoulders) to between the ears, and from there to the crown.
_NECK_TO_EARS, EARS_TO_CROWN_M = 0.2, 0.12

#: The neck leans nearly with the trunk, the face less: the eyes look at the floor ahead.
_NECK_SHARE, _FACE_SHARE = 0.75, 0.45

#: Radius of an Olympic plate, which is how high the bar lies before the pull.
PLATE_RADIUS_M = 0.225
#: The bar over the middle of the foot: before the ankle by so much.
_BAR_X = 0.1

#: Half widths: shoulders, hips, knees, ankles, grip.
_HALF = {"shoulder": 0.18, "hip": 0.1, "knee": 0.15, "ankle": 0.14, "grip": 0.26}

#: Lean of shank (forward) and thigh (backward) at the start; both are upright at lockout.
_SHANK_START, _THIGH_START = np.radians(12), np.radians(57)

#: Seconds of a rep: waiting on the floor, pulling, standing, lowering.
_WAIT_S, _PULL_S, _STAND_S, _LOWER_S = 0.7, 1.2, 0.6, 1.3

#: Turn of the camera from straight at the side, degrees.
VIEWS = {"side": 10.0, "oblique": 25.0, "front": 85.0}


@dataclass(frozen=True)
class Lift:
    """A set as it is rendered.

    facing: the way the lifter looks in the picture, unless seen from the front.
    """

    reps: int = 3
    fps: float = 30.0
    width_px: int = 1280
    height_px: int = 960
    view: Literal["side", "oblique", "front"] = "oblique"
    facing: Literal["right", "left"] = "right"

    @property
    def frames(self) -> int:
        """How many frames the set takes."""
        return round(self.duration_s * self.fps)

    @property
    def duration_s(self) -> float:
        """Length of the set."""
        return self.reps * (_WAIT_S + _PULL_S + _STAND_S + _LOWER_S) + _WAIT_S


def height_share(time_s: float, reps: int) -> float:
    """How far the lift is at a time: 0 on the floor, 1 at lockout.

    Pull and lowering follow minimum-jerk profiles (Flash & Hogan 1985).
    """
    rep_s = _WAIT_S + _PULL_S + _STAND_S + _LOWER_S
    if time_s >= reps * rep_s:
        return 0.0
    within_s = time_s % rep_s - _WAIT_S
    if within_s < _PULL_S:
        return _minimum_jerk(within_s / _PULL_S)
    return 1 - _minimum_jerk((within_s - _PULL_S - _STAND_S) / _LOWER_S)


def joints_m(share: float) -> F64:
    """Joints at a share of the lift, float64 (15, 3) in the order of `shared.skeleton.MPI_15`."""
    shank = _SHANK_START * (1 - _minimum_jerk(share * 1.25))
    thigh = _THIGH_START * (1 - _minimum_jerk(share * 1.1))
    trunk = _trunk_lean(share)
    knee, hip, shoulder = _chain(shank, thigh, trunk)
    bar = _bar(shoulder)
    to_bar = (bar - shoulder) / np.linalg.norm(bar - shoulder)
    wrist, elbow = shoulder + (_UPPER_ARM + _FOREARM) * to_bar, shoulder + _UPPER_ARM * to_bar

    joints = np.zeros((JOINTS, 3))
    ankle = np.array([0.0, _ANKLE_HEIGHT])
    elbow_half = (_HALF["shoulder"] + _HALF["grip"]) / 2
    for left, right, at, half in (
        (L_ANKLE, R_ANKLE, ankle, _HALF["ankle"]),
        (L_KNEE, R_KNEE, knee, _HALF["knee"]),
        (L_HIP, R_HIP, hip, _HALF["hip"]),
        (L_SHOULDER, R_SHOULDER, shoulder, _HALF["shoulder"]),
        (L_ELBOW, R_ELBOW, elbow, elbow_half),
        (L_WRIST, R_WRIST, wrist, _HALF["grip"]),
    ):
        joints[left], joints[right] = (*at, half), (*at, -half)
    joints[NECK, :2] = shoulder
    joints[CHEST, :2] = (shoulder + hip) / 2
    up = head_lean_rad(share)
    joints[HEAD, :2] = (
        shoulder + _NECK_TO_EARS * _upright(_NECK_SHARE * trunk) + EARS_TO_CROWN_M * _upright(up)
    )
    return joints


def head_lean_rad(share: float) -> float:
    """By how much the face looks down at a share of the lift; its own up leads to the crown."""
    return _FACE_SHARE * _trunk_lean(share)


def bar_m(share: float) -> F64:
    """Middle of the bar, float64 (3,)."""
    joints = joints_m(share)
    return np.append(_bar(joints[NECK, :2]), 0.0)


def _chain(shank: float, thigh: float, trunk: float) -> tuple[F64, F64, F64]:
    """Knee, hip and shoulder in the plane from the lean of each segment, radians."""
    knee = np.array([0.0, _ANKLE_HEIGHT]) + _SHANK * np.array([np.sin(shank), np.cos(shank)])
    hip = knee + _THIGH * np.array([-np.sin(thigh), np.cos(thigh)])
    shoulder = hip + _TRUNK * np.array([np.sin(trunk), np.cos(trunk)])
    return knee, hip, shoulder


def _bar(shoulder: F64) -> F64:
    """The bar on straight arms below a shoulder, over the middle of the foot."""
    reach = _UPPER_ARM + _FOREARM + _GRIP
    return np.array([_BAR_X, shoulder[1] - np.sqrt(reach**2 - (shoulder[0] - _BAR_X) ** 2)])


@cache
def _trunk_start() -> float:
    """Lean of the trunk with which the hands reach the bar on the floor."""
    leans = np.radians(np.arange(30.0, 90.0, 0.5))
    heights = [_bar(_chain(_SHANK_START, _THIGH_START, lean)[2])[1] for lean in leans]
    return float(np.interp(-PLATE_RADIUS_M, -np.array(heights), leans))


def _trunk_lean(share: float) -> float:
    return _trunk_start() * (1 - _minimum_jerk((share - 0.1) / 0.9))


def _upright(lean: float) -> F64:
    return np.array([np.sin(lean), np.cos(lean)])


def _minimum_jerk(share: float) -> float:
    s = min(max(share, 0.0), 1.0)
    return s**3 * (10 - 15 * s + 6 * s**2)
