"""Bent arms: the elbows take load that belongs to legs and back."""

from dataclasses import dataclass

import numpy as np

from services.scorer.faults.measurement import (
    Measurement,
    NotMeasured,
    measure_peak,
    median_confidence,
)
from services.scorer.faults.quantities import DegreeMargin, Degrees, Fraction, Seconds
from services.scorer.faults.rep_view import RepView
from services.scorer.faults.rule import FaultRule
from shared.data.analysis import FaultUnit


@dataclass(frozen=True, kw_only=True)
class BentArms(FaultRule):
    """How far the elbows are short of straight during the pull.

    Attributes:
        threshold_deg: Bend that counts as a fault. Chosen: just above what straight arms measure
            (up to 25° short of straight, and up to 28° in labelled good clips).
        hidden_threshold_deg: The threshold where the arms are seen with less than
            `seen_confidence`. Chosen: just above what straight arms measure where plates hide the
            hands (up to 35° short).
        hold_s: Time for which the bend must hold. Chosen: shorter peaks are jitter, mostly of hands
            behind plates.
        margin_deg: Excess at which the fault is certain. Chosen: somewhat less than straight
            arms measure.
        max_bar_progress: Bar progress up to which the rule measures. Chosen: near lockout the hands
            creep up behind the plates.
        seen_confidence: Confidence of the arms from which they count as seen. Chosen: below, hands
            are usually behind plates.
        min_confidence: Confidence of the arms below which nothing is judged. Chosen: the network
            does not know where the hands are.
    """

    kind = "bent_arms"
    name = "bent arms"
    unit = FaultUnit.DEGREE
    cue = "Let the arms hang like ropes: straighten the elbows before the bar moves."
    measures = "how far the elbows are short of straight"
    looks_at = "pull up to {rule.max_bar_progress:.0%} of the bar's way"
    reason_template = (
        "Arms are straight ropes in a deadlift; elbows more than {threshold} short of straight are "
        "a fault. Straight arms measure up to 25° short, and up to 35° where plates hide the "
        "hands: the threshold is higher there, and in a view off the side."
    )

    threshold_deg: Degrees = 30.0
    hidden_threshold_deg: Degrees = 37.0
    hold_s: Seconds = 0.4
    margin_deg: DegreeMargin = 20.0
    max_bar_progress: Fraction = 0.9
    seen_confidence: Fraction = 0.4
    min_confidence: Fraction = 0.25

    def measure(self, rep: RepView) -> Measurement | NotMeasured:
        """How far the elbows are short of straight during the pull, in degrees."""
        rows = rep.pull_until(self.max_bar_progress)
        confidence = median_confidence(rows, rep.kinematics.arms_confidence)
        threshold = self.threshold_deg
        if confidence < self.min_confidence:
            return NotMeasured("the hands are not seen clearly enough")
        if confidence < self.seen_confidence:
            # The higher threshold allows for hidden hands: they cost no further confidence.
            threshold, confidence = self.hidden_threshold_deg, 1.0
        # Arms that spread to a wide grip look bent in a turned view.
        threshold /= float(np.cos(np.radians(rep.motion.turn_deg)))
        found = measure_peak(
            rep,
            180 - rep.kinematics.elbow,
            rows,
            threshold=threshold,
            hold_s=self.hold_s,
            margin=self.margin_deg,
            confidence=confidence,
        )
        return found or NotMeasured("the elbows are not seen during the pull")
