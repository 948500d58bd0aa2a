"""Squatted: the hips are too low at the start, and the knees do the work of the hips."""

from dataclasses import dataclass

import numpy as np

from services.scorer.faults.measurement import (
    Measurement,
    NotMeasured,
    median,
    median_confidence,
)
from services.scorer.faults.quantities import DegreeMargin, Degrees, Ratio, TrunkLengths
from services.scorer.faults.rep_view import RepView
from services.scorer.faults.rule import FaultRule
from services.scorer.motion.geometry import to_sagittal
from services.scorer.motion.motion import middle
from shared.data.analysis import FaultUnit, Style, View
from shared.data.skeleton import L_SHOULDER, L_WRIST, R_SHOULDER, R_WRIST


@dataclass(frozen=True, kw_only=True)
class Squatted(FaultRule):
    """The elevation of the thighs at the start; too low is the fault.

    Low hips bring the shoulders behind the bar. Where thighs and shoulders contradict each other in
    a side view, the rule does not judge. Off the side the shoulders are no witness, because errors
    of what lies ahead are magnified: in a real squatted start seen from 47° they seem to be ahead.

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
        min_behind_trunk_lengths: Distance of the shoulders behind the hands from which they count
            as behind the bar. Chosen: the middle between rendered squatted starts (0.13 behind and
            more) and all other rendered starts (0.02 ahead and more).
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
        "more upright than {rule.usual_lean_deg:g}°; not judged in a side view whose shoulders "
        "contradict the thighs: low hips bring them behind the bar"
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
    min_behind_trunk_lengths: TrunkLengths = 0.05
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
        threshold = self.threshold_deg + self.rise_per_lean * max(0.0, usual - lean)
        return Measurement(
            value=value,
            threshold=threshold,
            margin=self.margin_deg,
            rows=rep.setup,
            worst_row=int(rep.setup[-1]),
            confidence=median_confidence(rep.setup, rep.kinematics.legs_confidence),
            doubt=self._contradiction(rep, hips_low=value < threshold),
        )

    def _contradiction(self, rep: RepView, hips_low: bool) -> str:
        """How the shoulders contradict the thighs; "" where they agree, or are no witness."""
        behind = _shoulders_behind(rep)
        if rep.motion.view is not View.SIDE or np.isnan(behind):
            return ""
        shoulders_back = behind >= self.min_behind_trunk_lengths
        if hips_low == shoulders_back:
            return ""
        if hips_low:
            return "the thighs are low, but the shoulders are not behind the bar"
        return "the shoulders are behind the bar, but the thighs are not low"


def _shoulders_behind(rep: RepView) -> float:
    """Distance of the shoulders behind the hands at the start, in trunk lengths; NaN if unseen."""
    motion = rep.motion
    ahead = to_sagittal(motion.xy_px, motion.facing, motion.turn_deg)[..., 0]
    hands = middle(ahead[:, L_WRIST], ahead[:, R_WRIST])
    shoulders = middle(ahead[:, L_SHOULDER], ahead[:, R_SHOULDER])
    return median(hands - shoulders, rep.setup) / motion.trunk_length_px
