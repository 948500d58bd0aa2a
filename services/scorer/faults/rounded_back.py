"""Rounded back: the spine bends under the load instead of the hips."""

from dataclasses import dataclass

import numpy as np

from services.scorer.faults.measurement import (
    Measurement,
    NotMeasured,
    measure_peak,
    median,
    median_confidence,
)
from services.scorer.faults.quantities import DegreeMargin, Degrees, Fraction, Seconds
from services.scorer.faults.rep_view import F64, RepView, Rows, rep_views
from services.scorer.faults.rule import FaultRule
from shared.data.analysis import FaultUnit

#: Fraction of the upright back's bend (hollow and seat) that also shows when bent over. Chosen:
#: within 0.1 to 0.8, as measured on good lifts from the side. Measured on 20 repetitions of real
#: clips labelled good: -0.21 to 0.65, median 0.42.
_HOLLOW_FRACTION = 0.35

#: Maximum hollow of an upright back, in degrees; a larger one is reduced to it. Chosen: near the
#: upper end of what upright backs of real lifters measure (4 to 29°), since an arm or a plate may
#: be in the way. An upright back that seems round counts as flat: its hips are misplaced.
_MAX_HOLLOW_DEG = 25.0

#: Backward lean at lockout from which the back is hollow because of the lean, in degrees. Chosen:
#: three times what upright trunks measure in good clips (up to 4°), so that theirs are compared.
_LEANS_BACK_DEG = 13.0

#: Fraction of the spine's bend that shows in the outline, because flesh rounds the corner off.
#: Measured on rendered lifters with volume, bent by 15 to 50°: 0.43 to 0.68, median 0.54.
_SHOWN_FRACTION = 0.5


@dataclass(frozen=True, kw_only=True)
class RoundedBack(FaultRule):
    """The bend of the back's outline during the pull, against the same lifter's upright back.

    Attributes:
        threshold_deg: Bend that counts as rounded. Chosen: above what flat backs measure, up to 31°
            on real lifts, because of hollow, seat and clothes, and up to 26° in rendered clips.
        hold_s: Time for which the bend must hold. Chosen: a shorter peak is noise of the outline.
        margin_deg: Excess at which the fault is certain. Chosen: about as much as flat backs
            measure.
        max_bar_progress: Bar progress up to which the rule measures. Chosen: above the knees the
            trunk soon stands upright, where little load bends it.
        min_lean_deg: Lean of the trunk from which the rule measures. Chosen: little load bends a
            trunk that is nearer to upright.
    """

    kind = "rounded_back"
    name = "rounded back"
    unit = FaultUnit.DEGREE
    cue = "Take a breath, brace, and show your chest; keep that back from the floor to the top."
    measures = "bend between lower and upper half of the trunk"
    looks_at = (
        "pull up to {rule.max_bar_progress:.0%} of the bar's way, while the trunk leans by "
        "{rule.min_lean_deg:g}° or more"
    )
    reason_template = (
        "The outline of the back is compared with the same lifter's upright back; a bend above "
        "{threshold} counts as rounded. Flat backs measure up to 31° on real lifts, because of "
        "hollow, seat and clothes, and up to 26° in rendered clips."
    )

    threshold_deg: Degrees = 33.0
    hold_s: Seconds = 0.15
    margin_deg: DegreeMargin = 25.0
    max_bar_progress: Fraction = 0.7
    min_lean_deg: Degrees = 25.0

    def measure(self, rep: RepView) -> Measurement | NotMeasured:
        """Bend between lower and upper half of the trunk during the pull, in degrees."""
        angles = rep.kinematics
        hollow_deg = _upright_bend_deg(rep)
        if np.isnan(hollow_deg):
            return NotMeasured("the outline of the upright back is not seen")
        bend = angles.back_flexion - _HOLLOW_FRACTION * float(
            np.clip(hollow_deg, -_MAX_HOLLOW_DEG, 0)
        )
        bend /= _SHOWN_FRACTION
        rows = rep.pull_until(self.max_bar_progress)
        rows = rows[angles.trunk_lean[rows] > self.min_lean_deg]
        if not rows.size:
            return NotMeasured("the trunk is hardly bent over")
        rows = np.arange(rows[0], rows[-1] + 1)
        found = measure_peak(
            rep,
            bend,
            rows,
            threshold=self.threshold_deg,
            hold_s=self.hold_s,
            margin=self.margin_deg,
            confidence=median_confidence(rows, angles.trunk_confidence),
        )
        return found or NotMeasured("the outline of the back is not seen during the pull")


def _upright_bend_deg(rep: RepView) -> float:
    """Usual bend of the upright back over all repetitions of the set; NaN where never seen."""
    flexion: F64 = rep.kinematics.back_flexion
    upright = [median(flexion, _upright_rows(one)) for one in rep_views(rep.lift)]
    known = [value for value in upright if np.isfinite(value)]
    return float(np.median(known)) if known else float("nan")


def _upright_rows(rep: RepView) -> Rows:
    """Rows that show the upright back: the lockout, or the way there where that leans back."""
    lean = rep.kinematics.trunk_lean
    passing = rep.pull[np.abs(lean[rep.pull]) < _LEANS_BACK_DEG]
    leans_back = median(lean, rep.lockout) < -_LEANS_BACK_DEG
    return passing if leans_back and passing.size else rep.lockout
