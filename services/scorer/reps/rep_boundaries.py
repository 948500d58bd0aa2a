"""Where a repetition starts, tops out, begins to lower and ends, from heights over time. Pure.

A repetition is one peak of the height of the hands (or of the bar), with the low points before and
after it. `find_boundaries` cuts it at four rows, all within `NEAR` (2 % of the rise) of an extreme:

    start   the bar leaves the floor: the last row within 2 % of the low point before the peak
    top     lockout is reached:       the first row within 2 % of the peak
    lower   lowering begins:          the last row within 2 % of the peak
    end     the bar is back down:     the first row within 2 % of the low point after the peak

A peak that is less than `MIN_RISE` trunk lengths above the low point before it is no repetition.
Heights are in trunk lengths, upwards, one per row: height (n,), time_s (n,).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from services.scorer.motion.motion import frame_step_s
from shared.data.analysis import Partial

F64 = NDArray[np.float64]

#: Minimum rise of a repetition, in trunk lengths. Chosen: from floor to lockout it is about 1 (0.68
#: to 1.13 in real clips), in a Romanian deadlift about 0.5 or more (0.92 in rendered ones);
#: shifting grips rise less.
MIN_RISE = 0.3

#: Distance from an extreme at which start, top, lower and end lie, as a fraction of the rise (of
#: the fall for the end). Chosen: a bar that accelerates smoothly (minimum jerk) takes an eighth of
#: the pull to get there, so the value is small. Measured on 39 real clips: hands tremble by as much
#: (0.004 to 0.076 in the stillest 0.2 s before a start, median 0.018), so a start read from the
#: hands is uncertain by this; `bar.retime` uses the plate where it is seen.
NEAR = 0.02

#: Minimum number of rows for which the low point is the second lowest height instead of the lowest.
#: Chosen: half a second at 30 frames per second, in which one row more or less does not matter.
_MIN_ROWS_FOR_SECOND_LOWEST = 15

#: Window of the running median, in seconds. Chosen: hands that are elsewhere for less than half of
#: it were misplaced, because in 0.2 s no bar goes down by a third of a trunk length and up again.
_MEDIAN_WINDOW_S = 0.4

#: Seconds at the beginning of a clip within which a start counts as cut off if the hands already
#: rise there by `_CUT_OFF_RISE`, a fraction of the repetition's rise. Chosen: a bar at rest rises
#: less in that time.
_CLIP_EDGE_S, _CUT_OFF_RISE = 0.1, 0.1

#: Minimum fraction of the rise that a lowering cut off by the clip's end must come down to count as
#: whole. Chosen: what is left is the slow landing.
_MIN_LOWERED = 0.8

#: Minimum time between two frames that is assumed, in seconds. Chosen: it protects against equal
#: time stamps.
_MIN_STEP_S = 1e-3


@dataclass(frozen=True)
class RepBoundaries:
    """The rows at which one repetition starts, tops out, begins to lower and ends.

    All rows from start to end exist; where a partial repetition does not show a part, the
    boundaries of that part coincide.

    Attributes:
        start: The bar leaves the floor.
        top: Lockout is reached.
        lower: Lowering begins.
        end: The bar is back down.
        partial: The part of the repetition that the clip does not show.
        body_seen: Whether the lifter's body is seen in the way up; if not, it cannot be judged.
        by_bar: Whether the bar alone shows it, and the hands are hidden or misplaced.
    """

    start: int
    top: int
    lower: int
    end: int
    partial: Partial = Partial.WHOLE
    body_seen: bool = True
    by_bar: bool = False


def find_boundaries(
    height: F64, low: int, peak: int, high: int, min_rise: float = MIN_RISE
) -> RepBoundaries | None:
    """The repetition around a peak; None where the height rises by less than `min_rise`.

    Args:
        height: (n,), in trunk lengths.
        low: row of the previous peak, or the first row.
        peak: row of the peak.
        high: row of the next peak, or the last row.
        min_rise: in trunk lengths.
    """
    bottom = low + int(np.argmin(height[low : peak + 1]))
    lowest = _low_point(height[bottom : peak + 1])
    rise = height[peak] - lowest
    if rise < min_rise:
        return None
    after = peak + int(np.argmin(height[peak : high + 1]))
    landed = _low_point(height[peak : after + 1])
    fall = height[peak] - landed
    up = height[bottom : peak + 1]
    start = bottom + int(np.flatnonzero(up <= lowest + NEAR * rise)[-1])
    top = bottom + int(np.flatnonzero(up >= height[peak] - NEAR * rise)[0])
    down = height[peak : after + 1]
    lower = peak + int(np.flatnonzero(down >= height[peak] - NEAR * max(rise, fall))[-1])
    if fall < NEAR * rise:
        return RepBoundaries(start, top, lower, lower)
    end = peak + int(np.flatnonzero(down <= landed + NEAR * fall)[0])
    return RepBoundaries(start, max(top, start), max(lower, top), max(end, lower))


def mark_partial(rep: RepBoundaries, height: F64, time_s: F64) -> RepBoundaries:
    """The same repetition, marked with the part that the clip does not show."""
    rise = height[rep.top] - height[rep.start]
    fps = 1 / _frame_step_s(time_s)
    edge = max(1, round(_CLIP_EDGE_S * fps))
    if rep.start <= 0 or (
        rep.start < edge and height[min(edge, rep.top)] - height[0] > _CUT_OFF_RISE * rise
    ):
        return replace(rep, partial=Partial.NO_START)
    if rep.end >= len(height) - 1 or rep.end == rep.lower:
        lowered = height[rep.lower] - height[-1]
        if lowered < _MIN_LOWERED * rise:
            return replace(rep, partial=Partial.NO_END)
    return rep


def shift_rep(rep: RepBoundaries, rows: int) -> RepBoundaries:
    """The same repetition, a number of rows later."""
    return replace(
        rep, start=rep.start + rows, top=rep.top + rows, lower=rep.lower + rows, end=rep.end + rows
    )


def remove_jumps(height: F64, time_s: F64) -> F64:
    """Heights without short jumps there and back: a running median, which keeps steady rises."""
    if len(height) < 3:
        return height
    reach = int(_MEDIAN_WINDOW_S / 2 / _frame_step_s(time_s))
    return np.asarray(median_filter(height, 2 * reach + 1, mode="nearest"))


def fill_gaps(values: F64, time_s: F64) -> F64 | None:
    """Values (n,) with all gaps interpolated; None where fewer than two are known."""
    known = np.isfinite(values)
    if known.sum() < 2:
        return None
    return np.asarray(np.interp(time_s, time_s[known], values[known]))


def _low_point(heights: F64) -> float:
    """The lowest height; of many the second lowest, because hands may be misplaced in one frame."""
    if len(heights) < _MIN_ROWS_FOR_SECOND_LOWEST:
        return float(heights.min())
    return float(np.partition(heights, 1)[1])


def _frame_step_s(time_s: F64) -> float:
    return max(frame_step_s(time_s), _MIN_STEP_S)
