"""Where a repetition starts, locks out and ends, from heights through time. Pure."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from services.scorer.motion.motion import Bar, Motion, RepBoundaries

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

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

#: A moment is timed by the plate where that is seen in so many of the frames in the seconds before
#: the bar moves, or after it has come to rest.
_OFTEN, _STILL_S = 0.4, 0.4


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
        return replace(span, partial="begins before the clip")
    if span.end >= len(height) - 1 or span.end == span.lower:
        lowered = height[span.lower] - height[-1]
        if lowered < 0.8 * rise:
            return replace(span, partial="ends after the clip")
    return span


def retime_by_bar(
    reps: Sequence[RepBoundaries], bar: Bar, motion: Motion
) -> tuple[RepBoundaries, ...]:
    """The repetitions with the times of the bar itself, where its plate is seen.

    Hands behind plates are put too high at the start, and creep up at the top.
    """
    timed: list[RepBoundaries] = []
    for number in np.unique(motion.shot):
        rows = np.flatnonzero(motion.shot == number)
        offset, time_s = int(rows[0]), motion.time_s[rows]
        here = [shift_rep(rep, -offset) for rep in reps if offset <= rep.top <= rows[-1]]
        height = fill_gaps(-bar.xy_px[rows, 1] / motion.trunk_length_px, time_s)
        if height is not None:
            height = remove_blinks(height, time_s)
            here = [_timed(here, n, height, bar.seen[rows], time_s) for n in range(len(here))]
            for n, after in enumerate(here[1:]):  # one may be timed by the hands, one by the bar
                here[n] = replace(here[n], end=max(here[n].lower, min(here[n].end, after.start)))
        timed += [shift_rep(rep, offset) for rep in here]
    return tuple(timed)


def _timed(
    reps: Sequence[RepBoundaries], place: int, height: F64, seen: Bools, time_s: F64
) -> RepBoundaries:
    """One repetition with those of its moments that the bar's heights (n,) tell.

    The bar is still before the start and while it is held, and its plate must be seen there; as it
    moves, its plate is blurred.
    """
    rep = reps[place]
    low = reps[place - 1].top if place else 0
    high = reps[place + 1].top if place + 1 < len(reps) else len(height) - 1
    mine = slice(rep.start, rep.end + 1)
    if not seen[mine].any():
        return rep
    peak = rep.start + int(np.argmax(np.where(seen[mine], height[mine], -np.inf)))
    span = rep_around_peak(height, low, peak, high)
    if span is None:
        return rep
    before, after = (_often(seen, time_s, by) for by in (-_STILL_S, _STILL_S))
    start, top, lower, end = (
        new if still[new] else old
        for old, new, still in (
            (rep.start, span.start, before),
            (rep.top, span.top, after),
            (rep.lower, span.lower, before),
            (rep.end, span.end, after),
        )
    )
    top = max(start, top)
    lower = max(top, lower)
    timed = RepBoundaries(start, top, lower, max(lower, end))
    return rep if timed == replace(rep, partial="") else mark_partial(timed, height, time_s)


def _often(seen: Bools, time_s: F64, by_s: float) -> Bools:
    """Where something is often seen between a row and so many seconds later, (n,)."""
    other = np.searchsorted(time_s, time_s + by_s)
    own = np.arange(len(time_s))
    total = np.concatenate([[0], np.cumsum(seen)])
    begin, end = np.minimum(own, other), np.minimum(np.maximum(own, other) + 1, len(time_s))
    return np.asarray(total[end] - total[begin] >= _OFTEN * (end - begin))


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
