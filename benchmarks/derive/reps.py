"""Quantities of repetitions, their style and the hands."""

from collections.abc import Callable

import numpy as np

from services.scorer.motion.motion import hands_px, middle
from shared.data.analysis import Partial, View
from shared.data.skeleton import (
    L_ANKLE,
    L_HIP,
    L_SHOULDER,
    NECK,
    R_ANKLE,
    R_HIP,
    R_SHOULDER,
)

from .observed import Observed
from .quantity import Quantity, median, spread


def _hands(one: Observed) -> np.ndarray:
    """Height of the hands in trunk lengths, (n,)."""
    return -hands_px(one.lift.motion)[:, 1] / one.lift.motion.trunk_length_px


def _change(one: Observed, height: np.ndarray) -> list[float]:
    return [float(height[rep.top] - height[rep.start]) for rep in one.lift.reps]


def _hand_rise(one: Observed) -> list[float]:
    return _change(one, _hands(one))


def _relative_rise(one: Observed) -> list[float]:
    rises = _hand_rise(one)
    whole = [
        rise for rise, rep in zip(rises, one.lift.reps, strict=True) if rep.partial is Partial.WHOLE
    ]
    return [rise / np.median(rises) for rise in whole] if len(rises) > 1 else []


def _tremble(one: Observed) -> list[float]:
    """Motion of still hands: their height's range in the stillest 0.2 s before each start."""
    time_s, height = one.lift.motion.time_s, _hands(one)
    found = []
    for rep in one.lift.reps:
        first = int(np.searchsorted(time_s, time_s[rep.start] - 1.0))
        lasts = np.searchsorted(time_s, time_s[first : rep.start + 1] + 0.2 - 1e-6)
        ranges = [
            np.ptp(height[row : last + 1])
            for row, last in zip(range(first, rep.start + 1), lasts, strict=True)
            if last <= rep.start
        ]
        found += [float(np.nanmin(ranges))] if np.isfinite(ranges).any() else []
    return found


def _tremble_of_rise(one: Observed) -> list[float]:
    rise = median(np.array(_hand_rise(one)))
    return [value / rise for value in _tremble(one)]


def _edge_rise(one: Observed) -> list[float]:
    """Rise within 0.1 s of the clip's beginning, of the first rep's, where it is whole."""
    if not one.lift.reps or one.lift.reps[0].partial is Partial.NO_START:
        return []
    time_s, height = one.lift.motion.time_s, _hands(one)
    row = int(np.searchsorted(time_s, time_s[0] + 0.1))
    return [float(height[row] - height[0]) / _hand_rise(one)[0]]


def _lowered(one: Observed) -> list[float]:
    height = _hands(one)
    return [
        float((height[rep.lower] - height[rep.end]) / (height[rep.top] - height[rep.start]))
        for rep in one.lift.reps
        if rep.partial is Partial.WHOLE
    ]


def _shoulder_fraction(one: Observed) -> list[float]:
    neck = _change(one, -one.xy[:, NECK, 1])
    return [n / max(h, 1e-6) for n, h in zip(neck, _hand_rise(one), strict=True)]


def _extension(one: Observed) -> list[float]:
    hips = -middle(one.xy[:, L_HIP, 1], one.xy[:, R_HIP, 1])
    straightened = _change(one, -one.xy[:, NECK, 1] - hips)
    return [max(a, b) for a, b in zip(straightened, _change(one, hips), strict=True)]


def _feet_motion(one: Observed) -> list[float]:
    feet = middle(one.xy[:, L_ANKLE, 0], one.xy[:, R_ANKLE, 0])
    return [spread(feet[rep.start : rep.top + 1]) for rep in one.lift.reps]


def _pull_s(one: Observed) -> list[float]:
    return _change(one, one.lift.motion.time_s)


def _lockout_s(one: Observed) -> list[float]:
    time_s = one.lift.motion.time_s
    return [float(time_s[rep.lower] - time_s[rep.top]) for rep in one.lift.reps]


def _at_bottom(name: str) -> Callable[[Observed], list[float]]:
    def samples(one: Observed) -> list[float]:
        angles = getattr(one.lift.kinematics, name)
        return [float(angles[rep.start]) for rep in one.lift.reps]

    return samples


def _hands_above_ankles(one: Observed) -> list[float]:
    hands = _hands(one)
    ankles = middle(one.xy[:, L_ANKLE, 1], one.xy[:, R_ANKLE, 1])
    return [float(ankles[rep.top] + hands[rep.start]) for rep in one.lift.reps]


def _width(one: Observed, left: int, right: int) -> float:
    return abs(median(one.xy[:, left, 0] - one.xy[:, right, 0]))


def _stance(one: Observed) -> list[float]:
    if one.lift.motion.view is View.SIDE:
        return []
    return [_width(one, L_ANKLE, R_ANKLE) / max(_width(one, L_SHOULDER, R_SHOULDER), 1e-6)]


def _stance_width(one: Observed) -> list[float]:
    return [_width(one, L_ANKLE, R_ANKLE)] if one.lift.motion.view is View.SIDE else []


_R = "services.scorer.reps."
REP_QUANTITIES = (
    Quantity("rise of the hands, trunk lengths", f"{_R}rep_boundaries:MIN_RISE", _hand_rise),
    Quantity("a rep's rise over its set's median", f"{_R}find:MIN_RISE_FRACTION", _relative_rise),
    Quantity(
        "tremble of the hands before the start, over the rise",
        f"{_R}rep_boundaries:NEAR",
        _tremble_of_rise,
    ),
    Quantity(
        "tremble of the hands before the start, trunk lengths",
        "services.scorer.faults.rep_view:_TREMBLE_TRUNK_LENGTHS",
        _tremble,
    ),
    Quantity(
        "rise in the first 0.1 s of a clip, over the rep's",
        f"{_R}rep_boundaries:_CUT_OFF_RISE",
        _edge_rise,
    ),
    Quantity("lowering over the rise, whole reps", f"{_R}rep_boundaries:_MIN_LOWERED", _lowered),
    Quantity(
        "rise of the shoulders, of the hands'",
        f"{_R}lift_criteria:_MIN_SHOULDER_FRACTION",
        _shoulder_fraction,
    ),
    Quantity(
        "extension of the hips, trunk lengths", f"{_R}lift_criteria:_MIN_EXTENSION", _extension
    ),
    Quantity(
        "motion of the feet, trunk lengths", f"{_R}lift_criteria:MAX_FEET_MOTION", _feet_motion
    ),
    Quantity("duration of the way up, s", f"{_R}lift_criteria:MAX_PULL_S", _pull_s),
    Quantity(
        "duration of the lockout, s", "services.scorer.faults.rep_view:_MIN_LOCKOUT_S", _lockout_s
    ),
    Quantity("knees at the bottom, °", f"{_R}style:_MIN_STRAIGHT_DEG", _at_bottom("knee")),
    Quantity(
        "thighs above horizontal at the bottom, °",
        f"{_R}style:_MIN_THIGH_ELEVATION_DEG",
        _at_bottom("thigh_elevation"),
    ),
    Quantity(
        "hands over ankles at the bottom, trunk lengths",
        f"{_R}style:_MIN_HANDS_ABOVE_ANKLES",
        _hands_above_ankles,
    ),
    Quantity(
        "ankles' width over shoulders', not side views", f"{_R}style:_MIN_SUMO_RATIO", _stance
    ),
    Quantity(
        "ankles' width, side views, trunk lengths", f"{_R}style:_MIN_SUMO_WIDTH", _stance_width
    ),
)
