"""Bent arms: the elbows take load that belongs to legs and back."""

import numpy as np

from services.scorer.faults.rule import SIDE_VIEWS, Finding, OneRep, peak
from shared.data.analysis import FaultUnit

KIND, NAME, UNIT = "bent_arms", "bent arms", FaultUnit.DEGREE
CUE = "Let the arms hang like ropes: straighten the elbows before the bar moves."
REASON = (
    "Arms are straight ropes in a deadlift, and measure up to 25° short of that. Where plates hide "
    "the hands, straight arms measure up to 35° short: the threshold is higher there."
)
VIEWS = SIDE_VIEWS

#: Arms are seen from the first confidence on. Down to the second one hands are behind plates;
#: below that the network does not know where they are.
_SEEN, _GUESSED = 0.8, 0.5


def judge(
    rep: OneRep,
    *,
    threshold_deg: float = 30.0,
    hidden_deg: float = 37.0,
    hold_s: float = 0.4,
    up_to: float = 0.9,
) -> Finding | str:
    """How far the elbows are short of straight during the pull, degrees.

    Args:
        rep: the repetition.
        threshold_deg: see `REASON`.
        hidden_deg: the threshold for arms that are seen with a confidence below `_SEEN`; with that
            they are not doubted any further.
        hold_s: how long it must hold.
        up_to: share of the bar's way up that is looked at.
    """
    short = 180 - rep.kinematics.elbow
    rows = rep.up_to(up_to)
    sure = rep.median_confidence(rows, rep.kinematics.arms_confidence)
    if sure < _GUESSED:
        return "the hands are seen too unsurely"
    if sure < _SEEN:
        sure, threshold_deg = 1.0, hidden_deg
    # arms that spread to a wide grip look bent in a turned view
    threshold_deg /= float(np.cos(np.radians(rep.motion.turn_deg)))
    found = peak(rep, short, rows, sure, threshold=threshold_deg, hold_s=hold_s, scale=20.0)
    return found or "the elbows are not seen during the pull"
