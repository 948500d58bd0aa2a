"""Repetitions and phases, from the height of the hands through time. Pure.

Hands that hold a bar rise with it, so a repetition is a rise of the hands between two low places,
with the shoulders rising along (a curl or a wave leaves them where they are), on feet that stand
(walking in moves them). Heights are in trunk lengths, times in seconds: neither resolution nor
frame rate matters.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from scipy.signal import find_peaks

from services.scorer.cleaning import lowpass
from services.scorer.motion import Motion, RepSpan, middle
from shared.skeleton import L_ANKLE, L_HIP, L_WRIST, NECK, R_ANKLE, R_HIP, R_WRIST

F64 = NDArray[np.float64]

#: A rise of less is no repetition, in trunk lengths. From floor to lockout it is about 1, a
#: Romanian deadlift moves the hands by 0.5; trembling hands and shifting grips by less than 0.2.
MIN_RISE = 0.3

#: Among several repetitions, a rise below this share of the usual one is none.
_MIN_SHARE = 0.45

#: The shoulders rise with the hands by at least this share of their way.
_MIN_SHOULDER_SHARE = 0.35

#: The hips' own share of what the body does: the trunk straightens by so much, in trunk lengths
#: of height between neck and hips, or the hips rise by so much.
_MIN_EXTENSION = 0.06

#: Feet that move by more than this during the rise are walking, in trunk lengths.
_MAX_FEET = 0.6

#: Start, lockout and end of a rep: this share of the rise from the bottom or the top. It takes a
#: bar that speeds up smoothly an eighth of the pull to get there, hence no more; tremble is less.
_NEAR = 0.02

#: Slow sway of camera and platform that is taken out of the hands' height, hertz. A stretch of
#: film shorter than so many of its periods does not tell sway from ankles hidden in the pull.
_SWAY_HZ, _SWAYS = 0.3, 1.0

#: Hands that are elsewhere for less than half of this were misplaced: in 0.2 s no bar goes down by
#: a third of a trunk and up again.
_BLINK_S = 0.4

#: A lift that takes longer than this to come up was no single pull, seconds.
_MAX_PULL_S = 12.0


def find_reps(motion: Motion) -> tuple[RepSpan, ...]:
    """The repetitions of a motion in order, each within one uninterrupted stretch of film."""
    spans: list[RepSpan] = []
    for segment in np.unique(motion.segment):
        rows = np.flatnonzero(motion.segment == segment)
        offset = int(rows[0])
        spans += [
            RepSpan(s.start + offset, s.top + offset, s.lower + offset, s.end + offset, s.partial)
            for s in _in_stretch(motion, rows)
        ]
    rises = [_rise(hand_heights(motion), span) for span in spans]
    usual = float(np.median(rises)) if rises else 0.0
    return tuple(
        span
        for span, rise in zip(spans, rises, strict=True)
        if span.partial or rise >= _MIN_SHARE * usual
    )


def phases_of(motion: Motion, reps: tuple[RepSpan, ...]) -> list[str]:
    """Phase of each row: "setup" before the first rep, "rest" between and after them."""
    known = np.isfinite(motion.xy_px[:, NECK, 0])
    phases = ["setup" if not reps or row < reps[0].start else "rest" for row in range(len(motion))]
    for rep in reps:
        phases[rep.start : rep.top] = ["pull"] * (rep.top - rep.start)
        phases[rep.top : rep.lower + 1] = ["lockout"] * (rep.lower + 1 - rep.top)
        phases[rep.lower + 1 : rep.end + 1] = ["lower"] * (rep.end - rep.lower)
    return [phase if here else "" for phase, here in zip(phases, known, strict=True)]


def hand_heights(motion: Motion) -> F64:
    """Height of the hands, (n,), in trunk lengths over an arbitrary floor; NaN where unseen."""
    return -middle(motion.xy_px[:, L_WRIST, 1], motion.xy_px[:, R_WRIST, 1]) / motion.torso_px


def _in_stretch(motion: Motion, rows: NDArray[np.int64]) -> list[RepSpan]:
    """Repetitions of one stretch of film, as places in `rows`."""
    time_s, xy = motion.time_s[rows], motion.xy_px[rows] / motion.torso_px
    height = _whole(-middle(xy[:, L_WRIST, 1], xy[:, R_WRIST, 1]), time_s)
    if height is None:
        return []
    height = height - _sway(xy, time_s)
    # A median repeats values, and each of two equal heights would be a peak: the rest decides.
    steady = _without_blinks(height, time_s) + 1e-6 * height
    peaks, _ = find_peaks(np.concatenate([[-99.0], steady, [-99.0]]), prominence=MIN_RISE)
    peaks = peaks - 1
    spans = []
    for place, peak in enumerate(peaks):
        low = 0 if place == 0 else int(peaks[place - 1])
        high = len(rows) - 1 if place == len(peaks) - 1 else int(peaks[place + 1])
        span = _span(height, low, int(peak), high)
        if span is not None and _is_lift(xy, time_s, height, span):
            spans.append(_flagged(span, height, time_s))
    return spans


def _span(height: F64, low: int, peak: int, high: int) -> RepSpan | None:
    """The repetition around a peak, between the two peaks next to it; None where nothing rises."""
    bottom = low + int(np.argmin(height[low : peak + 1]))
    rise = height[peak] - height[bottom]
    if rise < MIN_RISE:
        return None
    after = peak + int(np.argmin(height[peak : high + 1]))
    fall = height[peak] - height[after]
    up = height[bottom : peak + 1]
    start = bottom + int(np.flatnonzero(up <= height[bottom] + _NEAR * rise)[-1])
    top = bottom + int(np.flatnonzero(up >= height[peak] - _NEAR * rise)[0])
    down = height[peak : after + 1]
    lower = peak + int(np.flatnonzero(down >= height[peak] - _NEAR * max(rise, fall))[-1])
    if fall < _NEAR * rise:
        return RepSpan(start, top, lower, lower)
    end = peak + int(np.flatnonzero(down <= height[after] + _NEAR * fall)[0])
    return RepSpan(start, max(top, start), max(lower, top), max(end, lower))


def _is_lift(xy: F64, time_s: F64, height: F64, span: RepSpan) -> bool:
    """Whether a rise of the hands is a lift: shoulders and hips take part, the feet stand."""
    if time_s[span.top] - time_s[span.start] > _MAX_PULL_S:
        return False
    rise = height[span.top] - height[span.start]
    neck = _whole(-xy[:, NECK, 1], time_s)
    hips = _whole(-middle(xy[:, L_HIP, 1], xy[:, R_HIP, 1]), time_s)
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


def _flagged(span: RepSpan, height: F64, time_s: F64) -> RepSpan:
    """Say of a repetition what of it the clip does not show."""
    rise = height[span.top] - height[span.start]
    fps = 1 / max(float(np.median(np.diff(time_s))), 1e-3)
    few = max(1, round(0.1 * fps))
    if span.start <= 0 or (
        span.start < few and height[min(few, span.top)] - height[0] > 0.1 * rise
    ):
        return replace(span, partial="begins before the clip")
    if span.end >= len(height) - 1:
        lowered = height[span.lower] - height[-1]
        if lowered < 0.8 * rise:
            return replace(span, partial="ends after the clip")
    return span


def _without_blinks(height: F64, time_s: F64) -> F64:
    """Heights without jumps there and back: a running median, which leaves steady rises alone."""
    if len(height) < 3:
        return height
    reach = int(_BLINK_S / 2 / max(float(np.median(np.diff(time_s))), 1e-3))
    return np.asarray(median_filter(height, 2 * reach + 1, mode="nearest"))


def _sway(xy: F64, time_s: F64) -> F64:
    """Slow vertical motion of the feet in the picture, which is the camera's; (n,)."""
    feet = _whole(-middle(xy[:, L_ANKLE, 1], xy[:, R_ANKLE, 1]), time_s)
    if feet is None or time_s[-1] - time_s[0] < _SWAYS / _SWAY_HZ:
        return np.zeros(len(time_s))
    slow = lowpass(feet[:, None], time_s, _SWAY_HZ)[:, 0]
    return np.asarray(slow - slow.mean())


def _whole(values: F64, time_s: F64) -> F64 | None:
    """Values with all gaps bridged; None where fewer than two are known."""
    known = np.isfinite(values)
    if known.sum() < 2:
        return None
    return np.asarray(np.interp(time_s, time_s[known], values[known]))


def _rise(height: F64, span: RepSpan) -> float:
    return float(np.nan_to_num(height[span.top] - height[span.start]))


def _change(values: F64, span: RepSpan) -> float:
    return float(np.nan_to_num(values[span.top] - values[span.start]))
