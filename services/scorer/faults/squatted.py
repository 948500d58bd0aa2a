"""Squatted: the hips are too low at the start, and the knees do the work of the hips."""

import numpy as np

from services.scorer.faults.rule import SIDE_VIEWS, Finding, OneRep, median
from shared.data.analysis import FaultUnit, Style

KIND, NAME, UNIT = "squatted", "squatted start (hips too low)", FaultUnit.DEGREE
CUE = "Raise the hips and bring the shoulders over the bar before you pull; do not squat it up."
REASON = (
    "With the thighs near horizontal the hips are as low as in a squat: the shoulders stay behind "
    "the bar. A trunk that is nearly upright at the start says the same of higher thighs: the "
    "threshold rises by 0.6° for each degree that it is more upright than 45°."
)
VIEWS = SIDE_VIEWS


def judge(
    rep: OneRep,
    *,
    threshold_deg: float = 8.0,
    usual_lean_deg: float = 45.0,
    per_lean: float = 0.6,
    sumo_deg: float = 10.0,
    least_deg: float = -30.0,
) -> Finding | str:
    """Elevation of the thighs above horizontal at the start, degrees; too low is the fault.

    Args:
        rep: the repetition.
        threshold_deg: see `REASON`.
        usual_lean_deg: a trunk more upright than this raises the threshold.
        per_lean: by so much for each degree.
        sumo_deg: a sumo trunk is more upright by 5–10° (Escamilla 2000).
        least_deg: thighs that hang further below the knees reach no bar: a misread posture.
    """
    if rep.lift.style is Style.ROMANIAN:
        return "a Romanian deadlift does not start from the floor"
    value = median(rep.kinematics.thigh_elevation, rep.setup)
    lean = median(rep.kinematics.trunk_lean, rep.setup)
    if np.isnan(value + lean):
        return "thighs and trunk are not seen at the start"
    if value < least_deg:
        return "the posture at the start is misread"
    usual = usual_lean_deg - (sumo_deg if rep.lift.style is Style.SUMO else 0.0)
    threshold = threshold_deg + per_lean * max(0.0, usual - lean)
    sure = rep.median_confidence(rep.setup, rep.kinematics.legs_confidence)
    return Finding(value, threshold, rep.setup, int(rep.setup[-1]), 10.0, sure, low=True)
