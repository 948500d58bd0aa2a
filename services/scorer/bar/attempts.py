"""Failed attempts: the bar does not lock out, or does not leave the floor. Pure.

    no lockout    the bar, which the hands hold, goes up and back down, and the hips stay bent
    not lifted    a clip without any other pull, in which the lifter bends to the bar and stands up
                  without it

Hips that bob, grips that are set and slack that is taken out of the bar are no attempts: the bar
hardly rises. Neither is what bounces after a repetition.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.bar.bar_reps import is_plate_seen, meet
from services.scorer.bar.plate_tracking import MAX_OFFSET, BarPlate
from services.scorer.motion.kinematics import Kinematics
from services.scorer.motion.motion import Motion
from services.scorer.reps.find import find_rises, unit_of_shot_px
from services.scorer.reps.lift_criteria import is_lift
from services.scorer.reps.rep_boundaries import (
    RepBoundaries,
    fill_gaps,
    mark_partial,
    shift_rep,
)
from shared.data.analysis import Attempt, Failure, Partial

Ints = NDArray[np.int64]

#: Bend of the hips and lean of the trunk from which on the top of a pull is no lockout, in degrees.
#: Chosen: beyond what an incomplete lockout, or a network's error in one, measures (in 100 whole
#: repetitions of real clips 32 and less, and 34 and less).
_MIN_BEND_DEG, _MIN_LEAN_DEG = 45.0, 36.0

#: The same where the pull is shorter than the others of a set, of at least this many: maximum rise
#: of the hands, as a fraction of the median, and minimum bend in degrees, where it can be measured.
#: Chosen: repetitions of a set rise alike (0.88 to 1.07 in real clips), and bend as above.
_MIN_REPS, _MAX_SHORT_RISE, _MIN_SHORT_BEND_DEG = 3, 0.85, 40.0

#: Minimum rise of the bar in an attempt, in trunk lengths. Chosen: 7 cm; taking the slack out of a
#: bar or rolling it lifts its plate by less.
_MIN_RISE = 0.15

#: Maximum distance of the plate from its usual place at the hands in an attempt, in trunk lengths.
#: Chosen: twice what a plate on the bar is off.
_MAX_AWAY = 2 * MAX_OFFSET

#: Time after a repetition in which the bar may bounce, in seconds. Chosen: a bar that is dropped
#: lies still by then, or has left the hands.
_BOUNCE_S = 0.4


@dataclass(frozen=True)
class FailedAttempt:
    """A failed attempt.

    Attributes:
        start: Row in which it begins.
        end: Row in which it ends.
        failure: Why it is no repetition.
    """

    start: int
    end: int
    failure: Failure


def part_attempts(
    motion: Motion,
    found: BarPlate,
    kinematics: Kinematics,
    reps: Sequence[RepBoundaries],
    idle: Sequence[RepBoundaries],
) -> tuple[tuple[RepBoundaries, ...], tuple[FailedAttempt, ...]]:
    """The repetitions that lock out as far as is seen, and the failed attempts.

    Args:
        motion: the lifter's motion.
        found: the plate on the bar.
        kinematics: the angles of the motion.
        reps: the repetitions that were found.
        idle: rises in which the bar stays on the floor.
    """
    failed = [rep for rep in reps if _stays_bent(kinematics, rep)]
    if len(reps) >= _MIN_REPS:
        rises = [_rise_of_hands(found, rep) for rep in reps]
        known = [rise for rise in rises if np.isfinite(rise)]
        short = _MAX_SHORT_RISE * float(np.median(known)) if known else 0.0
        failed += [
            rep
            for rep, rise in zip(reps, rises, strict=True)
            if rise <= short and rep not in failed and _is_bent(kinematics, rep)
        ]
    failed += [
        rep
        for rep in _small_rises(motion, found)
        if _stays_bent(kinematics, rep) and not _is_near(motion, rep, reps)
    ]
    kept = tuple(rep for rep in reps if rep not in failed)
    attempts = [FailedAttempt(rep.start, rep.end, Failure.NO_LOCKOUT) for rep in failed]
    if not reps and not failed:
        attempts = [FailedAttempt(rep.start, rep.top, Failure.NOT_LIFTED) for rep in idle]
    return kept, tuple(sorted(attempts, key=lambda attempt: attempt.start))


def describe_attempts(attempts: Sequence[Attempt]) -> tuple[str, ...]:
    """What people are told of failed attempts."""
    return tuple(
        f"the attempt at {attempt.start_s:.1f} s is not counted, because {attempt.failure}"
        for attempt in attempts
    )


def _stays_bent(kinematics: Kinematics, rep: RepBoundaries) -> bool:
    """Whether the hips are far from straight all the time that the bar is at its top."""
    if not _is_seen_whole(rep):
        return False
    rows = slice(rep.top, rep.lower + 1)
    bend, lean = 180 - kinematics.hip[rows], kinematics.trunk_lean[rows]
    known = np.isfinite(bend) & np.isfinite(lean)
    if not known.any():
        return False
    return bool(bend[known].min() >= _MIN_BEND_DEG and lean[known].min() >= _MIN_LEAN_DEG)


def _is_bent(kinematics: Kinematics, rep: RepBoundaries) -> bool:
    """Whether hips are bent at the top of a pull, or cannot be seen to be straight."""
    bend = 180 - kinematics.hip[rep.top : rep.lower + 1]
    return _is_seen_whole(rep) and not np.nanmin(bend, initial=180) < _MIN_SHORT_BEND_DEG


def _is_seen_whole(rep: RepBoundaries) -> bool:
    return rep.partial is Partial.WHOLE and rep.body_seen and not rep.by_bar


def _rise_of_hands(found: BarPlate, rep: RepBoundaries) -> float:
    """Rise of the hands in a repetition, in pixels; NaN where unknown."""
    return float(found.hands_px[rep.start, 1] - found.hands_px[rep.top, 1])


def _small_rises(motion: Motion, found: BarPlate) -> list[RepBoundaries]:
    """Rises of the bar with the hands that may be less than a repetition's, in order."""
    if found.plate is None:
        return []
    away = (found.plate_px - found.hands_px - found.plate.offset_px) / motion.trunk_length_px
    is_held = np.abs(away).max(-1) <= _MAX_AWAY
    rises: list[RepBoundaries] = []
    for shot in np.unique(motion.shot):
        rows = np.flatnonzero(motion.shot == shot)
        for rise in _small_rises_of_shot(motion, found, rows):
            rep = shift_rep(rise, int(rows[0]))
            if is_held[rep.start : rep.end + 1].mean() >= 0.5:
                rises.append(rep)
    return rises


def _small_rises_of_shot(motion: Motion, found: BarPlate, rows: Ints) -> list[RepBoundaries]:
    """Rises of the bar in which the body takes part, counted from the first row of a shot."""
    unit_px, time_s = unit_of_shot_px(motion, rows), motion.time_s[rows]
    plate_y = found.plate_px[rows, 1]
    height = fill_gaps(-plate_y / unit_px, time_s)
    if height is None or not unit_px > 0:
        return []
    xy, seen = motion.xy_px[rows] / unit_px, np.isfinite(plate_y)
    return [
        mark_partial(rise, height, time_s)
        for rise in find_rises(height, time_s, _MIN_RISE)
        if is_plate_seen(seen, time_s, rise) and is_lift(xy, time_s, height, rise)
    ]


def _is_near(motion: Motion, rep: RepBoundaries, others: Sequence[RepBoundaries]) -> bool:
    """Whether a rise belongs to another, or follows it at once."""
    start_s = motion.time_s[rep.start]
    return any(
        meet(rep, other) or 0 <= start_s - motion.time_s[other.end] <= _BOUNCE_S for other in others
    )
