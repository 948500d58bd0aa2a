"""The bar drifts away: it leaves the line over the middle of the foot."""

from dataclasses import dataclass

import numpy as np

from services.scorer.faults.measurement import (
    Measurement,
    NotMeasured,
    measure_peak,
    median,
    median_confidence,
)
from services.scorer.faults.quantities import (
    Degrees,
    Fraction,
    Seconds,
    TrunkLengthMargin,
    TrunkLengths,
)
from services.scorer.faults.rep_view import F64, RepView, Rows
from services.scorer.faults.rule import FaultRule
from shared.data.analysis import BarSource, FaultUnit
from shared.data.skeleton import L_ANKLE, L_WRIST, R_ANKLE, R_WRIST


@dataclass(frozen=True, kw_only=True)
class BarDrifts(FaultRule):
    """How much farther forward of the feet the bar gets during the pull than at the start.

    Attributes:
        threshold_trunk_lengths: Drift that counts as a fault. The bar's path is near vertical over
            the middle of the foot; no tested limit is published. Chosen: 0.12 trunk lengths are
            about 6 cm.
        hands_threshold_trunk_lengths: The threshold where no plate is seen and the hands stand for
            the bar. Chosen: hands behind plates are misplaced by more than 6 cm.
        hold_s: Time for which the drift must hold. Chosen: a shorter peak is noise.
        margin_trunk_lengths: Excess at which the fault is certain. Chosen: about the threshold once
            more.
        max_bar_progress: Bar progress up to which the rule measures. Chosen: above it the bar is at
            the thighs.
        max_turn_deg: Angle of the camera off the side above which nothing is judged. Chosen on
            rendered sets: of drifts of 0.17 and 0.22 trunk lengths seven of eight are found at 30°,
            and none at 45°.
        max_feet_error_trunk_lengths: Deviation of the feet from their line during the pull, RMS,
            above which they count as misread. Chosen: half of the drift that is a fault.
    """

    kind = "bar_drifts"
    name = "bar drifts away"
    unit = FaultUnit.TRUNK_LENGTH
    cue = "Squeeze the armpits and drag the bar up along your legs."
    measures = "how much farther forward of the feet the bar is than at the start"
    looks_at = (
        "pull up to {rule.max_bar_progress:.0%} of the bar's way; the camera at most "
        "{rule.max_turn_deg:g}° off the side"
    )
    reason_template = (
        "The bar's path is near vertical over the middle of the foot; a drift of more than "
        "{threshold} is a fault. No tested limit is published: 0.12 trunk lengths are about 6 cm, "
        "and hands behind plates are misplaced by more than that. In a view off the side the "
        "threshold is higher."
    )

    threshold_trunk_lengths: TrunkLengths = 0.12
    hands_threshold_trunk_lengths: TrunkLengths = 0.17
    hold_s: Seconds = 0.1
    margin_trunk_lengths: TrunkLengthMargin = 0.1
    max_bar_progress: Fraction = 0.9
    max_turn_deg: Degrees = 40.0
    max_feet_error_trunk_lengths: TrunkLengths = 0.06

    def measure(self, rep: RepView) -> Measurement | NotMeasured:
        """How much farther forward of the feet the bar is than at the start, in trunk lengths."""
        turn_deg = rep.motion.turn_deg
        if turn_deg > self.max_turn_deg:
            return NotMeasured(f"too little of a drift shows {turn_deg:.0f}° off the side")
        in_pull = _feet_line(rep, rep.pull)
        drift = (_drift(rep, in_pull) + _drift(rep, _feet_line(rep, rep.rows))) / 2
        if np.isnan(drift[rep.setup]).all():
            return NotMeasured("bar or feet are not seen at the start")
        # A turned view magnifies what lies ahead by 1/cos, and errors of feet and hands as well.
        magnified = 1 / float(np.cos(np.radians(turn_deg))) ** 2
        if in_pull.error_px > self.max_feet_error_trunk_lengths * magnified * _unit_px(rep):
            return NotMeasured("the feet are misread: they seem to move during the pull")
        rows = rep.pull_until(self.max_bar_progress)
        threshold, confidence = self.threshold_trunk_lengths, 1.0
        if rep.lift.bar.scale.source is BarSource.WRISTS:
            threshold = self.hands_threshold_trunk_lengths
            confidence = median_confidence(rows, rep.kinematics.arms_confidence)
        found = measure_peak(
            rep,
            drift,
            rows,
            threshold=threshold * magnified,
            hold_s=self.hold_s,
            margin=self.margin_trunk_lengths,
            confidence=confidence,
        )
        return found or NotMeasured("bar or feet are not seen during the pull")


@dataclass(frozen=True, eq=False)
class _FeetLine:
    """Where the feet stand: a straight line through their positions over time.

    The line follows a panning camera but not the trembling of hidden ankles.

    Attributes:
        rows: Rows that it is fitted to.
        x_px: (n,), position of the feet in each row of the motion; NaN where unknown.
        error_px: Deviation of the ankle from the line, RMS.
    """

    rows: Rows
    x_px: F64
    error_px: float


def _feet_line(rep: RepView, while_lifting: Rows) -> _FeetLine:
    """The line of the better seen ankle through setup and lifting."""
    motion = rep.motion
    rows = np.union1d(rep.setup, while_lifting)
    feet = motion.xy_px[rows][:, [L_ANKLE, R_ANKLE], 0]
    seen = motion.confidence[rows][:, [L_ANKLE, R_ANKLE]].mean(0)
    feet = feet[:, int(seen.argmax())]
    known = np.isfinite(feet) & np.isfinite(rep.kinematics.shank_lean[rows])
    if known.sum() < 2:
        return _FeetLine(rows, np.full(len(motion), np.nan), 0.0)
    line = np.polynomial.Polynomial.fit(motion.time_s[rows][known], feet[known], 1)
    x_px = line(motion.time_s)
    error_px = float(np.sqrt(np.mean((feet - x_px[rows])[known] ** 2)))
    return _FeetLine(rows, np.asarray(x_px), error_px)


def _drift(rep: RepView, feet: _FeetLine) -> F64:
    """How much farther forward of the feet the bar is than at the start, (n,), in trunk lengths.

    The feet stand still. Two errors of their line are possible. Over the pull alone, it is turned
    by ankles that are hidden for half of the pull, or seem to move with the lifter. Over the whole
    repetition, it is turned by a camera that stops panning. The rule takes the mean of both.
    """
    ahead = (_bar_x_px(rep, feet.rows) - feet.x_px) * rep.motion.facing / _unit_px(rep)
    return np.asarray(ahead - median(ahead, rep.setup))


def _unit_px(rep: RepView) -> float:
    """A trunk length along the ground, as this view shows it."""
    return rep.motion.trunk_length_px * float(np.cos(np.radians(rep.motion.turn_deg)))


def _bar_x_px(rep: RepView, rows: Rows) -> F64:
    """Horizontal position of the bar in the picture, (n,): the plate's, or the better seen hand's.

    The middle of both hands would jump wherever one of them is hidden.
    """
    if rep.lift.bar.scale.source is not BarSource.WRISTS:
        return rep.lift.bar.xy_px[:, 0]
    confidence = rep.motion.confidence[rows][:, [L_WRIST, R_WRIST]].mean(0)
    return rep.motion.xy_px[:, (L_WRIST, R_WRIST)[int(confidence.argmax())], 0]
