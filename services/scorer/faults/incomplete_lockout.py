"""Incomplete lockout: hips or knees stay bent at the top."""

import numpy as np

from services.scorer.faults.rule import SIDE_VIEWS, Finding, OneRep, max_sustained
from shared.data.analysis import FaultUnit

KIND, NAME, UNIT = "incomplete_lockout", "incomplete lockout", FaultUnit.DEGREE
CUE = "Finish the lift: knees straight, hips through, stand tall before you lower the bar."
REASON = (
    "Hips and knees are straight at the top. Straight knees measure up to 20° short of it (the "
    "network's error there is 6–12°, doi 10.1177/17543371251348697)."
)
VIEWS = SIDE_VIEWS


def judge(
    rep: OneRep, *, threshold_deg: float = 22.0, hold_s: float = 0.1, most_deg: float = 75.0
) -> Finding | str:
    """How far hips or knees, whichever is worse, are short of straight at their best at the top.

    Args:
        rep: the repetition.
        threshold_deg: see `REASON`.
        hold_s: how long the best must hold.
        most_deg: more is no lockout, but a misread posture.
    """
    rows = rep.lockout
    best = [
        max_sustained(values, rows, rep.motion.time_s, hold_s)
        for values in (rep.kinematics.hip, rep.kinematics.knee)
    ]
    known = [(180 - value, row) for value, row in best if np.isfinite(value)]
    if not known:
        return "the clip does not show the lockout"
    value, worst = max(known)
    if value > most_deg:
        return "the posture at the top is misread"
    sure = rep.median_confidence(
        rows, rep.kinematics.legs_confidence, rep.kinematics.trunk_confidence
    )
    return Finding(value, threshold_deg, rows, worst, 12.0, sure)
