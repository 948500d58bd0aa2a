"""Hips shoot up: off the floor the hips rise before the shoulders, and the trunk tips over."""

import numpy as np

from services.scorer.faults.rule import SIDE_VIEWS, Finding, OneRep, median, peak
from shared.data.analysis import FaultUnit, Style

KIND, NAME, UNIT = "hips_shoot_up", "hips shoot up", FaultUnit.DEGREE
CUE = "Push the floor away and let chest and hips rise at the same pace."
REASON = (
    "Hips and shoulders rise together, so the trunk's lean stays until the bar is at the knees. "
    "Sets of correct pulls tip by 0–5° here; the same hip is read to within a few degrees from "
    "one moment to the next."
)
VIEWS = SIDE_VIEWS


def judge(
    rep: OneRep,
    *,
    threshold_deg: float = 9.0,
    hold_s: float = 0.05,
    up_to: float = 0.6,
    most_deg: float = 40.0,
) -> Finding | str:
    """By how many degrees the trunk leans further forward than at the start, until past the knees.

    Args:
        rep: the repetition.
        threshold_deg: see `REASON`.
        hold_s: how long it must hold.
        up_to: share of the bar's way up that is looked at: the knees are at about half.
        most_deg: no trunk tips over by more; the posture is misread then.
    """
    if rep.lift.style is Style.ROMANIAN:
        return "a Romanian deadlift does not start from the floor"
    start = median(rep.kinematics.trunk_lean, rep.setup)
    if np.isnan(start):
        return "the trunk is not seen at the start"
    more = rep.kinematics.trunk_lean - start
    rows = rep.up_to(up_to)
    sure = rep.median_confidence(rows, rep.kinematics.trunk_confidence)
    found = peak(rep, more, rows, sure, threshold=threshold_deg, hold_s=hold_s, scale=10.0)
    if found and found.value > most_deg:
        return "the posture in the pull is misread"
    return found or "the trunk is not seen during the pull"
