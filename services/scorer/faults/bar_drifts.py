"""The bar drifts away: it leaves the line over the middle of the foot."""

import numpy as np

from services.scorer.faults.rule import F64, SIDE_VIEWS, Finding, OneRep, median, peak
from services.scorer.motion import Motion
from shared.skeleton import L_ANKLE, L_TOE, R_ANKLE, R_TOE

KIND, NAME, UNIT = "bar_drifts", "bar drifts away", "torso lengths"
CUE = "Squeeze the armpits and drag the bar up along your legs."
REASON = (
    "The bar's path is near vertical over the middle of the foot. No tested limit is published; "
    "0.12 trunk lengths are about 6 cm, more than wrists are misplaced by."
)
VIEWS = SIDE_VIEWS


def judge(
    rep: OneRep, *, threshold: float = 0.12, hold_s: float = 0.1, up_to: float = 0.9
) -> Finding | str:
    """How much farther forward of the feet the bar gets during the pull than at the start.

    Args:
        rep: the repetition.
        threshold: in trunk lengths, see `REASON`.
        hold_s: how long it must hold.
        up_to: share of the bar's way up that is looked at.
    """
    ahead = _ahead(rep.motion, rep.lifted.bar.xy_px)
    start = median(ahead, rep.setup)
    if np.isnan(start):
        return "bar or feet are not seen at the start"
    found = peak(
        rep, ahead - start, rep.up_to(up_to), threshold=threshold, hold_s=hold_s, scale=0.1
    )
    return found or "bar or feet are not seen during the pull"


def _ahead(motion: Motion, bar_px: F64) -> F64:
    """How far the bar is forward of the feet, (n,), in trunk lengths."""
    toes, ankles = motion.feet_px[:, [L_TOE, R_TOE], 0], motion.xy_px[:, [L_ANKLE, R_ANKLE], 0]
    feet = toes.mean(-1)  # toes stay where they are even when the heels lift
    feet = ankles.mean(-1) if np.isnan(feet).all() else feet
    unit_px = motion.torso_px * np.cos(np.radians(motion.turn_deg))
    return np.asarray((bar_px[:, 0] - feet) * motion.facing / unit_px)
