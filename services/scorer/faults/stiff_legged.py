"""Stiff-legged: the hips stand too high at the start, and the back does the work of the legs."""

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
from shared.data.analysis import FaultUnit, Style


@dataclass(frozen=True, kw_only=True)
class StiffLegged(FaultRule):
    """The elevation of the thighs at the start; too high is the fault.

    Attributes:
        threshold_deg: Elevation of the thighs above horizontal that counts as too high. Chosen: in
            a conventional start it is about 35° (measured on 39 real clips: 11 to 44°, median 28°);
            from 58° the knees hardly bend. The difference is far above the network's error at the
            hip (11–17°, doi 10.1177/17543371251348697).
        margin_deg: Excess at which the fault is certain. Chosen: the lower end of that error.
    """

    kind = "stiff_legged"
    name = "stiff-legged start (hips too high)"
    unit = FaultUnit.DEGREE
    cue = "Sink the hips until they are between knees and shoulders before you pull."
    measures = "elevation of the thighs above horizontal (too high)"
    looks_at = "the moment before the bar leaves the floor"
    reason_template = (
        "The hips belong between knees and shoulders: in a conventional start the thighs are about "
        "35° above horizontal. Above {threshold} they count as too high; from 58° the knees hardly "
        "bend. The difference is far above the network's error at the hip "
        "(11–17°, doi 10.1177/17543371251348697)."
    )

    threshold_deg: Degrees = 58.0
    margin_deg: DegreeMargin = 12.0

    def measure(self, rep: RepView) -> Measurement | NotMeasured:
        """Elevation of the thighs above horizontal at the start, in degrees."""
        if rep.lift.style is Style.ROMANIAN:
            return NotMeasured("straight legs belong to a Romanian deadlift")
        value = median(rep.kinematics.thigh_elevation, rep.setup)
        if np.isnan(value):
            return NotMeasured("the thighs are not seen at the start")
        return Measurement(
            value=value,
            threshold=self.threshold_deg,
            margin=self.margin_deg,
            rows=rep.setup,
            worst_row=int(rep.setup[-1]),
            confidence=median_confidence(rep.setup, rep.kinematics.legs_confidence),
        )
