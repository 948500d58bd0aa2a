"""Bent arms: the elbows take load that belongs to legs and back."""

from services.scorer.faults.rule import SIDE_VIEWS, Finding, OneRep, peak

KIND, NAME, UNIT = "bent_arms", "bent arms", "deg"
CUE = "Let the arms hang like ropes: straighten the elbows before the bar moves."
REASON = (
    "Arms are straight ropes in a deadlift. Straight arms measure up to 25° short of straight "
    "where plates and knees hide the elbows."
)
VIEWS = SIDE_VIEWS


def judge(
    rep: OneRep, *, threshold_deg: float = 30.0, hold_s: float = 0.4, up_to: float = 0.9
) -> Finding | str:
    """How far the elbows are short of straight during the pull, degrees.

    Args:
        rep: the repetition.
        threshold_deg: see `REASON`.
        hold_s: how long it must hold.
        up_to: share of the bar's way up that is looked at.
    """
    short = 180 - rep.kinematics.elbow
    rows = rep.up_to(up_to)
    sure = rep.sure(rows, rep.kinematics.arms_sure)
    found = peak(rep, short, rows, sure, threshold=threshold_deg, hold_s=hold_s, scale=20.0)
    return found or "the elbows are not seen during the pull"
