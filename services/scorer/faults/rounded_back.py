"""Rounded back: the spine bends under the load instead of the hips."""

import numpy as np
from numpy.typing import NDArray

from services.scorer.faults.rule import SIDE_VIEWS, Finding, OneRep, median, peak
from shared.data.analysis import FaultUnit

KIND, NAME, UNIT = "rounded_back", "rounded back", FaultUnit.DEGREE
CUE = "Take a breath, brace, and show your chest; keep that back from the floor to the top."
REASON = (
    "The outline of the back is compared with the same lifter's upright back. Its hollow, seat and "
    "clothes make up to 31° of bend on flat backs, as measured on real lifts; flat backs in "
    "rendered film show 26° at most."
)
VIEWS = SIDE_VIEWS

#: Bent over, the hollow of the upright back and the seat show by about this share of what they do
#: at lockout (good lifts from the side: 0.1 to 0.8).
_HOLLOW = 0.35

#: Upright backs of real lifters seem hollow by 4 to 29°. No more than this is believed: an arm or a
#: plate may be in the way. Nor is a round one, whose hips are misplaced.
_MOST_HOLLOW_DEG = 25.0

#: A trunk that leans back further (a fault of its own) is hollow because of that, degrees.
_LEANS_BACK_DEG = 13.0

#: Flesh rounds the corner off: so much of the spine's bend shows in the outline. Measured on
#: rendered lifters with volume, bent by 15–50°.
_SHOWN = 0.5


def judge(
    rep: OneRep,
    *,
    threshold_deg: float = 33.0,
    hold_s: float = 0.15,
    up_to: float = 0.7,
    bent_over_deg: float = 25.0,
) -> Finding | str:
    """Bend between lower and upper half of the trunk during the pull, degrees.

    Args:
        rep: the repetition.
        threshold_deg: see `REASON`.
        hold_s: how long it must hold.
        up_to: share of the bar's way up that is looked at.
        bent_over_deg: lean of the trunk from which on it is looked at; upright there is little
            that bends it.
    """
    k = rep.kinematics
    upright = [median(k.back_flexion, _upright(one)) for one in rep.all_reps]
    known = [value for value in upright if np.isfinite(value)]
    if not known:
        return "the outline of the upright back is not seen"
    bend = k.back_flexion - _HOLLOW * float(np.clip(np.median(known), -_MOST_HOLLOW_DEG, 0))
    bend /= _SHOWN
    rows = rep.up_to(up_to)
    rows = rows[k.trunk_lean[rows] > bent_over_deg]
    if not rows.size:
        return "the trunk is hardly bent over"
    rows = np.arange(rows[0], rows[-1] + 1)
    sure = rep.median_confidence(rows, k.trunk_confidence)
    found = peak(rep, bend, rows, sure, threshold=threshold_deg, hold_s=hold_s, scale=25.0)
    return found or "the outline of the back is not seen during the pull"


def _upright(rep: OneRep) -> NDArray[np.int64]:
    """Rows that show the upright back: the lockout, or the way there where that leans back."""
    lean = rep.kinematics.trunk_lean
    passing = rep.pull[np.abs(lean[rep.pull]) < _LEANS_BACK_DEG]
    leans_back = median(lean, rep.lockout) < -_LEANS_BACK_DEG
    return passing if leans_back and passing.size else rep.lockout
