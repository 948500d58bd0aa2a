"""Neck craned: the head is thrown back to look up."""

from dataclasses import dataclass

from services.scorer.faults.measurement import (
    Measurement,
    NotMeasured,
    measure_peak,
    median_confidence,
)
from services.scorer.faults.quantities import DegreeMargin, Degrees, Fraction, Ratio, Seconds
from services.scorer.faults.rep_view import RepView
from services.scorer.faults.rule import FaultRule
from shared.data.analysis import FaultUnit
from shared.data.skeleton import HEAD


@dataclass(frozen=True, kw_only=True)
class NeckCraned(FaultRule):
    """How far the head is bent back against the trunk, beyond neutral.

    Attributes:
        threshold_deg: Extension beyond neutral that counts as a fault. Chosen: it is more than
            glancing up and the error of the points on the face.
        hold_s: Time for which the extension must hold. Chosen: a glance is shorter.
        margin_deg: Excess at which the fault is certain. Chosen: a round value, two thirds of the
            threshold.
        neutral_per_lean: Extension of a neutral neck, in degrees per degree of the trunk's lean.
            Chosen: the neck continues the spine, with the eyes on the floor ahead, and the head
            gives way by about a third of the lean.
        max_bar_progress: Bar progress up to which the rule measures. Chosen: it includes the start,
            and the pull until past the knees.
    """

    kind = "neck_craned"
    name = "neck craned"
    unit = FaultUnit.DEGREE
    cue = "Look at the floor two metres ahead, and keep the neck in line with the back."
    measures = "how far the head is bent back beyond neutral"
    looks_at = "pull up to {rule.max_bar_progress:.0%} of the bar's way"
    reason_template = (
        "The neck continues the spine, with the eyes on the floor ahead: the head gives way by "
        "about a third of the trunk's lean. More than {threshold} beyond that neutral is a fault; "
        "30° are more than glancing up and the error of the points on the face."
    )

    threshold_deg: Degrees = 30.0
    hold_s: Seconds = 0.3
    margin_deg: DegreeMargin = 20.0
    neutral_per_lean: Ratio = 0.35
    max_bar_progress: Fraction = 0.6

    def measure(self, rep: RepView) -> Measurement | NotMeasured:
        """Extension of the head against the trunk beyond neutral, in degrees."""
        lean = rep.kinematics.trunk_lean
        rows = rep.pull_until(self.max_bar_progress)
        found = measure_peak(
            rep,
            rep.kinematics.head_tilt - self.neutral_per_lean * lean.clip(0, 90),
            rows,
            threshold=self.threshold_deg,
            hold_s=self.hold_s,
            margin=self.margin_deg,
            confidence=median_confidence(
                rows, rep.kinematics.trunk_confidence, rep.motion.confidence[:, HEAD]
            ),
        )
        return found or NotMeasured("the head is not seen during the pull")
