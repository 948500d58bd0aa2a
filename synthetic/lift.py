"""The motion of a lift: the lifter's posture and the bar at any height of it. Pure.

Angles run from the start's to the lockout's; the trunk's lean at the start follows from the hands
reaching the bar. The bar stays over the middle of the foot and starts on the floor (that of a
Romanian deadlift hangs a little above it).
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from synthetic.figure import (
    FOREARM_M,
    GRIP_M,
    HIP_HALF_M,
    SHOULDER_HALF_M,
    TRUNK_M,
    UPPER_ARM_M,
    Posture,
    chord,
    hips,
    leg_lengths,
    pose,
    raised,
)
from synthetic.profiles import bump, eased, meet, tiptoe
from synthetic.settings import Lift, reps_s
from synthetic.timing import minimum_jerk

__all__ = ["PLATE_RADIUS_M", "Lift", "bar_m", "holding", "joints_m", "reps_s"]

F64 = NDArray[np.float64]

#: Radius of an Olympic plate, which is how high the bar lies before the pull.
PLATE_RADIUS_M = 0.225
#: The bar over the middle of the foot: before the ankle by so much.
_BAR_X = 0.1

#: The neck leans nearly with the trunk, the face less: the eyes look at the floor ahead.
_NECK_SHARE, _FACE_SHARE = 0.75, 0.45

#: Hips that shoot up have done so at this share of the lift's angles.
_SHOT = 0.3
#: … while the bar has come so far.
_SHOT_BAR_M = 0.05

#: Thighs do not lean further forward than this.
_THIGH_MOST = np.radians(97.0)


@dataclass(frozen=True)
class _Style:
    """Lean of the shank and elevation of the thigh at the start, degrees; metres otherwise."""

    shank_deg: float
    thigh_deg: float
    toes_out_deg: float
    ankle_half: float
    knee_half: float
    grip_half: float
    bar_y: float


_STYLES = {
    "conventional": _Style(12.0, 33.0, 12.0, 0.14, 0.15, 0.26, PLATE_RADIUS_M),
    "sumo": _Style(6.0, 27.0, 35.0, 0.36, 0.35, 0.19, PLATE_RADIUS_M),
    "romanian": _Style(1.0, 70.0, 8.0, 0.12, 0.12, 0.26, PLATE_RADIUS_M + 0.1),
}


def joints_m(share: float, lift: Lift | None = None) -> F64:
    """Joints at a share of the bar's way up, float64 (15, 3) in the order of `MPI_15`."""
    posture, _ = holding(lift or Lift(), np.array([share]))
    return np.asarray(pose(posture).joints_m[0])


def bar_m(share: float, lift: Lift | None = None) -> F64:
    """Middle of the bar at a share of its way up, float64 (3,)."""
    return np.asarray(holding(lift or Lift(), np.array([share]))[1][0])


def holding(lift: Lift, share: F64) -> tuple[Posture, F64]:
    """A lifter's posture with the hands on the bar, and the bar's middle.

    Args:
        lift: the set; its style and fault say how it is done.
        share: (n,), how much of its way up the bar has come, 0..1.

    Returns:
        the posture over n frames, and the bar, float64 (n, 3).

    Raises:
        ValueError: the fault's severity is beyond what a body can do.
    """
    progress, heights = _heights(lift)
    return _at(lift, np.interp(share, heights, progress))


@cache
def _heights(lift: Lift) -> tuple[F64, F64]:
    """Progress of the angles, and how much of its way up the bar has come there."""
    progress = np.linspace(0, 1, 1001) ** 1.5  # denser where the bar hardly moves yet
    y = _at(lift, progress)[1][:, 1]
    thigh = _at(lift, progress)[0].thigh
    if not np.isfinite(y).all() or (np.diff(y) < -1e-9).any() or (thigh > _THIGH_MOST).any():
        raise ValueError(f"{lift.fault} at {lift.severity:g} is more than a body can do")
    return progress, (y - y[0]) / (y[-1] - y[0])


