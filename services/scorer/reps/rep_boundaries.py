"""Where a repetition starts, locks out and ends, from heights through time. Pure."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from shared.data.analysis import Partial

F64 = NDArray[np.float64]

#: A rise of less is no repetition, in trunk lengths. From floor to lockout it is about 1, a
#: Romanian deadlift moves the hands by 0.5; trembling hands and shifting grips by less than 0.2.
MIN_RISE = 0.3

#: Start, lockout and end of a rep: this share of the rise from the bottom or the top. It takes a
#: bar that speeds up smoothly an eighth of the pull to get there, hence no more; tremble is less.
_NEAR = 0.02

#: So many heights are there at 30 frames a second in half a second: one more or less is no matter.
_MANY = 15

#: Hands that are elsewhere for less than half of this were misplaced: in 0.2 s no bar goes down by
#: a third of a trunk and up again.
_BLINK_S = 0.4


@dataclass(frozen=True)
class RepBoundaries:
    """Where one repetition begins, tops out and ends, as rows of a motion.

    start: the bar leaves the floor. top: lockout is reached. lower: lowering begins. end: the bar
    is back down. partial: what of it the clip does not show. The rows from start to end all exist;
    where a partial rep does not show a part, its boundaries coincide.
    """

    start: int
    top: int
    lower: int
    end: int
    partial: Partial = Partial.WHOLE


def rep_around_peak(height: F64, low: int, peak: int, high: int) -> RepBoundaries | None:
    """The repetition around a peak, between the two peaks next to it; None where nothing rises."""
    bottom = low + int(np.argmin(height[low : peak + 1]))
    lowest = _low(height[bottom : peak + 1])
    rise = height[peak] - lowest
    if rise < MIN_RISE:
        return None
    after = peak + int(np.argmin(height[peak : high + 1]))
    landed = _low(height[peak : after + 1])
    fall = height[peak] - landed
    up = height[bottom : peak + 1]
    start = bottom + int(np.flatnonzero(up <= lowest + _NEAR * rise)[-1])
    top = bottom + int(np.flatnonzero(up >= height[peak] - _NEAR * rise)[0])
    down = height[peak : after + 1]
    lower = peak + int(np.flatnonzero(down >= height[peak] - _NEAR * max(rise, fall))[-1])
    if fall < _NEAR * rise:
        return RepBoundaries(start, top, lower, lower)
    end = peak + int(np.flatnonzero(down <= landed + _NEAR * fall)[0])
    return RepBoundaries(start, max(top, start), max(lower, top), max(end, lower))


def _low(heights: F64) -> float:
    """The lowest height; of many the lowest but one, as hands may be put too low for a frame."""
    return float(np.partition(heights, 1)[1] if len(heights) >= _MANY else heights.min())


def mark_partial(span: RepBoundaries, height: F64, time_s: F64) -> RepBoundaries:
    """Say of a repetition what of it the clip does not show."""
    rise = height[span.top] - height[span.start]
    fps = 1 / max(float(np.median(np.diff(time_s))), 1e-3)
    few = max(1, round(0.1 * fps))
    if span.start <= 0 or (
        span.start < few and height[min(few, span.top)] - height[0] > 0.1 * rise
    ):
        return replace(span, partial=Partial.NO_START)
    if span.end >= len(height) - 1 or span.end == span.lower:
        lowered = height[span.lower] - height[-1]
        if lowered < 0.8 * rise:
            return replace(span, partial=Partial.NO_END)
    return span


def shift_rep(rep: RepBoundaries, by: int) -> RepBoundaries:
    """The same repetition, so many rows later."""
    return RepBoundaries(rep.start + by, rep.top + by, rep.lower + by, rep.end + by, rep.partial)


def remove_blinks(height: F64, time_s: F64) -> F64:
    """Heights without jumps there and back: a running median, which leaves steady rises alone."""
    if len(height) < 3:
        return height
    reach = int(_BLINK_S / 2 / max(float(np.median(np.diff(time_s))), 1e-3))
    return np.asarray(median_filter(height, 2 * reach + 1, mode="nearest"))


def fill_gaps(values: F64, time_s: F64) -> F64 | None:
    """Values with all gaps bridged; None where fewer than two are known."""
    known = np.isfinite(values)
    if known.sum() < 2:
        return None
    return np.asarray(np.interp(time_s, time_s[known], values[known]))
