"""Motions that are no deadlift, of the same figure: to see that nothing of them is scored. Pure.

Each goes there and back in `_CYCLE_S` seconds, but for walking and standing.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synthetic.figure import Posture

F64 = NDArray[np.float64]

#: Duration of a repetition, seconds.
_CYCLE_S = 2.6

#: Walking: duration of a step, swing of the legs, bend of the lifted knee, and speed.
_STEP_S, _SWING_RAD, _KNEE_RAD, _WALK_M_S = 0.55, 0.32, 0.5, 0.38

#: Arm that holds a bar on the shoulders: the upper arm back, the elbow bent.
_RACKED = (-0.5, 2.6)


def upright(like: Posture) -> Posture:
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


def walking(away_s: F64, like: Posture) -> Posture:
    """Steps up to the origin, from `away_s` seconds before standing there, (n,)."""
    going = np.minimum(np.abs(away_s) / 0.3, 1.0)
    stride = np.pi * away_s / _STEP_S
    swing = (_SWING_RAD * going * np.sin(stride))[:, None] * np.array([1.0, -1.0])
    lift = (going * np.cos(stride))[:, None] * np.array([-1.0, 1.0])
    knee = _KNEE_RAD * np.maximum(lift, 0.0)
    standing = upright(like)
    return replace(
        standing,
        shank=knee - swing,
        thigh=np.pi / 2 - swing,
        upper_arm=standing.upper_arm - 0.6 * swing,
        x=-_WALK_M_S * (np.maximum(away_s - 0.1, 0.0) + np.minimum(away_s + 0.1, 0.0)),
    )


def posture_of(exercise: str, time_s: F64, duration_s: float) -> Posture:
    """The posture of one of `EXERCISES` at n times of a clip.

    Args:
        exercise: its name.
        time_s: (n,), seconds of the clip.
        duration_s: duration of the clip, in whose middle a walker passes the origin.
    """
    flat, both = np.zeros(len(time_s)), np.zeros((len(time_s), 2))
    standing = upright(Posture(*([both] * 3), flat, flat, both, both, *([flat] * 8)))
    if exercise == "walking":
        return walking(duration_s / 2 - np.asarray(time_s, float), standing)
    cycle = (0.5 - 0.5 * np.cos(2 * np.pi * np.asarray(time_s) / _CYCLE_S))[:, None]
    return EXERCISES[exercise](standing, cycle)


def _standing(upright: Posture, _cycle: F64) -> Posture:
    return upright


def _bent(
    upright: Posture, cycle: F64, thigh_deg: float, trunk_deg: float, shank_deg: float
) -> Posture:
    """Legs and trunk bent there and back, by these angles at the lowest."""
    trunk = np.radians(trunk_deg) * cycle[:, 0]
    return replace(
        upright,
        shank=upright.shank + np.radians(shank_deg) * cycle,
        thigh=upright.thigh - (np.pi / 2 - np.radians(thigh_deg)) * cycle,
        trunk=trunk,
        neck=0.7 * trunk,
        face=0.5 * trunk,
    )


def _with_arms(posture: Posture, upper_arm: F64 | float, elbow: F64 | float) -> Posture:
    flat = np.zeros_like(posture.upper_arm)
    return replace(posture, upper_arm=flat + upper_arm, elbow=flat + elbow)


def _squat(upright: Posture, cycle: F64) -> Posture:
    return _with_arms(_bent(upright, cycle, 5, 38, 28), *_RACKED)


def _air_squat(upright: Posture, cycle: F64) -> Posture:
    return _with_arms(_bent(upright, cycle, 0, 35, 28), 0.03 + 1.4 * cycle, 0.1)


def _good_morning(upright: Posture, cycle: F64) -> Posture:
    return _with_arms(_bent(upright, cycle, 82, 75, 0), *_RACKED)


def _sitting_down(upright: Posture, cycle: F64) -> Posture:
    return _with_arms(_bent(upright, cycle, 0, 30, 10), 0.03 + 0.9 * cycle, 0.4)


def _curl(upright: Posture, cycle: F64) -> Posture:
    return _with_arms(upright, 0.05, 0.12 + 2.2 * cycle)


def _press(upright: Posture, cycle: F64) -> Posture:
    return _with_arms(upright, 0.4 + 2.6 * cycle, 2.5 * (1 - cycle))


def _arm_swing(upright: Posture, cycle: F64) -> Posture:
    return _with_arms(upright, -0.5 + 2.2 * cycle, 0.1)


def _row(upright: Posture, cycle: F64) -> Posture:
    bent = _bent(upright, np.ones_like(cycle), 75, 60, 5)
    return _with_arms(bent, -1.1 * cycle, 0.05 + 1.6 * cycle)


def _swing(upright: Posture, cycle: F64) -> Posture:
    bent = _bent(upright, cycle, 70, 60, 5)
    return _with_arms(bent, 1.5 * (1 - cycle), 0.05)


def _bench_press(upright: Posture, cycle: F64) -> Posture:
    """Lying on the back, feet on the floor, arms going up and down."""
    lying = replace(upright, thigh=upright.shank, trunk=upright.trunk - np.pi / 2)
    lying = replace(lying, neck=lying.trunk, face=lying.trunk)
    return _with_arms(lying, np.pi - 1.4 * cycle, 1.4 * cycle)


#: Name → the motion: a standing figure and the way there and back, 0..1 (n, 1), to postures.
EXERCISES: dict[str, Callable[[Posture, F64], Posture]] = {
    "standing": _standing,
    "squat": _squat,
    "air_squat": _air_squat,
    "good_morning": _good_morning,
    "sitting_down": _sitting_down,
    "curl": _curl,
    "press": _press,
    "arm_swing": _arm_swing,
    "row": _row,
    "swing": _swing,
    "bench_press": _bench_press,
}
