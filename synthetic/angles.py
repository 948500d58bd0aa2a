"""Angles of legs and trunk over the progress of a lift, before the arms hang down. Pure.

Progress (n,) runs from 0 at the start to 1 at lockout; angles follow minimum-jerk profiles.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from synthetic.figure import chord, leg_lengths, raised
from synthetic.profiles import eased
from synthetic.reach import arm_reach_m, intersect_circles
from synthetic.settings import Lift
from synthetic.styles import BAR_AHEAD_M, style_of
from synthetic.timing import minimum_jerk

F64 = NDArray[np.float64]

#: Progress at which hips that shoot up have done so.
SHOT_PROGRESS = 0.3


def leg_angles(lift: Lift, progress: F64) -> tuple[F64, F64]:
    """Lean of the shank and elevation of the thigh, radians; knees and hips straight at lockout."""
    style = style_of(lift)
    start_deg, shank_deg = style.thigh_deg, style.shank_deg
    if lift.fault in ("stiff_legged", "squatted"):
        start_deg = lift.severity
        shank_deg *= min((90 - start_deg) / (90 - style.thigh_deg), 1.0)
    elif lift.fault == "hips_shoot_up":  # low hips have room to rise
        start_deg -= 0.6 * lift.severity
    top_deg = 90 - lift.severity_of("incomplete_lockout") / 2
    thigh_deg = start_deg + (top_deg - start_deg) * minimum_jerk(progress * 1.1)
    upright = progress / SHOT_PROGRESS if lift.fault == "hips_shoot_up" else progress * 1.7
    shank = np.radians(shank_deg) * (1 - minimum_jerk(upright))
    return shank, np.radians(thigh_deg)


def trunk_angles(lift: Lift, progress: F64) -> tuple[F64, F64]:
    """Lean of the trunk of hips that do not shoot up, and its bend, radians."""
    lockout_deg = lift.severity_of("incomplete_lockout") / 2 - lift.severity_of("leaning_back")
    end, start = np.radians(lockout_deg), start_lean(lift)
    lean = start + (end - start) * minimum_jerk((progress - 0.1) / 0.9)
    return lean, eased(np.radians(lift.severity_of("rounded_back")), progress)


@cache
def start_lean(lift: Lift) -> float:
    """Lean of the trunk with which the hands reach the bar at its lowest, radians.

    Raises:
        ValueError: no lean reaches it.
    """
    style, start = style_of(lift), np.zeros(1)
    shank, thigh = (float(angle[0]) for angle in leg_angles(lift, start))
    lower, upper = leg_lengths(start + style.ankle_half_m, start + style.knee_half_m)
    hip = np.array([
        lower[0] * np.sin(shank) - upper[0] * np.cos(thigh),
        raised(start)[1][0] + lower[0] * np.cos(shank) + upper[0] * np.sin(thigh),
    ])  # fmt: skip
    bar = np.array([BAR_AHEAD_M, style.bar_height_m])
    length = chord(np.radians(lift.severity_of("rounded_back")))
    reach = np.array([arm_reach_m(lift)])
    neck = intersect_circles(hip[None], np.array([float(length)]), bar[None], reach)[0] - hip
    if not np.isfinite(neck).all():
        raise impossible(lift)
    return float(np.arctan2(*neck))


def impossible(lift: Lift) -> ValueError:
    """The error of a fault with a severity that no body can reach."""
    return ValueError(f"{lift.fault} at {lift.severity:g} is more than a body can do")
