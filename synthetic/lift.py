"""The motion of a lift: the lifter's posture and the bar at any height of it. Pure.

`angles` gives legs and trunk, `reach` hangs the arms down to the bar. The bar stays over the middle
of the foot and starts on the floor (that of a Romanian deadlift hangs a little above it). Two
values run from 0 at the start to 1 at lockout: `progress` of the angles, and `bar_progress`, the
fraction of the bar's way up.
"""

from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from synthetic.angles import SHOT_PROGRESS, impossible, leg_angles, start_lean, trunk_angles
from synthetic.figure import HIP_HALF_M, SHOULDER_HALF_M, TRUNK_M, Posture
from synthetic.posing import pose
from synthetic.profiles import bump, eased, tiptoe
from synthetic.reach import (
    FACE_LEAN_FRACTION,
    NECK_LEAN_FRACTION,
    both_sides,
    hang_arms,
    lean_head,
    reach_with_legs,
    reach_with_trunk,
)
from synthetic.settings import Lift
from synthetic.styles import BAR_AHEAD_M, style_of
from synthetic.timing import minimum_jerk

F64 = NDArray[np.float64]

#: Rise of the bar while hips shoot up, metres.
_SHOT_RISE_M = 0.05

#: Maximum elevation of the thighs, radians: a little beyond upright, as knees do not bend forward.
_MAX_THIGH = np.radians(97.0)


def joints_m(bar_progress: float, lift: Lift | None = None) -> F64:
    """Joints at a fraction of the bar's way up, float64 (15, 3) in the order of `MPI_15`."""
    posture, _ = hold_bar(lift or Lift(), np.array([bar_progress]))
    return np.asarray(pose(posture).joints_m[0])


def bar_m(bar_progress: float, lift: Lift | None = None) -> F64:
    """Middle of the bar at a fraction of its way up, float64 (3,)."""
    return np.asarray(hold_bar(lift or Lift(), np.array([bar_progress]))[1][0])


def hold_bar(lift: Lift, bar_progress: F64) -> tuple[Posture, F64]:
    """A lifter's posture with the hands on the bar, and the bar's middle.

    Args:
        lift: the set; its style and fault say how it is done.
        bar_progress: (n,), fraction of the bar's way up, 0..1.

    Returns:
        The posture over n frames, and the bar, float64 (n, 3).

    Raises:
        ValueError: the fault's severity is beyond what a body can do.
    """
    progress, bar_progresses = _bar_progress(lift)
    return _at(lift, np.interp(bar_progress, bar_progresses, progress))


@cache
def _bar_progress(lift: Lift) -> tuple[F64, F64]:
    """Progress of the angles, and the fraction of the bar's way up that belongs to it."""
    progress = np.linspace(0, 1, 1001) ** 1.5  # denser where the bar hardly moves yet
    posture, bar = _at(lift, progress)
    y = bar[:, 1]
    can_do = np.isfinite(y).all() and not (np.diff(y) < -1e-9).any()
    if not can_do or (posture.thigh > _MAX_THIGH).any():
        raise impossible(lift)
    return progress, (y - y[0]) / (y[-1] - y[0])


def _at(lift: Lift, progress: F64) -> tuple[Posture, F64]:
    """Posture and bar at progress (n,) of the angles."""
    posture = _without_arms(lift, progress)
    if lift.fault == "hips_shoot_up":
        _shoot_up(lift, posture, progress)
    bar = hang_arms(lift, posture, np.full_like(progress, BAR_AHEAD_M))
    if lift.fault == "heels_lift":  # the rest of the body rises with them
        # From the side, the pitch of a turned-out foot looks larger.
        pitch = np.tan(np.radians(lift.severity)) * np.cos(posture.toes_out[0])
        posture = replace(posture, foot=both_sides(np.arctan(pitch) * tiptoe(progress)))
        bar = hang_arms(lift, posture, bar[:, 0])
    elif lift.fault == "bar_drifts":  # the bar rises as in a correct lift
        bar[:, 0] += lift.severity * TRUNK_M * bump(progress)
        reach_with_trunk(lift, posture, bar)
        bar = hang_arms(lift, posture, bar[:, 0])
    return posture, bar


def _without_arms(lift: Lift, progress: F64) -> Posture:
    """The posture with arms that still hang straight down."""
    style, rise = style_of(lift), minimum_jerk(progress * 1.1)
    shank, thigh = leg_angles(lift, progress)
    trunk, bend = trunk_angles(lift, progress)
    flat = np.zeros_like(progress)
    top_half_m = (style.ankle_half_m + HIP_HALF_M) / 2
    knee_half = style.knee_half_m + rise * (top_half_m - style.knee_half_m)
    if lift.style == "conventional":
        knee_half = flat + style.knee_half_m
    look_up = eased(np.radians(lift.severity_of("neck_craned")), progress)
    return Posture(
        shank=both_sides(shank),
        thigh=both_sides(thigh),
        foot=both_sides(flat),
        trunk=trunk,
        bend=bend,
        upper_arm=both_sides(flat),
        elbow=both_sides(flat),
        neck=NECK_LEAN_FRACTION * trunk - look_up,
        face=FACE_LEAN_FRACTION * trunk - look_up,
        toes_out=flat + np.radians(style.toes_out_deg),
        ankle_half=flat + style.ankle_half_m,
        knee_half=knee_half,
        elbow_half=flat + (SHOULDER_HALF_M + style.grip_half_m) / 2,
        grip_half=flat + style.grip_half_m,
        x=flat,
    )


def _shoot_up(lift: Lift, posture: Posture, progress: F64) -> None:
    """Raise the hips and lean the trunk further, then straighten all. In place."""
    start = start_lean(lift)
    max_lean = start + np.radians(lift.severity)
    shooting = minimum_jerk(progress / SHOT_PROGRESS)
    straightening = minimum_jerk((progress - SHOT_PROGRESS) / (1 - SHOT_PROGRESS))
    posture.trunk[:] = start + (max_lean - start) * shooting
    bar_y = style_of(lift).bar_height_m + _SHOT_RISE_M * shooting
    reach_with_legs(lift, posture, np.stack([np.full_like(bar_y, BAR_AHEAD_M), bar_y], -1))
    posture.thigh[:] += both_sides(straightening) * (np.pi / 2 - posture.thigh)
    posture.trunk[:] *= 1 - straightening
    lean_head(posture)
