"""The repetitions of a motion: peaks of the hands' height that pass as lifts. Pure.

1. In each shot, gaps in the height of the hands are interpolated, and the camera's sway is removed
   (`_sway`).
2. Candidates are the peaks of that curve that stand out by `MIN_RISE` trunk lengths. Only this
   search uses the curve without short jumps. `rep_boundaries` reads from the curve with them where
   each repetition begins and ends.
3. `is_lift` refuses a candidate without shoulders and hips that take part, with feet that walk, or
   with a rise that takes too long.
4. `find_reps` refuses whole repetitions that rise far less than the others of the clip.

Heights are in trunk lengths and times in seconds: neither resolution nor frame rate matters. The
plates are looked at later: `bar.idle_bar` refuses rises in which the bar stays on the floor, and
`bar.bar_reps` adds repetitions that only the bar shows.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

from services.scorer.motion.filtering import lowpass
from services.scorer.motion.motion import Motion, hands_px, middle
from services.scorer.motion.view import upright_trunk_length_px
from services.scorer.reps.lift_criteria import is_lift
from services.scorer.reps.rep_boundaries import (
    MIN_RISE,
    RepBoundaries,
    fill_gaps,
    find_boundaries,
    mark_partial,
    remove_jumps,
    shift_rep,
)
from shared.data.analysis import Partial
from shared.data.skeleton import L_ANKLE, L_WRIST, R_ANKLE, R_WRIST, trunk_length_px

F64 = NDArray[np.float64]

#: Minimum rise of a whole repetition, as a fraction of the median rise of the clip's repetitions.
#: Chosen: repetitions of a set rise alike (0.88 to 1.07 in real clips); picking something up or
#: setting the grip rises less.
MIN_RISE_FRACTION = 0.45

#: Maximum frequency of the camera's and the platform's sway, which is removed from the hands'
#: height, in hertz; and the minimum length of a shot in periods of it. Chosen: slower than
#: repetitions; in a shorter shot sway cannot be distinguished from ankles that a plate hides during
#: the pull.
_SWAY_HZ, _MIN_SWAY_PERIODS = 0.3, 1.0

#: Height of the wall added before the first and after the last row, so that a clip that begins or
#: ends at the top has a peak there, in trunk lengths. Chosen: below any real height.
_BELOW_ALL = -99.0

#: Weight of the unfiltered height where the median has several equal heights in a row, each of
#: which would count as a peak. Chosen: so small that it decides between them and changes nothing
#: else.
_TIE_BREAK = 1e-6


def find_reps(motion: Motion) -> tuple[RepBoundaries, ...]:
    """The repetitions of a motion in order, each within one shot."""
    reps: list[RepBoundaries] = []
    for shot in np.unique(motion.shot):
        rows = np.flatnonzero(motion.shot == shot)
        reps += [shift_rep(rep, int(rows[0])) for rep in _reps_of_shot(motion, rows)]
    height = -hands_px(motion)[:, 1] / motion.trunk_length_px
    rises = [float(np.nan_to_num(height[rep.top] - height[rep.start])) for rep in reps]
    median_rise = float(np.median(rises)) if rises else 0.0
    return tuple(
        rep
        for rep, rise in zip(reps, rises, strict=True)
        if rep.partial is not Partial.WHOLE or rise >= MIN_RISE_FRACTION * median_rise
    )


def _reps_of_shot(motion: Motion, rows: NDArray[np.int64]) -> list[RepBoundaries]:
    """Repetitions of one shot, counted from its first row."""
    time_s, xy = motion.time_s[rows], motion.xy_px[rows] / unit_of_shot_px(motion, rows)
    height = fill_gaps(-middle(xy[:, L_WRIST, 1], xy[:, R_WRIST, 1]), time_s)
    if height is None:
        return []
    height = height - _sway(xy, time_s)
    rises = find_rises(height, time_s)
    return [mark_partial(rep, height, time_s) for rep in rises if is_lift(xy, time_s, height, rep)]


def find_rises(height: F64, time_s: F64, min_rise: float = MIN_RISE) -> list[RepBoundaries]:
    """Boundaries of all rises and falls around the peaks of a shot's heights.

    Args:
        height: (n,), upwards, in trunk lengths, without gaps.
        time_s: (n,).
        min_rise: how far a peak stands out at least.
    """
    peaks = _find_peaks(remove_jumps(height, time_s) + _TIE_BREAK * height, min_rise)
    rises = []
    for number, peak in enumerate(peaks):
        low = 0 if number == 0 else int(peaks[number - 1])
        high = len(height) - 1 if number == len(peaks) - 1 else int(peaks[number + 1])
        rises.append(find_boundaries(height, low, int(peak), high, min_rise))
    return [rise for rise in rises if rise is not None]


def _find_peaks(height: F64, min_rise: float) -> NDArray[np.int64]:
    """Rows of the peaks that stand out by `min_rise`, also at either end."""
    walled = np.concatenate([[_BELOW_ALL], height, [_BELOW_ALL]])
    return np.asarray(find_peaks(walled, prominence=min_rise)[0] - 1)


def unit_of_shot_px(motion: Motion, rows: NDArray[np.int64]) -> float:
    """Trunk length that a shot is measured in: the clip's, or its own if it has another view."""
    if motion.main[rows[0]]:
        return motion.trunk_length_px
    return upright_trunk_length_px(
        trunk_length_px(motion.xy_px[rows].astype(np.float32)).astype(np.float64)
    )


def _sway(xy: F64, time_s: F64) -> F64:
    """Slow vertical motion of the feet in the picture, which is the camera's, (n,)."""
    feet = fill_gaps(-middle(xy[:, L_ANKLE, 1], xy[:, R_ANKLE, 1]), time_s)
    if feet is None or time_s[-1] - time_s[0] < _MIN_SWAY_PERIODS / _SWAY_HZ:
        return np.zeros(len(time_s))
    slow = lowpass(feet[:, None], time_s, _SWAY_HZ)[:, 0]
    return np.asarray(slow - slow.mean())
