"""Hips shoot up: off the floor the hips rise before the shoulders, and the trunk tips over."""

from dataclasses import dataclass

import numpy as np

from services.scorer.faults.measurement import (
    Measurement,
    NotMeasured,
    measure_peak,
    median,
    median_confidence,
)
from services.scorer.faults.quantities import DegreeMargin, Degrees, Fraction, Seconds
from services.scorer.faults.rep_view import RepView
from services.scorer.faults.rule import FaultRule
from shared.data.analysis import FaultUnit, Style


@dataclass(frozen=True, kw_only=True)
class HipsShootUp(FaultRule):
    """The trunk's lean during the pull, against its lean at the start.

    Attributes:
        threshold_deg: Additional lean that counts as a fault. Chosen: sets of correct pulls were
            measured to tip by 0–5°, and the same hip is read to within a few degrees from one
            moment to the next.
        hold_s: Time for which the lean must hold. Chosen: the fault itself lasts only a moment.
        margin_deg: Excess at which the fault is certain. Chosen: about the threshold once more.
        max_bar_progress: Bar progress up to which the rule measures. Chosen: the bar passes the
            knees at about half.
        max_plausible_deg: Additional lean above which the posture counts as misread. Chosen: no
            trunk tips over by more.
    """

    kind = "hips_shoot_up"
    name = "hips shoot up"
    unit = FaultUnit.DEGREE
    cue = "Push the floor away and let chest and hips rise at the same pace."
    measures = "how much further forward the trunk leans than at the start"
    looks_at = "pull up to {rule.max_bar_progress:.0%} of the bar's way"
    reason_template = (
        "Hips and shoulders rise together, so the trunk keeps its lean until the bar is at the "
        "knees; tipping further forward by more than {threshold} is a fault. Sets of correct pulls "
        "tip by 0–5°, and the same hip is read to within a few degrees from one moment to the next."
    )

    threshold_deg: Degrees = 9.0
    hold_s: Seconds = 0.05
    margin_deg: DegreeMargin = 10.0
    max_bar_progress: Fraction = 0.6
    max_plausible_deg: Degrees = 40.0

    def measure(self, rep: RepView) -> Measurement | NotMeasured:
        """How much further forward the trunk leans than at the start, in degrees."""
        if rep.lift.style is Style.ROMANIAN:
            return NotMeasured("a Romanian deadlift does not start from the floor")
        lean = rep.kinematics.trunk_lean
        start = median(lean, rep.setup)
        if np.isnan(start):
            return NotMeasured("the trunk is not seen at the start")
        rows = rep.pull_until(self.max_bar_progress)
        found = measure_peak(
            rep,
            lean - start,
            rows,
            threshold=self.threshold_deg,
            hold_s=self.hold_s,
            margin=self.margin_deg,
            confidence=median_confidence(rows, rep.kinematics.trunk_confidence),
        )
        if found and found.value > self.max_plausible_deg:
            return NotMeasured("the posture in the pull is misread")
        return found or NotMeasured("the trunk is not seen during the pull")
