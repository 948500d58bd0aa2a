"""Times repetitions by the bar itself, where its plate is seen. Pure."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from services.scorer.bar.path import Bar
from services.scorer.motion.motion import Motion
from services.scorer.reps.rep_boundaries import (
    RepBoundaries,
    fill_gaps,
    mark_partial,
    remove_blinks,
    rep_around_peak,
    shift_rep,
)
from shared.data.analysis import Partial

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: A moment is timed by the plate if that is seen in at least this fraction of the frames in so many
#: seconds before the bar moves, or after it has come to rest.
_OFTEN, _STILL_S = 0.4, 0.4


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
    return (
        rep if timed == replace(rep, partial=Partial.WHOLE) else mark_partial(timed, height, time_s)
    )


def _often(seen: Bools, time_s: F64, by_s: float) -> Bools:
    """Where something is often seen between a row and so many seconds later, (n,)."""
    other = np.searchsorted(time_s, time_s + by_s)
    own = np.arange(len(time_s))
    total = np.concatenate([[0], np.cumsum(seen)])
    begin, end = np.minimum(own, other), np.minimum(np.maximum(own, other) + 1, len(time_s))
    return np.asarray(total[end] - total[begin] >= _OFTEN * (end - begin))
