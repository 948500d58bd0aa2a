"""The people in the picture and their motion: lifters and bystanders. Pure."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synthetic.camera import TWO_LIFTERS_ZOOM, Camera, camera_of
from synthetic.exercises import posture_of, walking
from synthetic.exercises import upright as upright_posture
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
    if lift.exercise != "deadlift":
        figure = pose(posture_of(lift.exercise, time_s, lift.duration_s))
        return Actor(camera, figure, None, np.zeros(len(time_s)), [""] * len(time_s))
    bar_progress = timing.bar_progress(time_s)
    posture, bar = hold_bar(lift, bar_progress)
    if lift.walk_in:
        on_foot = walking(timing.away_s(time_s), posture)
        posture = on_foot.toward(posture, timing.bent_fraction(time_s))
    return Actor(camera, pose(posture), bar, bar_progress, timing.phases(time_s))


def _bystander(number: int, camera: Camera, time_s: F64) -> Actor:
    flat = np.zeros(len(time_s))
    both = np.zeros((len(time_s), 2))
    like = Posture(*([both] * 3), flat, flat, both, both, *([flat] * 8))
    sway = 0.02 * np.sin(1.3 * time_s + number)
    upright = upright_posture(like)
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
