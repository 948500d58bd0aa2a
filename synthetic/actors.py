"""The people in the picture and their motion: lifters and bystanders. Pure."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synthetic.camera import TWO_LIFTERS_ZOOM, Camera, camera_of
from synthetic.figure import Posture
from synthetic.lift import hold_bar
from synthetic.posing import Figure, pose
from synthetic.settings import Lift, second_of

F64 = NDArray[np.float64]

#: Positions of bystanders as the camera sees them: metres to the right of the lifter, metres nearer
#: than the lifter, turn from side-on in degrees, size. The first is nearer and larger than the
#: lifter.
_BYSTANDERS = (
    (-1.12, 0.75, 55.0, 1.1),
    (1.02, -0.9, 75.0, 0.97),
    (-0.72, -1.2, 65.0, 1.0),
    (1.3, -0.5, 40.0, 0.93),
)
#: Number of the bystander who moves the arms.
_RESTLESS = 1

#: Distance of each of two lifters from the middle of the picture, metres, seen from the side and
#: from the front.
_APART_SIDE_M, _APART_FRONT_M = 0.95, 1.3

#: Walking: duration of a step, swing of the legs, bend of the lifted knee, and speed.
_STEP_S, _SWING_RAD, _KNEE_RAD, _WALK_M_S = 0.55, 0.32, 0.5, 0.38


@dataclass(frozen=True, eq=False)
class Actor:
    """One person over the n frames of a clip, and the camera as it sees that person.

    Attributes:
        camera: The camera.
        figure: Positions in metres.
        bar_m: float64 (n, 3), middle of the person's bar; None for a bystander.
        bar_progress: float64 (n,), fraction of the bar's way up, 0..1.
        phases: One per frame, as in `shared.data.analysis.Phase`; "" for a bystander.
    """

    camera: Camera
    figure: Figure
    bar_m: F64 | None
    bar_progress: F64
    phases: list[str]


def actors_of(lift: Lift, time_s: F64) -> list[Actor]:
    """Everybody at n times of a clip: the lifter, a second lifter if there is one, bystanders.

    With two lifters the middle of the picture is between them.

    Args:
        lift: the set.
        time_s: (n,), seconds of the clip.
    """
    camera = camera_of(lift)
    frontal = np.sin(camera.turn_rad) ** 2
    apart = 0.0
    if lift.second_lifter:
        apart = _APART_SIDE_M + frontal * (_APART_FRONT_M - _APART_SIDE_M)
    actors = [_lifter(lift, camera.beside(-apart, 0.0), time_s)]
    if lift.second_lifter:
        actors.append(_lifter(second_of(lift), camera.beside(apart, -0.3), time_s))
    spread = 1 / TWO_LIFTERS_ZOOM if lift.second_lifter else 1.0
    for number in range(lift.bystanders):
        right, towards, turn_deg, size = _BYSTANDERS[number % len(_BYSTANDERS)]
        right += 0.35 * np.sign(right) * (number // len(_BYSTANDERS))
        at = camera.beside(right * spread, towards, float(np.radians(turn_deg)), size)
        actors.append(_bystander(number, at, time_s))
    return actors


def _lifter(lift: Lift, camera: Camera, time_s: F64) -> Actor:
    timing = lift.timing
    bar_progress = timing.bar_progress(time_s)
    posture, bar = hold_bar(lift, bar_progress)
    if lift.walk_in:
        walking = _walking(timing.away_s(time_s), posture)
        posture = walking.toward(posture, timing.bent_fraction(time_s))
    return Actor(camera, pose(posture), bar, bar_progress, timing.phases(time_s))


def _upright(like: Posture) -> Posture:
    """Standing upright with hanging arms, for as many frames as another posture."""
    flat, both = np.zeros_like(like.trunk), np.zeros_like(like.shank)
    return replace(
        like,
        shank=both,
        thigh=both + np.pi / 2,
        foot=both,
        trunk=flat,
        bend=flat,
        upper_arm=both + 0.03,
        elbow=both + 0.12,
        neck=flat,
        face=flat,
        toes_out=flat + 0.2,
        ankle_half=flat + 0.11,
        knee_half=flat + 0.105,
        elbow_half=flat + 0.24,
        grip_half=flat + 0.26,
        x=flat,
    )


def _walking(away_s: F64, like: Posture) -> Posture:
    """Steps up to the bar, from `away_s` seconds before standing there, (n,)."""
    going = np.minimum(away_s / 0.3, 1.0)
    stride = np.pi * away_s / _STEP_S
    swing = (_SWING_RAD * going * np.sin(stride))[:, None] * np.array([1.0, -1.0])
    lift = (going * np.cos(stride))[:, None] * np.array([-1.0, 1.0])
    knee = _KNEE_RAD * np.maximum(lift, 0.0)
    upright = _upright(like)
    return replace(
        upright,
        shank=knee - swing,
        thigh=np.pi / 2 - swing,
        upper_arm=upright.upper_arm - 0.6 * swing,
        x=-_WALK_M_S * np.maximum(away_s - 0.1, 0.0),
    )


def _bystander(number: int, camera: Camera, time_s: F64) -> Actor:
    flat = np.zeros(len(time_s))
    both = np.zeros((len(time_s), 2))
    like = Posture(*([both] * 3), flat, flat, both, both, *([flat] * 8))
    sway = 0.02 * np.sin(1.3 * time_s + number)
    upright = _upright(like)
    elbow, arm = upright.elbow, upright.upper_arm
    if number % len(_BYSTANDERS) == _RESTLESS:
        raising = 0.5 - 0.5 * np.cos(2 * np.pi * time_s / 2.7)
        elbow = elbow + raising[:, None] * np.array([1.5, 0.7])
        arm = arm + raising[:, None] * np.array([0.35, 0.1])
    posture = replace(
        upright,
        trunk=sway,
        neck=0.1 + 2 * sway,
        face=0.15 + 4 * sway,
        elbow=elbow,
        upper_arm=arm,
    )
    return Actor(camera, pose(posture), None, flat, [""] * len(time_s))