def _at(lift: Lift, progress: F64) -> tuple[Posture, F64]:
    """Posture and bar where the angles have come so far, (n,)."""
    style, rise = _STYLES[lift.style], minimum_jerk(progress * 1.1)
    shank, thigh = _legs(lift, progress)
    trunk, bend = _trunk(lift, progress)
    flat = np.zeros_like(progress)
    knee_half = style.knee_half + rise * ((style.ankle_half + HIP_HALF_M) / 2 - style.knee_half)
    if lift.style == "conventional":
        knee_half = flat + style.knee_half
    look = eased(np.radians(lift.amount("neck_craned")), progress)
    posture = Posture(
        shank=_both(shank), thigh=_both(thigh), foot=_both(flat), trunk=trunk, bend=bend,
        upper_arm=_both(flat), elbow=_both(flat), neck=_NECK_SHARE * trunk - look,
        face=_FACE_SHARE * trunk - look, toes_out=flat + np.radians(style.toes_out_deg),
        ankle_half=flat + style.ankle_half, knee_half=knee_half,
        elbow_half=flat + (SHOULDER_HALF_M + style.grip_half) / 2,
        grip_half=flat + style.grip_half, x=flat,
    )  # fmt: skip
    if lift.fault == "hips_shoot_up":
        _shoot_up(lift, posture, progress)
    posture, bar = _gripping(lift, posture, flat + _BAR_X)
    if lift.fault == "heels_lift":  # and all that stands on them
        # turned out, a foot seems to pitch more from the side
        pitch = np.tan(np.radians(lift.severity)) * np.cos(posture.toes_out[0])
        posture = replace(posture, foot=_both(np.arctan(pitch) * tiptoe(progress)))
        posture, bar = _gripping(lift, posture, bar[:, 0])
    elif lift.fault == "bar_drifts":  # the bar rises as it does without
        bar[:, 0] += lift.severity * TRUNK_M * bump(progress)
        _reach_with_trunk(lift, posture, bar)
        posture, bar = _gripping(lift, posture, bar[:, 0])
    return posture, bar


def _legs(lift: Lift, progress: F64) -> tuple[F64, F64]:
    """Lean of the shank and elevation of the thigh; knees and hips straight at lockout."""
    style = _STYLES[lift.style]
    start_deg, shank_deg = style.thigh_deg, style.shank_deg
    if lift.fault in ("stiff_legged", "squatted"):
        start_deg = lift.severity
        shank_deg *= min((90 - start_deg) / (90 - style.thigh_deg), 1.0)
    elif lift.fault == "hips_shoot_up":  # hips that have room to rise
        start_deg -= 0.6 * lift.severity
    top_deg = 90 - lift.amount("incomplete_lockout") / 2
    thigh_deg = start_deg + (top_deg - start_deg) * minimum_jerk(progress * 1.1)
    upright = progress / _SHOT if lift.fault == "hips_shoot_up" else progress * 1.7
    shank = np.radians(shank_deg) * (1 - minimum_jerk(upright))
    return shank, np.radians(thigh_deg)


def _trunk(lift: Lift, progress: F64) -> tuple[F64, F64]:
    """Lean of the trunk without hips that shoot up, and its bend."""
    end = np.radians(lift.amount("incomplete_lockout") / 2 - lift.amount("leaning_back"))
    start = _start_lean(lift)
    lean = start + (end - start) * minimum_jerk((progress - 0.1) / 0.9)
    return lean, eased(np.radians(lift.amount("rounded_back")), progress)


@cache
def _start_lean(lift: Lift) -> float:
    """Lean of the trunk with which the hands reach the bar at its lowest."""
    style, start = _STYLES[lift.style], np.zeros(1)
    shank, thigh = (float(angle[0]) for angle in _legs(lift, start))
    lower, upper = leg_lengths(start + style.ankle_half, start + style.knee_half)
    hip = np.array([
        lower[0] * np.sin(shank) - upper[0] * np.cos(thigh),
        raised(start)[1][0] + lower[0] * np.cos(shank) + upper[0] * np.sin(thigh),
    ])  # fmt: skip
    bar = np.array([_BAR_X, style.bar_y])
    length = float(chord(np.radians(lift.amount("rounded_back"))))
    neck = meet(hip[None], np.array([length]), bar[None], np.array([_reach(lift)]))[0] - hip
    if not np.isfinite(neck).all():
        raise ValueError(f"{lift.fault} at {lift.severity:g} is more than a body can do")
    return float(np.arctan2(*neck))


