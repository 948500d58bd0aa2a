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
from services.scorer.faults.rep_view import RepView, rep_views
from services.scorer.faults.rule import FaultRule
from services.scorer.motion.motion import frame_step_s
from shared.data.analysis import FaultUnit, Style

#: Maximum bend of hips and knees in a standing posture, in degrees. Chosen: a little more than an
#: incomplete lockout.
_MAX_STANDING_BEND_DEG = 25.0

#: Minimum time for which the lifter must be seen to stand before the set, in seconds. Chosen: a
#: passing posture is shorter.
_MIN_STANDING_S = 0.5


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
        max_standing_deg: Maximum backward lean of the lifter's own standing trunk that is taken
            off, where the clip shows the lifter stand before the set. Chosen: as the network's
            error above; nobody stands like that without a bar.
    """

    kind = "leaning_back"
    name = "leaning back at lockout"
    unit = FaultUnit.DEGREE
    cue = "Stand tall at the top and squeeze the glutes; do not lean back."
    measures = "lean of the trunk behind upright"
    looks_at = "lockout"
    reason_template = (
        "An upright trunk ends the lift; leaning back by more than {threshold} loads the lower "
        "back and gains nothing. Upright trunks measure up to 4° back. A lean that the same trunk "
        "shows before the set is taken off. In a view off the side the threshold is higher."
    )

    threshold_deg: Degrees = 9.0
    margin_deg: DegreeMargin = 6.0
    max_plausible_deg: Degrees = 50.0
    max_standing_deg: Degrees = 15.0

    def measure(self, rep: RepView) -> Measurement | NotMeasured:
        """Lean of the trunk behind upright at lockout, in degrees."""
        rows = rep.lockout
        value = -median(rep.kinematics.trunk_lean, rows)
        if np.isnan(value):
            return NotMeasured("the clip does not show the lockout")
        if abs(value) > self.max_plausible_deg:
            return NotMeasured("the posture at the top is misread")
        standing_deg = _standing_lean_deg(rep)
        if np.isfinite(standing_deg):
            value -= float(np.clip(standing_deg, 0, self.max_standing_deg))
        return Measurement(
            value=value,
            # A turned view magnifies what lies behind by 1/cos, and its errors as well.
            threshold=self.threshold_deg / float(np.cos(np.radians(rep.motion.turn_deg))),
            margin=self.margin_deg,
            rows=rows,
            worst_row=int(rows[len(rows) // 2]),
            confidence=median_confidence(rows, rep.kinematics.trunk_confidence),
        )


def _standing_lean_deg(rep: RepView) -> float:
    """Usual backward lean of the trunk while the lifter stands before the set; NaN if not seen.

    The errors of a network and of its view of this lifter are in it as well as in the lockout's. A
    Romanian deadlift begins with the bar in the hands, so its standing is no reference.
    """
    if rep.lift.style is Style.ROMANIAN:
        return float("nan")
    motion, angles = rep.motion, rep.kinematics
    before = np.arange(rep_views(rep.lift)[0].boundaries.start)
    straight_deg = 180 - _MAX_STANDING_BEND_DEG
    stands = (angles.hip[before] > straight_deg) & (angles.knee[before] > straight_deg)
    lean = angles.trunk_lean[before[stands & motion.main[before]]]
    lean = lean[np.isfinite(lean)]
    if not lean.size or lean.size * frame_step_s(motion.time_s) < _MIN_STANDING_S:
        return float("nan")
    return -float(np.median(lean))
