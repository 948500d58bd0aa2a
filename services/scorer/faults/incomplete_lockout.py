"""Incomplete lockout: hips or knees stay bent at the top."""

from dataclasses import dataclass

import numpy as np

from services.scorer.faults.measurement import (
    Measurement,
    NotMeasured,
    max_sustained,
    median_confidence,
)
from services.scorer.faults.quantities import DegreeMargin, Degrees, Seconds
from services.scorer.faults.rep_view import RepView
from services.scorer.faults.rule import FaultRule
from shared.data.analysis import FaultUnit


@dataclass(frozen=True, kw_only=True)
class IncompleteLockout(FaultRule):
    """Remaining bend at lockout of hips or knees, the larger one, each at its straightest.

    Attributes:
        threshold_deg: Bend at the top that counts as a fault. Chosen: above what straight knees
            measure, up to 20° short of straight (the network's error there is 6–12°, doi
            10.1177/17543371251348697).
        hold_s: Time for which the straightest angle must hold. Chosen: a shorter one is noise.
        margin_deg: Excess at which the fault is certain. Chosen: the upper end of that error.
        max_plausible_deg: Bend above which the posture counts as misread. Chosen: more is no
            lockout.
    """

    kind = "incomplete_lockout"
    name = "incomplete lockout"
    unit = FaultUnit.DEGREE
    cue = "Finish the lift: knees straight, hips through, stand tall before you lower the bar."
    measures = "remaining bend of hips or knees at their straightest"
    looks_at = "lockout"
    reason_template = (
        "Hips and knees are straight at the top; more than {threshold} short of straight is a "
        "fault. Straight knees measure up to 20° short (the network's error there is 6–12°, "
        "doi 10.1177/17543371251348697)."
    )

    threshold_deg: Degrees = 22.0
    hold_s: Seconds = 0.1
    margin_deg: DegreeMargin = 12.0
    max_plausible_deg: Degrees = 75.0

    def measure(self, rep: RepView) -> Measurement | NotMeasured:
        """Remaining bend at lockout of hips or knees, the larger one, in degrees."""
        angles, rows = rep.kinematics, rep.lockout
        best = [
            max_sustained(values, rows, rep.motion.time_s, self.hold_s)
            for values in (angles.hip, angles.knee)
        ]
        known = [(180 - value, row) for value, row in best if np.isfinite(value)]
        if not known:
            return NotMeasured("the clip does not show the lockout")
        value, worst_row = max(known)
        if value > self.max_plausible_deg:
            return NotMeasured("the posture at the top is misread")
        return Measurement(
            value=value,
            threshold=self.threshold_deg,
            margin=self.margin_deg,
            rows=rows,
            worst_row=worst_row,
            confidence=median_confidence(rows, angles.legs_confidence, angles.trunk_confidence),
        )
