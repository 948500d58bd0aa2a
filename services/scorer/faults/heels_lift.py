"""Heels lift: the weight moves to the toes."""

from dataclasses import dataclass

import numpy as np

from services.scorer.faults.measurement import Measurement, NotMeasured, measure_peak
from services.scorer.faults.quantities import DegreeMargin, Degrees, Fraction, Seconds
from services.scorer.faults.rep_view import RepView
from services.scorer.faults.rule import FaultRule
from shared.data.analysis import FaultUnit


@dataclass(frozen=True, kw_only=True)
class HeelsLift(FaultRule):
    """The pitch of the sole during the pull, against that of the flat foot.

    Attributes:
        threshold_deg: Pitch that counts as a fault. Chosen: between the 7° that a sole measures at
            most while it stands flat, and the 21° and more of a sole that is lifted by 25°.
        hold_s: Time for which the pitch must hold. Chosen: a shorter peak is noise of the outline.
        margin_deg: Excess at which the fault is certain. Chosen: about the threshold once more.
        max_turn_deg: Angle of the camera off the side above which soles are not judged. Chosen:
            turned-out toes point at the camera then.
        min_seen_fraction: Fraction of the pull in which soles must be seen before the heels count
            as down. Chosen: plates hide them where the pull begins.
    """

    kind = "heels_lift"
    name = "heels lift"
    unit = FaultUnit.DEGREE
    cue = "Keep the weight over the middle of the foot and both heels on the floor."
    measures = "pitch of the sole against that of the flat foot"
    looks_at = "pull; the camera at most {rule.max_turn_deg:g}° off the side"
    reason_template = (
        "A foot stands flat through the whole lift; a sole that pitches by more than {threshold} "
        "is a fault. The sole of a flat foot measures up to 7°."
    )

    threshold_deg: Degrees = 12.0
    hold_s: Seconds = 0.15
    margin_deg: DegreeMargin = 10.0
    max_turn_deg: Degrees = 32.0
    min_seen_fraction: Fraction = 0.4

    def measure(self, rep: RepView) -> Measurement | NotMeasured:
        """Pitch of the sole at its highest during the pull, heel above toe, in degrees."""
        turn_deg, pitch = rep.motion.turn_deg, rep.kinematics.foot_pitch
        if turn_deg > self.max_turn_deg:
            return NotMeasured(f"toes point at the camera, {turn_deg:.0f}° off the side")
        found = measure_peak(
            rep,
            pitch,
            rep.pull,
            threshold=self.threshold_deg,
            hold_s=self.hold_s,
            margin=self.margin_deg,
            confidence=1.0,  # the motion holds no soles of low confidence
        )
        is_hidden = np.isnan(pitch[rep.pull]).mean() > 1 - self.min_seen_fraction
        if found is None or (is_hidden and found.excess <= 0):
            return NotMeasured("the soles are not seen during the pull")
        return found
