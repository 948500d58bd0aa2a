"""Stiff-legged: the hips stand too high at the start, and the back does the work of the legs."""

import numpy as np

from services.scorer.faults.rule import SIDE_VIEWS, Finding, OneRep, median
from shared.data.analysis import FaultUnit, Style

KIND, NAME, UNIT = "stiff_legged", "stiff-legged start (hips too high)", FaultUnit.DEGREE
CUE = "Sink the hips until they are between knees and shoulders before you pull."
REASON = (
    "The hips belong between knees and shoulders: thighs about 35° above horizontal in a "
    "conventional start. From 58° the knees hardly bend, by far more than the network's error at "
    "the hip (11–17°, doi 10.1177/17543371251348697)."
)
VIEWS = SIDE_VIEWS


def judge(rep: OneRep, *, threshold_deg: float = 58.0) -> Finding | str:
    """Elevation of the thighs above horizontal at the start, degrees; too high is the fault."""
    if rep.lift.style is Style.ROMANIAN:
        return "straight legs belong to a Romanian deadlift"
    value = median(rep.kinematics.thigh_elevation, rep.setup)
    if np.isnan(value):
        return "the thighs are not seen at the start"
    sure = rep.median_confidence(rep.setup, rep.kinematics.legs_confidence)
    return Finding(value, threshold_deg, rep.setup, int(rep.setup[-1]), 12.0, sure)
