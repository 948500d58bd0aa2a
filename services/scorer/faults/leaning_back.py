"""Leaning back: at the top the lower back is bent backwards."""

from dataclasses import dataclass

import numpy as np

from services.scorer.faults.measurement import (
    Measurement,
    NotMeasured,
    median,
    median_confidence,
)
from services.scorer.faults.quantities import DegreeMargin, Degrees
from services.scorer.faults.rep_view import RepView
from services.scorer.faults.rule import FaultRule
from shared.data.analysis import FaultUnit


@dataclass(frozen=True, kw_only=True)
class LeaningBack(FaultRule):
    """How far the trunk leans backwards at lockout.

    Attributes:
        threshold_deg: Lean behind upright that counts as a fault. Chosen: twice what upright trunks
            measure (up to 4° back in good clips), because less is the network's error: rendered
            trunks that lean back by 25° measure 12°.
        margin_deg: Excess at which the fault is certain. Chosen: somewhat below that error.
        max_plausible_deg: Lean, to either side, above which the posture counts as misread. Chosen:
            more is no lockout.
    """

    kind = "leaning_back"
    name = "leaning back at lockout"
    unit = FaultUnit.DEGREE
    cue = "Stand tall at the top and squeeze the glutes; do not lean back."
    measures = "lean of the trunk behind upright"
    looks_at = "lockout"
    reason_template = (
        "An upright trunk ends the lift; leaning back by more than {threshold} loads the lower "
        "back and gains nothing. Upright trunks measure up to 4° back. In a view off the side the "
        "threshold is higher."
    )

    threshold_deg: Degrees = 9.0
    margin_deg: DegreeMargin = 6.0
    max_plausible_deg: Degrees = 50.0

    def measure(self, rep: RepView) -> Measurement | NotMeasured:
        """Lean of the trunk behind upright at lockout, in degrees."""
        rows = rep.lockout
        value = -median(rep.kinematics.trunk_lean, rows)
        if np.isnan(value):
            return NotMeasured("the clip does not show the lockout")
        if abs(value) > self.max_plausible_deg:
            return NotMeasured("the posture at the top is misread")
        return Measurement(
            value=value,
            # A turned view magnifies what lies behind by 1/cos, and its errors as well.
            threshold=self.threshold_deg / float(np.cos(np.radians(rep.motion.turn_deg))),
            margin=self.margin_deg,
            rows=rows,
            worst_row=int(rows[len(rows) // 2]),
            confidence=median_confidence(rows, rep.kinematics.trunk_confidence),
        )
