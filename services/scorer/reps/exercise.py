"""What is being done where no deadlift was seen: another lift, or no lift. Pure.

Another lift shows as hands or shoulders that rise while the feet stand. What it is (a squat, a
press, a row) is not told: sitting down looks like a squat without a bar.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.motion import Motion, frame_step_s, hands_px, middle
from services.scorer.reps.lift_criteria import MAX_FEET_MOTION
from services.scorer.reps.rep_boundaries import RepBoundaries, fill_gaps
from shared.data.analysis import Exercise
from shared.data.skeleton import L_ANKLE, NECK, R_ANKLE

F64 = NDArray[np.float64]

#: Minimum rise of hands or neck in another lift, in trunk lengths. Chosen: rendered rows rise by
#: 0.44, squats, presses and curls by more, breathing and looking about by less.
_MIN_SWING = 0.4

#: Number of rises and falls, and duration without any in seconds, at which the confidence in
#: another lift or in none is one half. Chosen: a single one may be anything, and a second of
#: standing may be a part of a lift.
_HALF_SWINGS, _HALF_S = 1.0, 1.0


@dataclass(frozen=True)
class Recognition:
    """What a motion shows.

    Attributes:
        reps: The repetitions that are deadlifts.
        exercise: What is being done.
        confidence: Confidence in it, 0..1; 0 where it is unknown.
        refusal: Why nothing is scored, for people; "" where a deadlift was seen.
    """

    reps: tuple[RepBoundaries, ...]
    exercise: Exercise
    confidence: float
    refusal: str = ""


def recognise_other(motion: Motion) -> tuple[Exercise, float]:
    """Which exercise a motion shows that is no deadlift, and the confidence in that, 0..1."""
    swings = max(
        _count_swings(motion, height)
        for height in (-hands_px(motion)[:, 1], -motion.xy_px[:, NECK, 1])
    )
    if swings:
        return Exercise.OTHER_LIFT, swings / (swings + _HALF_SWINGS)
    still_s = len(motion) * float(np.nan_to_num(frame_step_s(motion.time_s)))
    return Exercise.NO_LIFT, still_s / (still_s + _HALF_S)


def _count_swings(motion: Motion, height_px: F64) -> int:
    """Number of times that something rises or sinks while the feet stand.

    Args:
        motion: the lifter's motion.
        height_px: (n,), upwards, NaN where unknown.
    """
    feet = middle(motion.xy_px[:, L_ANKLE, 0], motion.xy_px[:, R_ANKLE, 0]) / motion.trunk_length_px
    count = 0
    for shot in np.unique(motion.shot):
        rows = np.flatnonzero(motion.shot == shot)
        height = fill_gaps(height_px[rows] / motion.trunk_length_px, motion.time_s[rows])
        for begin, end in [] if height is None else _swings(height):
            stood = feet[rows[begin : end + 1]]
            stood = stood[np.isfinite(stood)]
            count += not stood.size or bool(np.ptp(stood) <= MAX_FEET_MOTION)
    return count


def _swings(height: F64) -> list[tuple[int, int]]:
    """Begin and end of every rise and fall of at least `_MIN_SWING` in heights (n,)."""
    swings, begin, end = [], 0, 0  # of the swing that goes on
    for row in range(1, len(height)):
        gone, now = height[end] - height[begin], height[row] - height[begin]
        if abs(now) > abs(gone) and gone * now >= 0:
            end = row
        elif abs(height[row] - height[end]) >= _MIN_SWING:
            if abs(gone) >= _MIN_SWING:
                swings.append((begin, end))
            begin, end = end, row
    return swings + [(begin, end)] * bool(abs(height[end] - height[begin]) >= _MIN_SWING)
