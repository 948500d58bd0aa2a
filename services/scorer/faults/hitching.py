"""Hitching: the bar all but stops on its way up."""

import numpy as np

from services.scorer.faults.rule import F64, SIDE_VIEWS, Finding, OneRep
from shared.data.analysis import FaultUnit, View
from shared.data.skeleton import NECK

KIND, NAME, UNIT = "hitching", "uneven pull (hitching)", FaultUnit.SECOND
CUE = "Take less weight, and pull in one smooth motion from the floor to the top."
REASON = (
    "A good pull never stops. Slower than 15 % of its own mean speed is a stop; under 0.25 s it "
    "may be the passage of the knees."
)
VIEWS: tuple[View, ...] = (*SIDE_VIEWS, View.FRONT)


def judge(
    rep: OneRep,
    *,
    threshold_s: float = 0.25,
    slow: float = 0.15,
    low: float = 0.12,
    high: float = 0.88,
    upright: float = 0.92,
) -> Finding | str:
    """How long the bar is too slow in mid-pull, seconds.

    Args:
        rep: the repetition.
        threshold_s: see `REASON`.
        slow: share of the rep's mean speed below which the bar is too slow.
        low: share of the bar's way up from which on it is in mid-pull.
        high: and up to which.
        upright: share of the neck's way up from which on the lifter stands: bars shift in the
            hands there, and hands behind plates are misplaced.
    """
    time_s, rows = rep.motion.time_s[rep.pull], rep.pull
    height = -rep.lift.bar.xy_px[rows, 1]
    if len(rows) < 3 or not np.isfinite(height).all() or rep.span.partial:
        return "the clip does not show the bar's whole way up"
    share = (height - height[0]) / max(height[-1] - height[0], 1e-6)
    speed = np.gradient(height, time_s)
    mean = (height[-1] - height[0]) / (time_s[-1] - time_s[0])
    standing = _neck_share(rep) > upright
    stuck = (speed < slow * mean) & (share > low) & (share < high) & ~standing
    value = float(np.gradient(time_s)[stuck].sum())
    holds = rows[stuck] if stuck.any() else rows[:1]
    return Finding(value, threshold_s, holds, int(holds[len(holds) // 2]), 0.3, 1.0)


def _neck_share(rep: OneRep) -> F64:
    """How much of its way up the neck has come, one a row of the pull; 0 where unseen."""
    height = -rep.motion.xy_px[rep.pull, NECK, 1]
    if not np.isfinite(height).any():
        return np.zeros(len(height))
    low, high = np.nanmin(height), np.nanmax(height)
    return np.asarray(np.nan_to_num((height - low) / max(high - low, 1e-6)))
