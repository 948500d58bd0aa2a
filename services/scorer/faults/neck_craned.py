"""Neck craned: the head is thrown back to look up."""

from services.scorer.faults.rule import SIDE_VIEWS, Finding, OneRep, peak
from shared.data.analysis import FaultUnit
from shared.data.skeleton import HEAD

KIND, NAME, UNIT = "neck_craned", "neck craned", FaultUnit.DEGREE
CUE = "Look at the floor two metres ahead, and keep the neck in line with the back."
REASON = (
    "The neck goes on as the spine does, the eyes on the floor ahead: the head gives way by about "
    "a third of the trunk's lean. Beyond that, 30° are more than glancing up and the error of the "
    "points on the face."
)
VIEWS = SIDE_VIEWS


def judge(
    rep: OneRep,
    *,
    threshold_deg: float = 30.0,
    hold_s: float = 0.3,
    neutral: float = 0.35,
    up_to: float = 0.6,
) -> Finding | str:
    """Extension of head against trunk beyond neutral, at the start and in the pull, degrees.

    Args:
        rep: the repetition.
        threshold_deg: see `REASON`.
        neutral: extension of a neutral neck, as a share of the trunk's lean.
        hold_s: how long it must hold.
        up_to: share of the bar's way up that is looked at.
    """
    lean = rep.kinematics.trunk_lean
    beyond = rep.kinematics.head_tilt - neutral * lean.clip(0, 90)
    rows = rep.up_to(up_to)
    head = rep.motion.confidence[:, HEAD]
    found = peak(
        rep,
        beyond,
        rows,
        rep.median_confidence(rows, rep.kinematics.trunk_confidence, head),
        threshold=threshold_deg,
        hold_s=hold_s,
        scale=20.0,
    )
    return found or "the head is not seen during the pull"
