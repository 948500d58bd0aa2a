"""Leaning back: at the top the lower back is bent backwards."""

import numpy as np

from services.scorer.faults.rule import SIDE_VIEWS, Finding, OneRep, median
from shared.data.analysis import FaultUnit

KIND, NAME, UNIT = "leaning_back", "leaning back at lockout", FaultUnit.DEGREE
CUE = "Stand tall at the top and squeeze the glutes; do not lean back."
REASON = (
    "An upright trunk ends the lift; leaning further loads the lower back and gains nothing. "
    "Upright trunks measure up to 10° back, as shoulders hang behind the hips' points."
)
VIEWS = SIDE_VIEWS


def judge(rep: OneRep, *, threshold_deg: float = 13.0, most_deg: float = 50.0) -> Finding | str:
    """How far the trunk leans backwards at lockout, degrees from upright.

    Args:
        rep: the repetition.
        threshold_deg: see `REASON`.
        most_deg: more than this, to either side, is no lockout but a misread posture.
    """
    rows = rep.lockout
    value = -median(rep.kinematics.trunk_lean, rows)
    if np.isnan(value):
        return "the clip does not show the lockout"
    if abs(value) > most_deg:
        return "the posture at the top is misread"
    # what lies behind is magnified by 1/cos in a turned view, and so are its errors
    threshold_deg /= float(np.cos(np.radians(rep.motion.turn_deg)))
    return Finding(
        value,
        threshold_deg,
        rows,
        int(rows[len(rows) // 2]),
        8.0,
        rep.median_confidence(rows, rep.kinematics.trunk_confidence),
    )