def _gripping(lift: Lift, posture: Posture, bar_x: F64) -> tuple[Posture, F64]:
    """Arms down to a bar at `bar_x`, (n,), as low as they reach."""
    hip = hips(posture)
    neck = hip + chord(posture.bend)[:, None] * _up(posture.trunk)
    away, reach = bar_x - neck[:, 0], _reach(lift)
    bar = np.stack([bar_x, neck[:, 1] - np.sqrt(reach**2 - away**2), 0 * away], -1)
    bent = np.radians(lift.amount("bent_arms"))
    fore = FOREARM_M + GRIP_M
    # the elbow lies behind the line from shoulder to bar
    aside = np.arctan2(fore * np.sin(bent), UPPER_ARM_M + fore * np.cos(bent))
    posture.upper_arm[:] = _both(np.arcsin(away / reach) - aside)
    posture.elbow[:] = bent
    return posture, bar


def _shoot_up(lift: Lift, posture: Posture, progress: F64) -> None:
    """First the hips rise and the trunk leans further; then all straighten."""
    start = _start_lean(lift)
    most = start + np.radians(lift.severity)
    shooting = minimum_jerk(progress / _SHOT)
    straightening = minimum_jerk((progress - _SHOT) / (1 - _SHOT))
    posture.trunk[:] = start + (most - start) * shooting
    bar_y = _STYLES[lift.style].bar_y + _SHOT_BAR_M * shooting
    _reach_with_legs(lift, posture, np.stack([np.full_like(bar_y, _BAR_X), bar_y], -1))
    posture.thigh[:] += _both(straightening) * (np.pi / 2 - posture.thigh)
    posture.trunk[:] *= 1 - straightening
    posture.neck[:], posture.face[:] = _NECK_SHARE * posture.trunk, _FACE_SHARE * posture.trunk


def _reach_with_legs(lift: Lift, posture: Posture, bar: F64) -> None:
    """Set the thighs so that the hands reach a bar, (n, 2 or more), with all else as it is."""
    lower, upper = leg_lengths(posture.ankle_half, posture.knee_half)
    shank, (ankle_x, ankle_y) = posture.shank[:, 0], raised(posture.foot[:, 0])
    knee = np.stack([ankle_x + lower * np.sin(shank), ankle_y + lower * np.cos(shank)], -1)
    trunk = chord(posture.bend)[:, None] * _up(posture.trunk)
    hip = meet(knee, upper, bar[:, :2] - trunk, np.full(len(bar), _reach(lift)))
    posture.thigh[:] = _both(np.arctan2(hip[:, 1] - knee[:, 1], knee[:, 0] - hip[:, 0]))


def _reach_with_trunk(lift: Lift, posture: Posture, bar: F64) -> None:
    """Set the trunk so that the hands reach a bar, (n, 2 or more), with all else as it is."""
    hip, length = hips(posture), chord(posture.bend)
    neck = meet(hip, length, bar[:, :2], np.full(len(bar), _reach(lift))) - hip
    posture.trunk[:] = np.arctan2(neck[:, 0], neck[:, 1])
    posture.neck[:], posture.face[:] = _NECK_SHARE * posture.trunk, _FACE_SHARE * posture.trunk


def _reach(lift: Lift) -> float:
    """From shoulder to bar, seen from the side."""
    bent, fore = np.radians(lift.amount("bent_arms")), FOREARM_M + GRIP_M
    return float(np.sqrt(UPPER_ARM_M**2 + fore**2 + 2 * UPPER_ARM_M * fore * np.cos(bent)))


def _both(angle: F64) -> F64:
    return np.repeat(angle[:, None], 2, axis=1)


def _up(lean: F64) -> F64:
    return np.stack([np.sin(lean), np.cos(lean)], -1)
