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
from services.scorer.faults.neck_craned import NeckCraned
from services.scorer.faults.quantities import DegreeMargin, Degrees, Fraction, Ratio, Seconds
from services.scorer.faults.rep_view import F64, RepView, Rows, rep_views
from services.scorer.faults.rule import FaultRule
from services.scorer.motion.motion import frame_step_s
from shared.data.analysis import FaultUnit
from shared.data.skeleton import HEAD

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

#: Minimum time for which an upright back must be seen where no lockout shows it, in seconds.
#: Chosen: that of a lockout.
_MIN_UPRIGHT_S = 0.2

#: Minimum confidence of the head for its bend to count. Chosen: that from which a joint is no
#: longer a guess (`judging.SURE_CONFIDENCE`).
_SURE_HEAD_CONFIDENCE = 0.5

#: Fraction of the spine's bend that shows in the outline, because flesh rounds the corner off.
#: Measured on rendered lifters with volume, bent by 15 to 50°: 0.43 to 0.68, median 0.54.
_SHOWN_FRACTION = 0.5


@dataclass(frozen=True, kw_only=True)
class RoundedBack(FaultRule):
    """The bend of the back's outline during the pull, against the same lifter's upright back.

    A head that hangs is a second sign: a neck mostly follows a back that rounds. It lowers the
    threshold, but is no fault by itself.

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
        free_turn_deg: Angle of the camera off the side from which the threshold rises. Chosen on
            rendered films: correct ones measure up to 23° until 25° off the side, 37° at 40°.
        rise_per_turn: Degrees by which the threshold rises for each degree beyond that. Chosen on
            the same films, which measure 41° at 45°.
        neutral_head_deg: Bend of the head beyond neutral from which it lowers the threshold.
            Chosen on a lifter in 3D: in his 50 good repetitions it is at most 7° from the side.
        neutral_head_per_turn: Degrees by which that rises for each degree of the camera off the
            side. Chosen on the same repetitions: at 45° off the side they measure up to 18°.
        relief_per_head_deg: Degrees by which the threshold falls for each degree that the head
            hangs further. Chosen: the head counts half as much as the outline.
        min_threshold_deg: Lowest threshold. Chosen: below that, the outline of a flat back would
            be a fault because of the head alone.
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
        "hollow, seat and clothes, and up to 26° in rendered clips. The threshold is higher more "
        "than {rule.free_turn_deg:g}° off the side, and lower where the head hangs."
    )

    threshold_deg: Degrees = 33.0
    hold_s: Seconds = 0.15
    margin_deg: DegreeMargin = 25.0
    max_bar_progress: Fraction = 0.7
    min_lean_deg: Degrees = 25.0
    free_turn_deg: Degrees = 30.0
    rise_per_turn: Ratio = 1.0
    neutral_head_deg: Degrees = 10.0
    neutral_head_per_turn: Ratio = 0.25
    relief_per_head_deg: Ratio = 0.5
    min_threshold_deg: Degrees = 20.0

    def measure(self, rep: RepView) -> Measurement | NotMeasured:
        """Bend between lower and upper half of the trunk during the pull, in degrees."""
        angles = rep.kinematics
        hollow_deg = _upright_bend_deg(rep)
        # What the hollow adds is never negative: without it, the bend is at least what is seen.
        known_deg = float(np.clip(np.nan_to_num(hollow_deg), -_MAX_HOLLOW_DEG, 0))
        bend = (angles.back_flexion - _HOLLOW_FRACTION * known_deg) / _SHOWN_FRACTION
        rows = rep.pull_until(self.max_bar_progress)
        rows = rows[angles.trunk_lean[rows] > self.min_lean_deg]
        if not rows.size:
            return NotMeasured("the trunk is hardly bent over")
        rows = np.arange(rows[0], rows[-1] + 1)
        found = measure_peak(
            rep,
            bend,
            rows,
            threshold=self._threshold_deg(rep, rows),
            hold_s=self.hold_s,
            margin=self.margin_deg,
            confidence=median_confidence(rows, angles.trunk_confidence),
        )
        if found is None:
            return NotMeasured("the outline of the back is not seen during the pull")
        if np.isnan(hollow_deg) and found.excess <= 0:
            return NotMeasured("the outline of the upright back is not seen")
        return found

    def _threshold_deg(self, rep: RepView, rows: Rows) -> float:
        """The threshold for this view and for how far the head hangs in these rows."""
        angles, turn_deg = rep.kinematics, rep.motion.turn_deg
        beyond_deg = max(0.0, turn_deg - self.free_turn_deg)
        threshold = self.threshold_deg + self.rise_per_turn * beyond_deg
        neutral = NeckCraned.neutral_per_lean * angles.trunk_lean.clip(0, 90)
        allowed_deg = self.neutral_head_deg + self.neutral_head_per_turn * turn_deg
        hangs_deg = median(neutral - angles.head_tilt, rows) - allowed_deg
        is_seen = median(rep.motion.confidence[:, HEAD], rows) >= _SURE_HEAD_CONFIDENCE
        if not (hangs_deg > 0 and is_seen):  # NaN: the head is not seen
            return threshold
        relieved = threshold - self.relief_per_head_deg * hangs_deg
        return min(threshold, max(self.min_threshold_deg, relieved))


def _upright_bend_deg(rep: RepView) -> float:
    """Usual bend of the upright back over all repetitions of the set; NaN where never seen.

    Where no lockout shows it, other moments of the clip serve in which the trunk is upright.
    """
    flexion: F64 = rep.kinematics.back_flexion
    upright = [median(flexion, _upright_rows(one)) for one in rep_views(rep.lift)]
    known = [value for value in upright if np.isfinite(value)]
    if known:
        return float(np.median(known))
    is_upright = np.abs(rep.kinematics.trunk_lean) < _LEANS_BACK_DEG
    others = flexion[is_upright & rep.motion.main & np.isfinite(flexion)]
    seen_s = others.size * frame_step_s(rep.motion.time_s)
    return float(np.median(others)) if seen_s >= _MIN_UPRIGHT_S else float("nan")


def _upright_rows(rep: RepView) -> Rows:
    """Rows that show the upright back: the lockout, or the way there where that leans back."""
    lean = rep.kinematics.trunk_lean
    passing = rep.pull[np.abs(lean[rep.pull]) < _LEANS_BACK_DEG]
    leans_back = median(lean, rep.lockout) < -_LEANS_BACK_DEG
    return passing if leans_back and passing.size else rep.lockout
