"""The hands in a repetition, and how far they are within the limits of a deadlift. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.motion import Motion, middle
from services.scorer.reps.rep_boundaries import RepBoundaries
from shared.data.analysis import Partial
from shared.data.anthropometry import SHANK_OVER_TRUNK, THIGH_OVER_TRUNK
from shared.data.skeleton import (
    L_ANKLE,
    L_HIP,
    L_WRIST,
    NECK,
    R_ANKLE,
    R_HIP,
    R_WRIST,
    SEEN_CONFIDENCE,
)

F64 = NDArray[np.float64]

#: Minimum median depth of the hands below the neck: of a repetition or posture, and of a repetition
#: in a shot shorter than `_MIN_WHOLE_S`, in trunk lengths. Chosen: half an arm, and less where
#: little is seen. Real repetitions measure 0.7 and more (0.33 in one of a second behind a plate),
#: squats -0.02 to 0.3 (medians of seven of eight kinds in a table of labelled postures).
MIN_HANG, _MIN_HANG_SHORT = 0.5, 0.3

#: Maximum height of the hands over the ankles at the bottom, as a fraction of the hips' height: of
#: a repetition, and of one whose start the clip does not show. Derived: hanging hands of a standing
#: person are at 0.9, hands at the knees at 0.5 or less. Chosen: between both, and higher where the
#: bottom is not seen. Measured: 0.67 and less in whole real repetitions.
_MAX_LOW, _MAX_LOW_CUT_OFF = 0.8, 0.9

#: Maximum height of the hands at the top, likewise. Chosen: between the thighs (0.8 to 1.2 in real
#: repetitions that are seen well) and the shoulders (1.5), where a clean or a swing ends.
_MAX_TOP = 1.35

#: Percentiles that stand for bottom and top of a repetition. Chosen: a misplaced hand or two shall
#: not decide.
_BOTTOM, _TOP = 10, 90

#: Percentile of the hips' places in a shot, from the top of the picture, that stands for their
#: highest. Chosen: as above; a lifter stands for a tenth of a set or longer.
_HIGHEST = 10

#: Differences from the limits of hang, bottom and top that are one margin, in the units of the
#: limits. Chosen: most of 156 real sets are further within all three limits.
_HANG_MARGIN, _LOW_MARGIN, _TOP_MARGIN = 0.3, 0.3, 0.25

#: Duration of a shot below which hands that stay high do not speak against a repetition, in
#: seconds. Chosen: less than a whole repetition (2 to 4 s); such a shot may show a lockout only.
_MIN_WHOLE_S = 2.0

#: Length of a leg over that of the trunk. Derived: of its parts.
_LEG_OVER_TRUNK = THIGH_OVER_TRUNK + SHANK_OVER_TRUNK


@dataclass(frozen=True, eq=False)
class Hands:
    """The lower hand of each row, (n,); NaN where unknown.

    Attributes:
        hang: Depth below the neck, in trunk lengths.
        height: Height over the ankles, as a fraction of the hips' height. Where no ankle is seen,
            they are a leg's length below the hips at their highest.
        confidence: Confidence of this hand, 0..1.
    """

    hang: F64
    height: F64
    confidence: F64


def find_hands(motion: Motion) -> Hands:
    """The lower hand of each row of a motion."""
    y, rows = motion.xy_px[..., 1], np.arange(len(motion))
    wrists = np.array([L_WRIST, R_WRIST])
    lower = wrists[np.nan_to_num(y[:, wrists], nan=-np.inf).argmax(1)]
    hand = y[rows, lower]
    ankle, hip = middle(y[:, L_ANKLE], y[:, R_ANKLE]), middle(y[:, L_HIP], y[:, R_HIP])
    unit_px = motion.trunk_length_px
    ankle = np.where(np.isnan(ankle), _standing_hip(hip, motion) + _LEG_OVER_TRUNK * unit_px, ankle)
    with np.errstate(divide="ignore", invalid="ignore"):
        height = np.where(ankle > hip, (ankle - hand) / (ankle - hip), np.nan)
    return Hands(
        hang=(hand - y[:, NECK]) / unit_px,
        height=height,
        confidence=motion.confidence[rows, lower],
    )


def _standing_hip(hip: F64, motion: Motion) -> F64:
    """The hips' highest place in the shot of each row, (n,), from their places (n,); NaN unseen."""
    highest = np.full(len(hip), np.nan)
    for shot in np.unique(motion.shot):
        rows = motion.shot == shot
        highest[rows] = _percentile(hip[rows], _HIGHEST)
    return highest


def is_deadlift(hands: Hands, motion: Motion, rep: RepBoundaries) -> bool:
    """Whether nothing that is seen of the hands speaks against a repetition."""
    if not is_short(motion, rep):
        return not deadlift_margin(hands, rep) < 0
    return not _percentile(hands.hang[rep.start : rep.end + 1], 50) < _MIN_HANG_SHORT


def is_short(motion: Motion, rep: RepBoundaries) -> bool:
    """Whether a repetition is in a shot that is too short to show it whole."""
    return bool(np.ptp(motion.time_s[motion.shot == motion.shot[rep.top]]) < _MIN_WHOLE_S)


def deadlift_margin(hands: Hands, rep: RepBoundaries) -> float:
    """How far a repetition is within the limits of a deadlift, in margins; infinite if unseen."""
    rows = np.arange(rep.start, rep.end + 1)
    seen = rows[hands.confidence[rows] >= SEEN_CONFIDENCE]
    max_low = _MAX_LOW_CUT_OFF if rep.partial is Partial.NO_START else _MAX_LOW
    margins = (
        (_percentile(hands.hang[rows], 50) - MIN_HANG) / _HANG_MARGIN,
        (max_low - _percentile(hands.height[rows], _BOTTOM)) / _LOW_MARGIN,
        (_MAX_TOP - _percentile(hands.height[seen], _TOP)) / _TOP_MARGIN,
    )
    return min((margin for margin in margins if np.isfinite(margin)), default=np.inf)


def _percentile(values: F64, percentile: float) -> float:
    """Percentile of the known values; NaN, which is beyond no limit, if none is known."""
    known = values[np.isfinite(values)]
    return float(np.percentile(known, percentile)) if known.size else float("nan")
