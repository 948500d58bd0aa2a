"""Times repetitions by the bar instead of the hands, where its plate is seen. Pure."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from services.scorer.bar.path import Bar
from services.scorer.motion.motion import Motion
from services.scorer.reps.rep_boundaries import (
    RepBoundaries,
    fill_gaps,
    find_boundaries,
    mark_partial,
    remove_jumps,
    shift_rep,
)
from shared.data.analysis import Partial

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: A boundary is timed by the plate if the plate is seen in at least this fraction of the frames in
#: the `_STILL_S` seconds before the bar moves off, or after it has come to rest. Chosen: a moving
#: plate is blurred and missed, one at rest is seen in most frames.
_MIN_SEEN, _STILL_S = 0.4, 0.4


def retime_by_bar(
    reps: Sequence[RepBoundaries], bar: Bar, motion: Motion
) -> tuple[RepBoundaries, ...]:
    """The repetitions with boundaries from the bar's height, where its plate is seen.

    The pose stage places hands behind plates too high at the start, and gradually higher at the
    top.
    """
    timed: list[RepBoundaries] = []
    for shot in np.unique(motion.shot):
        rows = np.flatnonzero(motion.shot == shot)
        offset, time_s = int(rows[0]), motion.time_s[rows]
        here = [shift_rep(rep, -offset) for rep in reps if offset <= rep.top <= rows[-1]]
        height = fill_gaps(-bar.xy_px[rows, 1] / motion.trunk_length_px, time_s)
        if height is not None:
            height = remove_jumps(height, time_s)
            here = [_retime(here, n, height, bar.seen[rows], time_s) for n in range(len(here))]
            for n, after in enumerate(here[1:]):  # one may be timed by the hands, one by the bar
                here[n] = replace(here[n], end=max(here[n].lower, min(here[n].end, after.start)))
        timed += [shift_rep(rep, offset) for rep in here]
    return tuple(timed)


def _retime(
    reps: Sequence[RepBoundaries], number: int, height: F64, seen: Bools, time_s: F64
) -> RepBoundaries:
    """One repetition of a shot with those boundaries that the bar's height (n,) gives.

    The bar is at rest before the start and during lockout, and its plate must be seen there; while
    the bar moves, its plate may be blurred.
    """
    rep = reps[number]
    low = reps[number - 1].top if number else 0
    high = reps[number + 1].top if number + 1 < len(reps) else len(height) - 1
    own = slice(rep.start, rep.end + 1)
    if not seen[own].any():
        return rep
    peak = rep.start + int(np.argmax(np.where(seen[own], height[own], -np.inf)))
    by_bar = find_boundaries(height, low, peak, high)
    if by_bar is None:
        return rep
    before, after = (_is_seen(seen, time_s, span_s) for span_s in (-_STILL_S, _STILL_S))
    start, top, lower, end = (
        new if is_seen[new] else old
        for old, new, is_seen in (
            (rep.start, by_bar.start, before),
            (rep.top, by_bar.top, after),
            (rep.lower, by_bar.lower, before),
            (rep.end, by_bar.end, after),
        )
    )
    top = max(start, top)
    if rep.end == rep.lower and not after[by_bar.end]:  # neither shows that the bar goes down
        lower = end = rep.lower
    lower = max(top, lower)
    timed = replace(
        rep, start=start, top=top, lower=lower, end=max(lower, end), partial=Partial.WHOLE
    )
    return (
        rep if timed == replace(rep, partial=Partial.WHOLE) else mark_partial(timed, height, time_s)
    )


def _is_seen(seen: Bools, time_s: F64, span_s: float) -> Bools:
    """Whether the plate is seen in enough rows between each row and `span_s` after it, (n,).

    A negative span ends at the row.
    """
    other = np.searchsorted(time_s, time_s + span_s)
    own = np.arange(len(time_s))
    total = np.concatenate([[0], np.cumsum(seen)])
    begin, end = np.minimum(own, other), np.minimum(np.maximum(own, other) + 1, len(time_s))
    return np.asarray(total[end] - total[begin] >= _MIN_SEEN * (end - begin))
