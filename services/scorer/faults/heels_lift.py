"""Heels lift: the weight moves to the toes."""

import numpy as np

from services.scorer.faults.rule import SIDE_VIEWS, Finding, OneRep, peak
from shared.data.analysis import FaultUnit

KIND, NAME, UNIT = "heels_lift", "heels lift", FaultUnit.DEGREE
CUE = "Keep the weight over the middle of the foot and both heels on the floor."
REASON = (
    "A foot stands flat through the whole lift. The sole of one that does is measured within 7°."
)
VIEWS = SIDE_VIEWS


def judge(
    rep: OneRep,
    *,
    threshold_deg: float = 12.0,
    hold_s: float = 0.15,
    most_turn_deg: float = 32.0,
    seen: float = 0.4,
) -> Finding | str:
    """By how many degrees the heels stand higher than on a flat foot, at most during the pull.

    Args:
        rep: the repetition.
        threshold_deg: see `REASON`.
        hold_s: how long it must hold.
        most_turn_deg: with the camera farther off the side, turned-out toes point at it.
        seen: share of the pull in which soles must be seen for a flat foot to mean something;
            plates hide them where it begins.
    """
    if rep.motion.turn_deg > most_turn_deg:
        return f"toes point at the camera, {rep.motion.turn_deg:.0f}° off the side"
    found = peak(
        rep,
        rep.kinematics.foot_pitch,
        rep.pull,
        1.0,  # soles that are less sure are not in the motion
        threshold=threshold_deg,
        hold_s=hold_s,
        scale=10.0,
    )
    hidden = np.isnan(rep.kinematics.foot_pitch[rep.pull]).mean() > 1 - seen
    if found is None or (hidden and found.margin <= 0):
        return "the soles are not seen during the pull"
    return found
