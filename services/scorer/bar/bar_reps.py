"""Repetitions that the bar shows, where the hands do not, or show otherwise. Pure.

A repetition by the bar is a rise and fall of its plate, seen nearly all along. Where the body is
seen as well, shoulders and hips must take part, as in `reps.find`; where it is not, the plate must
rise as far as a lifted one does. Whatever else is seen must not speak against a deadlift: the bar
begins below the hips, ends at them, and stays below the shoulders.

Hands and bar mostly show the same repetitions. Where they do not, the bar is believed: hands are
misplaced behind plates and in the blur, a plate is seen or not.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from services.scorer.bar.lifted import MIN_RISE_RADII
from services.scorer.bar.plate_tracking import BarPlate
from services.scorer.motion.clip_quality import find_covered
from services.scorer.motion.motion import Motion, middle
from services.scorer.reps.find import MIN_RISE_FRACTION, find_rises, unit_of_shot_px
from services.scorer.reps.hands import MIN_HANG
from services.scorer.reps.lift_criteria import MAX_PULL_S, is_lift
from services.scorer.reps.rep_boundaries import (
    RepBoundaries,
    fill_gaps,
    mark_partial,
    shift_rep,
)
from shared.data.analysis import Partial
from shared.data.skeleton import L_HIP, NECK, R_HIP

F64 = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Minimum fraction of a repetition's frames in which the plate is seen, and maximum time without it
#: in between, in seconds. Chosen: a bar may be put down and lifted again in a second, and blurred
#: or behind a caption for less.
_MIN_SEEN, _MAX_GAP_S = 0.5, 0.8

#: Minimum fraction of the frames of a way up in which the body is seen for a repetition to be
#: judged. Chosen: half. Repetitions of real clips that people see well have 0.75 and more.
_MIN_BODY = 0.5

#: Time around start and lockout in which the height of the bar over the hips is read, in seconds.
#: Chosen: the bar has hardly moved by then.
_AROUND_S = 0.3

#: Maximum height of the bar over the hips at lockout, in trunk lengths. Derived: as the limit for
#: hands (`hands`), 1.35 times the hips' height, which is 1.45 trunk lengths.
_MAX_OVER_HIPS = 0.5


def add_bar_reps(
    motion: Motion, found: BarPlate, by_hands: Sequence[RepBoundaries]
) -> tuple[RepBoundaries, ...]:
    """The repetitions of hands and bar together, in order, with `body_seen`.

    Args:
        motion: the lifter's motion.
        found: the plate on the bar.
        by_hands: the repetitions that the hands show.
    """
    body = find_body(motion)
    by_bar = find_bar_reps(motion, found, body)
    met = np.array([[meet(one, other) for other in by_bar] for one in by_hands], bool)
    met = met.reshape(len(by_hands), len(by_bar))
    same = met & (met.sum(1, keepdims=True) == 1) & (met.sum(0, keepdims=True) == 1)
    kept = [rep for rep, row in zip(by_hands, met == same, strict=True) if row.all()]
    kept += [rep for rep, is_known in zip(by_bar, same.any(0), strict=True) if not is_known]
    return tuple(
        replace(rep, body_seen=_is_body_seen(body, rep))
        for rep in sorted(kept, key=lambda rep: rep.top)
    )


def find_body(motion: Motion) -> Bools:
    """Rows in which neck and hips were seen, and most of the body is not covered, (n,)."""
    known = np.isfinite(motion.xy_px).all(-1) & ~motion.filled
    return np.asarray(known[:, NECK] & (known[:, L_HIP] | known[:, R_HIP]) & ~find_covered(motion))


def find_bar_reps(motion: Motion, found: BarPlate, body: Bools) -> list[RepBoundaries]:
    """The repetitions that the bar's plate shows, in order.

    Args:
        motion: the lifter's motion.
        found: the plate on the bar.
        body: (n,), rows in which the body is seen.
    """
    if found.plate is None:
        return []
    reps: list[RepBoundaries] = []
    for shot in np.unique(motion.shot):
        rows = np.flatnonzero(motion.shot == shot)
        reps += [shift_rep(rep, int(rows[0])) for rep in _reps_of_shot(motion, found, body, rows)]
    height = -found.plate_px[:, 1]
    rises = [_rise(height, rep) for rep in reps]
    enough = MIN_RISE_FRACTION * float(np.median(rises)) if rises else 0.0
    return [
        rep
        for rep, rise in zip(reps, rises, strict=True)
        if rep.partial is not Partial.WHOLE or rise >= enough
    ]


def _reps_of_shot(motion: Motion, found: BarPlate, body: Bools, rows: Ints) -> list[RepBoundaries]:
    """Repetitions of the bar in one shot, counted from its first row."""
    unit_px = unit_of_shot_px(motion, rows)
    plate, time_s = found.plate_px[rows] / unit_px, motion.time_s[rows]
    height, seen = fill_gaps(-plate[:, 1], time_s), np.isfinite(plate[:, 1])
    if height is None or not unit_px > 0 or found.plate is None:
        return []
    radius = found.plate.diameter_px / unit_px / 2
    xy = motion.xy_px[rows] / unit_px
    reps = []
    for rep in find_rises(height, time_s):
        if _is_body_seen(body[rows], rep):
            is_pull = is_lift(xy, time_s, height, rep)
        else:
            is_pull = bool(
                height[rep.top] - height[rep.start] >= MIN_RISE_RADII * radius
                and time_s[rep.top] - time_s[rep.start] <= MAX_PULL_S
            )
        if (
            is_pull
            and is_plate_seen(seen, time_s, rep)
            and _may_be_deadlift(xy, plate, time_s, rep)
        ):
            reps.append(replace(mark_partial(rep, height, time_s), by_bar=True))
    return reps


def is_plate_seen(seen: Bools, time_s: F64, rep: RepBoundaries) -> bool:
    """Whether the plate is seen (n,) in most rows of a repetition, without a long gap."""
    rows = np.arange(rep.start, rep.end + 1)
    known = rows[seen[rows]]
    if len(known) < _MIN_SEEN * len(rows):
        return False
    ends = np.concatenate([[rep.start], known, [rep.end]])
    return bool(np.diff(time_s[ends]).max() <= _MAX_GAP_S)


def _may_be_deadlift(xy: F64, plate: F64, time_s: F64, rep: RepBoundaries) -> bool:
    """Whether the bar begins below the hips, ends at them and stays below the neck.

    What is not seen speaks against nothing.

    Args:
        xy: (n, 15, 2), joints of one shot in trunk lengths.
        plate: (n, 2), the plate's centre in trunk lengths.
        time_s: (n,).
        rep: the repetition.
    """
    own = slice(rep.start, rep.end + 1)
    hang = (plate[:, 1] - xy[:, NECK, 1])[own]
    over_hips = middle(xy[:, L_HIP, 1], xy[:, R_HIP, 1]) - plate[:, 1]
    begin, end = (np.abs(time_s - time_s[row]) <= _AROUND_S for row in (rep.start, rep.top))
    return not (
        _median(hang) < MIN_HANG
        or _median(over_hips[begin]) > 0
        or _median(over_hips[end]) > _MAX_OVER_HIPS
    )


def _is_body_seen(body: Bools, rep: RepBoundaries) -> bool:
    """Whether the body is seen (n,) in enough rows of the way up."""
    return bool(body[rep.start : rep.top + 1].mean() >= _MIN_BODY)


def meet(one: RepBoundaries, other: RepBoundaries) -> bool:
    """Whether either repetition reaches its top while the other one lasts."""
    return one.start <= other.top <= one.end or other.start <= one.top <= other.end


def _rise(height: F64, rep: RepBoundaries) -> float:
    """Greatest less least height (n,) of a repetition; 0 where unknown."""
    known = height[rep.start : rep.end + 1]
    known = known[np.isfinite(known)]
    return float(np.ptp(known)) if known.size else 0.0


def _median(values: F64) -> float:
    """Median of the known values; NaN, which is beyond no limit, if none is known."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")
