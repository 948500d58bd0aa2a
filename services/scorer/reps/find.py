"""Repetitions and phases, from the height of the hands through time. Pure.

Hands that hold a bar rise with it, so a repetition is a rise of the hands between two low places,
with the shoulders rising along (a curl or a wave leaves them where they are), on feet that stand
(walking in moves them). Heights are in trunk lengths, times in seconds: neither resolution nor
frame rate matters.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

from services.scorer.motion.filtering import lowpass
from services.scorer.motion.motion import Motion, hands_px, middle
from services.scorer.motion.view import upright_trunk_length_px
from services.scorer.reps.rep_boundaries import (
    MIN_RISE,
    RepBoundaries,
    fill_gaps,
    mark_partial,
    remove_blinks,
    rep_around_peak,
    shift_rep,
)
from shared.data.analysis import Phase
from shared.data.skeleton import (
    L_ANKLE,
    L_HIP,
    L_WRIST,
    NECK,
    R_ANKLE,
    R_HIP,
    R_WRIST,
    trunk_length_px,
)

F64 = NDArray[np.float64]

#: Among several repetitions, a rise below this share of the usual one is none.
_MIN_SHARE = 0.45

#: The shoulders rise with the hands by at least this share of their way.
_MIN_SHOULDER_SHARE = 0.25

#: The hips' own share of what the body does: the trunk straightens by so much, in trunk lengths
#: of height between neck and hips, or the hips rise by so much.
_MIN_EXTENSION = 0.06

#: Feet that move by more than this during the rise are walking, in trunk lengths.
_MAX_FEET = 0.6

#: Slow sway of camera and platform that is taken out of the hands' height, hertz. A stretch of
#: film shorter than so many of its periods does not tell sway from ankles hidden in the pull.
_SWAY_HZ, _SWAYS = 0.3, 1.0

#: A lift that takes longer than this to come up was no single pull, seconds.
_MAX_PULL_S = 12.0


def find_reps(motion: Motion) -> tuple[RepBoundaries, ...]:
    """The repetitions of a motion in order, each within one uninterrupted stretch of film."""
    spans: list[RepBoundaries] = []
    for shot in np.unique(motion.shot):
        rows = np.flatnonzero(motion.shot == shot)
        offset = int(rows[0])
        spans += [shift_rep(span, offset) for span in _in_stretch(motion, rows)]
    heights = -hands_px(motion)[:, 1] / motion.trunk_length_px
    rises = [_rise(heights, span) for span in spans]
    usual = float(np.median(rises)) if rises else 0.0
    return tuple(
        span
        for span, rise in zip(spans, rises, strict=True)
        if span.partial or rise >= _MIN_SHARE * usual
    )


def label_phases(motion: Motion, reps: Sequence[RepBoundaries]) -> list[Phase | None]:
    """Phase of each row: setup before the first rep, rest between and after; None for nobody."""
    known = np.isfinite(motion.xy_px[:, NECK, 0])
    first = reps[0].start if reps else len(motion)
    phases = [Phase.SETUP if row < first else Phase.REST for row in range(len(motion))]
    for rep in reps:
        phases[rep.start : rep.top] = [Phase.PULL] * (rep.top - rep.start)
        phases[rep.top : rep.lower + 1] = [Phase.LOCKOUT] * (rep.lower + 1 - rep.top)
        phases[rep.lower + 1 : rep.end + 1] = [Phase.LOWER] * (rep.end - rep.lower)
    return [phase if here else None for phase, here in zip(phases, known, strict=True)]


def _in_stretch(motion: Motion, rows: NDArray[np.int64]) -> list[RepBoundaries]:
    """Repetitions of one stretch of film, as places in `rows`."""
    time_s, xy = motion.time_s[rows], motion.xy_px[rows] / _unit_px(motion, rows)
    height = fill_gaps(-middle(xy[:, L_WRIST, 1], xy[:, R_WRIST, 1]), time_s)
    if height is None:
        return []
    height = height - _sway(xy, time_s)
    # A median repeats values, and each of two equal heights would be a peak: the rest decides.
    steady = remove_blinks(height, time_s) + 1e-6 * height
    peaks, _ = find_peaks(np.concatenate([[-99.0], steady, [-99.0]]), prominence=MIN_RISE)
    peaks = peaks - 1
    spans = []
    for place, peak in enumerate(peaks):
        low = 0 if place == 0 else int(peaks[place - 1])
        high = len(rows) - 1 if place == len(peaks) - 1 else int(peaks[place + 1])
        span = rep_around_peak(height, low, int(peak), high)
        if span is not None and _is_lift(xy, time_s, height, span):
            spans.append(mark_partial(span, height, time_s))
    return spans


def _unit_px(motion: Motion, rows: NDArray[np.int64]) -> float:
    """The unit of length of a stretch: the clip's, or its own where it is seen from elsewhere."""
    if motion.main[rows[0]]:
        return motion.trunk_length_px
    return upright_trunk_length_px(
        trunk_length_px(motion.xy_px[rows].astype(np.float32)).astype(np.float64)
    )


def _is_lift(xy: F64, time_s: F64, height: F64, span: RepBoundaries) -> bool:
    """Whether a rise of the hands is a lift: shoulders and hips take part, the feet stand."""
    if time_s[span.top] - time_s[span.start] > _MAX_PULL_S:
        return False
    rise = height[span.top] - height[span.start]
    neck = fill_gaps(-xy[:, NECK, 1], time_s)
    hips = fill_gaps(-middle(xy[:, L_HIP, 1], xy[:, R_HIP, 1]), time_s)
    if neck is None or hips is None:
        return False
    shoulders = _change(neck, span)
    straightens = max(_change(neck - hips, span), _change(hips, span))
    feet = middle(xy[:, L_ANKLE, 0], xy[:, R_ANKLE, 0])[span.start : span.top + 1]
    known = feet[np.isfinite(feet)]
    walked = float(np.subtract(*np.percentile(known, [95, 5]))) if known.size else 0.0
    return bool(
        shoulders >= _MIN_SHOULDER_SHARE * rise
        and straightens >= _MIN_EXTENSION
        and walked <= _MAX_FEET
    )


def _sway(xy: F64, time_s: F64) -> F64:
    """Slow vertical motion of the feet in the picture, which is the camera's; (n,)."""
    feet = fill_gaps(-middle(xy[:, L_ANKLE, 1], xy[:, R_ANKLE, 1]), time_s)
    if feet is None or time_s[-1] - time_s[0] < _SWAYS / _SWAY_HZ:
        return np.zeros(len(time_s))
    slow = lowpass(feet[:, None], time_s, _SWAY_HZ)[:, 0]
    return np.asarray(slow - slow.mean())


def _rise(height: F64, span: RepBoundaries) -> float:
    return float(np.nan_to_num(height[span.top] - height[span.start]))


def _change(values: F64, span: RepBoundaries) -> float:
    return float(np.nan_to_num(values[span.top] - values[span.start]))
