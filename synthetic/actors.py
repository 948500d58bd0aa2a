"""Who is in the picture, and how they move: the lifters and those who stand about. Pure."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synthetic.camera import TWO_SHOWN, Camera, camera_of
from synthetic.figure import Figure, Posture, pose
from synthetic.lift import holding
from synthetic.settings import Lift, second_of

F64 = NDArray[np.float64]

#: Where bystanders stand, seen by the camera: metres to the right of the lifter and nearer than he;
#: degrees from side-on; and their size. The first stands nearer and is larger than the lifter.
_PLACES = (
    (-1.12, 0.75, 55.0, 1.1),
    (1.02, -0.9, 75.0, 0.97),
    (-0.72, -1.2, 65.0, 1.0),
    (1.3, -0.5, 40.0, 0.93),
)
#: The one who moves the arms.
_RESTLESS = 1

#: Two lifters stand so far to either side of the middle, metres; from the front more.
_APART_SIDE_M, _APART_FRONT_M = 0.95, 1.3

#: A step takes so long, and swings the legs so far.
_STEP_S, _SWING_RAD, _KNEE_RAD, _PACE_M_S = 0.55, 0.32, 0.5, 0.38


@dataclass(frozen=True, eq=False)
class Actor:
    """One person over the frames of a film, and the camera as it sees that person.

    figure: places in metres. bar_m: float64 (n, 3), the person's bar; None for a bystander.
    height_share: (n,), 0..1. phases: one a frame; "" for a bystander.
    """

    camera: Camera
    figure: Figure
    bar_m: F64 | None
    height_share: F64
    phases: list[str]


def actors_of(lift: Lift, time_s: F64) -> list[Actor]:
    """Everybody at times of a clip, (n,): the lifter, a second lifter if there is one, bystanders.

    With two lifters the middle of the picture is between them.
    """
    camera = camera_of(lift)
    turn = np.sin(camera.turn_rad) ** 2
    apart = _APART_SIDE_M + turn * (_APART_FRONT_M - _APART_SIDE_M) if lift.second_lifter else 0.0
    actors = [_lifter(lift, camera.beside(-apart, 0.0), time_s)]
    if lift.second_lifter:
        actors.append(_lifter(second_of(lift), camera.beside(apart, -0.3), time_s))
    wide = 1 / TWO_SHOWN if lift.second_lifter else 1.0
    for number in range(lift.bystanders):
        right, towards, turn_deg, size = _PLACES[number % len(_PLACES)]
        right += 0.35 * np.sign(right) * (number // len(_PLACES))
        at = camera.beside(right * wide, towards, float(np.radians(turn_deg)), size)
        actors.append(_bystander(number, at, time_s))
    return actors


def _lifter(lift: Lift, camera: Camera, time_s: F64) -> Actor:
    timing = lift.timing
    share = timing.height_share(time_s)
    posture, bar = holding(lift, share)
    if lift.walk_in:
        posture = _walking(timing.walked(time_s), posture).toward(posture, timing.bent(time_s))
    return Actor(camera, pose(posture), bar, share, timing.phases(time_s))


def _upright(like: Posture) -> Posture:
    """Standing free with hanging arms; widths as of another posture."""
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


def _walking(walked_s: F64, like: Posture) -> Posture:
    """Steps up to the bar, from `walked_s` seconds before standing there, (n,)."""
    going = np.minimum(walked_s / 0.3, 1.0)
    stride = np.pi * walked_s / _STEP_S
    swing = (_SWING_RAD * going * np.sin(stride))[:, None] * np.array([1.0, -1.0])
    lift = (going * np.cos(stride))[:, None] * np.array([-1.0, 1.0])
    knee = _KNEE_RAD * np.maximum(lift, 0.0)
    upright = _upright(like)
    return replace(
        upright,
        shank=knee - swing,
        thigh=np.pi / 2 - swing,
        upper_arm=upright.upper_arm - 0.6 * swing,
        x=-_PACE_M_S * np.maximum(walked_s - 0.1, 0.0),
    )


def _bystander(number: int, camera: Camera, time_s: F64) -> Actor:
    flat = np.zeros(len(time_s))
    both = np.zeros((len(time_s), 2))
    like = Posture(*([both] * 3), flat, flat, both, both, *([flat] * 8))
    sway = 0.02 * np.sin(1.3 * time_s + number)
    upright = _upright(like)
    elbow, arm = upright.elbow, upright.upper_arm
    if number % len(_PLACES) == _RESTLESS:
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
