"""Squatted: the hips are too low at the start, and the knees do the work of the hips."""

from dataclasses import dataclass

import numpy as np

from services.scorer.faults.measurement import (
    Measurement,
    NotMeasured,
    median,
    median_confidence,
)
from services.scorer.faults.quantities import DegreeMargin, Degrees, Ratio
from services.scorer.faults.rep_view import RepView
from services.scorer.faults.rule import FaultRule
from shared.data.analysis import FaultUnit, Style


@dataclass(frozen=True, kw_only=True)
class Squatted(FaultRule):
    """The elevation of the thighs at the start; too low is the fault.

    Attributes:
        threshold_deg: Elevation of the thighs above horizontal below which the hips count as too
            low. Chosen: with the thighs near horizontal they are as low as in a squat, and the
            shoulders stay behind the bar.
        margin_deg: Excess at which the fault is certain. Chosen: a little less than the
            network's error at the hip (11–17°).
        usual_lean_deg: Lean of the trunk below which the threshold rises. Chosen: a trunk that is
            nearly upright at the start shows low hips even where the thighs are higher.
        rise_per_lean: Degrees by which the threshold rises for each degree that the trunk is more
            upright than that. Chosen: for an upright trunk the threshold is 35° then, as the thighs
            are in a conventional start.
        sumo_upright_deg: Degrees by which a trunk may be more upright in a sumo start (5–10°,
            Escamilla 2000).
        min_plausible_deg: Elevation below which the posture counts as misread. Chosen: thighs that
            hang further below the knees reach no bar.
    """

    kind = "squatted"
    name = "squatted start (hips too low)"
    unit = FaultUnit.DEGREE
    cue = "Raise the hips and bring the shoulders over the bar before you pull; do not squat it up."
    measures = "elevation of the thighs above horizontal (too low)"
    looks_at = (
        "the moment before the bar leaves the floor; the threshold is higher for a trunk that is "
        "more upright than {rule.usual_lean_deg:g}°"
    )
    reason_template = (
        "With the thighs near horizontal the hips are as low as in a squat, and the shoulders stay "
        "behind the bar: an elevation below {threshold} is a fault. The threshold is "
        "{rule.threshold_deg:g}°, and higher by {rule.rise_per_lean:g}° for each degree that the "
        "trunk is more upright than {rule.usual_lean_deg:g}° (in sumo "
        "{rule.sumo_usual_lean_deg:g}°), because that shows low hips as well."
    )
    is_fault_below = True

    threshold_deg: Degrees = 8.0
    margin_deg: DegreeMargin = 10.0
    usual_lean_deg: Degrees = 45.0
    rise_per_lean: Ratio = 0.6
    sumo_upright_deg: Degrees = 10.0
    min_plausible_deg: Degrees = -30.0

    @property
    def sumo_usual_lean_deg(self) -> float:
        """Lean of a sumo trunk below which the threshold rises, in degrees."""
        return self.usual_lean_deg - self.sumo_upright_deg

    def measure(self, rep: RepView) -> Measurement | NotMeasured:
        """Elevation of the thighs above horizontal at the start, in degrees."""
        is_sumo = rep.lift.style is Style.SUMO
        if rep.lift.style is Style.ROMANIAN:
            return NotMeasured("a Romanian deadlift does not start from the floor")
        value = median(rep.kinematics.thigh_elevation, rep.setup)
        lean = median(rep.kinematics.trunk_lean, rep.setup)
        if np.isnan(value + lean):
            return NotMeasured("thighs and trunk are not seen at the start")
        if value < self.min_plausible_deg:
            return NotMeasured("the posture at the start is misread")
        usual = self.sumo_usual_lean_deg if is_sumo else self.usual_lean_deg
        return Measurement(
            value=value,
            threshold=self.threshold_deg + self.rise_per_lean * max(0.0, usual - lean),
            margin=self.margin_deg,
            rows=rep.setup,
            worst_row=int(rep.setup[-1]),
            confidence=median_confidence(rep.setup, rep.kinematics.legs_confidence),
        )
