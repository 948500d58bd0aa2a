"""The bar drifts away: it leaves the line over the middle of the foot."""

import numpy as np

from services.scorer.faults.rule import F64, SIDE_VIEWS, Finding, OneRep, Rows, median, peak
from shared.data.analysis import BarSource, FaultUnit
from shared.data.skeleton import L_ANKLE, L_WRIST, R_ANKLE, R_WRIST

KIND, NAME, UNIT = "bar_drifts", "bar drifts away", FaultUnit.TRUNK_LENGTH
CUE = "Squeeze the armpits and drag the bar up along your legs."
REASON = (
    "The bar's path is near vertical over the middle of the foot. No tested limit is published; "
    "0.12 trunk lengths are about 6 cm; hands behind plates are misplaced by more than that."
)
VIEWS = SIDE_VIEWS


def judge(
    rep: OneRep,
    *,
    threshold: float = 0.12,
    wrists: float = 0.17,
    hold_s: float = 0.1,
    up_to: float = 0.9,
) -> Finding | str:
    """How much farther forward of the feet the bar gets during the pull than at the start.

    Args:
        rep: the repetition.
        threshold: in trunk lengths, see `REASON`.
        wrists: the threshold where hands stand for the bar.
        hold_s: how long it must hold.
        up_to: share of the bar's way up that is looked at.
    """
    drift = (_drift(rep, rep.pull) + _drift(rep, rep.rows)) / 2
    if np.isnan(drift[rep.setup]).all():
        return "bar or feet are not seen at the start"
    rows = rep.up_to(up_to)
    sure = 1.0
    if rep.lift.bar.scale.source is BarSource.WRISTS:
        sure, threshold = rep.median_confidence(rows, rep.kinematics.arms_confidence), wrists
    # what lies ahead is magnified by 1/cos in a turned view, and so is the hands' own error
    threshold /= float(np.cos(np.radians(rep.motion.turn_deg))) ** 2
    found = peak(rep, drift, rows, sure, threshold=threshold, hold_s=hold_s, scale=0.1)
    return found or "bar or feet are not seen during the pull"


def _drift(rep: OneRep, while_lifting: Rows) -> F64:
    """How much farther forward of the feet the bar is than at the start, (n,), in trunk lengths.

    Feet stand, so that a straight line through their places holds what a camera that pans does, and
    not what hidden ankles tremble by. Ankles that seem to walk with the lifter, or are hidden for
    half of the pull, turn the pull's own line; a camera that stops panning turns that of the whole
    repetition. So both count alike.
    """
    motion = rep.motion
    rows = np.union1d(rep.setup, while_lifting)
    feet = motion.xy_px[rows][:, [L_ANKLE, R_ANKLE], 0]
    seen = motion.confidence[rows][:, [L_ANKLE, R_ANKLE]].mean(0)
    feet = feet[:, int(seen.argmax())]
    known = np.isfinite(feet) & np.isfinite(rep.kinematics.shank_lean[rows])
    if known.sum() < 2:
        return np.full(len(motion), np.nan)
    line = np.polynomial.Polynomial.fit(motion.time_s[rows][known], feet[known], 1)
    unit_px = motion.trunk_length_px * np.cos(np.radians(motion.turn_deg))
    ahead = (_bar_px(rep, rows) - line(motion.time_s)) * motion.facing / unit_px
    return np.asarray(ahead - median(ahead, rep.setup))


def _bar_px(rep: OneRep, rows: Rows) -> F64:
    """The bar's place across the picture, (n,): of the plate, or of the hand that is seen better.

    The middle of both hands jumps wherever one of them is hidden.
    """
    if rep.lift.bar.scale.source is not BarSource.WRISTS:
        return rep.lift.bar.xy_px[:, 0]
    sure = rep.motion.confidence[rows][:, [L_WRIST, R_WRIST]].mean(0)
    return rep.motion.xy_px[:, (L_WRIST, R_WRIST)[int(sure.argmax())], 0]
