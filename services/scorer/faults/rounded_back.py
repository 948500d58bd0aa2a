"""Rounded back: the spine bends under the load instead of the hips."""

import numpy as np

from services.scorer.faults.rule import SIDE_VIEWS, Finding, OneRep, median, peak

KIND, NAME, UNIT = "rounded_back", "rounded back", "deg"
CUE = "Take a breath, brace, and show your chest; keep that back from the floor to the top."
REASON = (
    "The outline of the back is compared with the same lifter's upright back at lockout. Seat, "
    "shoulder blades and clothes move it by up to 15° in good lifts."
)
VIEWS = SIDE_VIEWS


def judge(
    rep: OneRep, *, threshold_deg: float = 22.0, hold_s: float = 0.15, up_to: float = 0.7
) -> Finding | str:
    """Bend between lower and upper half of the trunk during the pull, beyond that at lockout.

    Args:
        rep: the repetition.
        threshold_deg: see `REASON`.
        hold_s: how long it must hold.
        up_to: share of the bar's way up that is looked at.
    """
    neutral = median(rep.kinematics.back_flexion, rep.lockout)
    if np.isnan(neutral):
        return "the outline of the upright back is not seen"
    more = rep.kinematics.back_flexion - neutral
    found = peak(rep, more, rep.up_to(up_to), threshold=threshold_deg, hold_s=hold_s, scale=15.0)
    return found or "the outline of the back is not seen during the pull"
