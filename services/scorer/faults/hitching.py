"""Hitching: the bar all but stops on its way up."""

from dataclasses import dataclass

import numpy as np

from services.scorer.faults.measurement import Measurement, NotMeasured
from services.scorer.faults.quantities import Fraction, SecondMargin, Seconds
from services.scorer.faults.rep_view import F64, RepView
from services.scorer.faults.rule import SIDE_VIEWS, FaultRule
from shared.data.analysis import FaultUnit, View
from shared.data.skeleton import NECK

_ALL_VIEWS = (*SIDE_VIEWS, View.FRONT)


@dataclass(frozen=True, kw_only=True)
class Hitching(FaultRule):
    """How long the bar is too slow in mid-pull.

    Attributes:
        threshold_s: Time that counts as a fault. Chosen: a good pull never stops; a stop of less
            than 0.25 s may be the passage of the knees.
        margin_s: Excess at which the fault is certain. Chosen: about the threshold once more.
        slow_fraction: Fraction of the rep's mean bar speed below which the bar counts as stopped.
            Chosen: a pull that goes on is faster in its middle.
        min_bar_progress: Fraction of the bar's way up at which mid-pull begins. Chosen: before
            that the bar speeds up.
        max_bar_progress: Fraction of the bar's way up at which mid-pull ends. Chosen: after that
            the bar slows down.
        max_neck_progress: Fraction of the neck's way up from which the lifter counts as standing,
            and nothing is judged. Chosen: there bars shift in the hands, and hands behind plates
            are misplaced.
        views: Views of the camera in which the fault is judged. A stop is seen from everywhere.
    """

    kind = "hitching"
    name = "uneven pull (hitching)"
    unit = FaultUnit.SECOND
    cue = "The bar stopped on the way up: pull in one smooth motion from the floor to the top."
    measures = "time below {rule.slow_fraction:.0%} of the rep's mean bar speed"
    looks_at = (
        "mid-pull: from {rule.min_bar_progress:.0%} to {rule.max_bar_progress:.0%} of the bar's way"
    )
    reason_template = (
        "A good pull never stops; moving slower than {rule.slow_fraction:.0%} of its own mean "
        "speed for more than {threshold} in all is a fault. A stop of less than 0.25 s may be the "
        "passage of the knees."
    )
    possible_views = _ALL_VIEWS

    threshold_s: Seconds = 0.25
    margin_s: SecondMargin = 0.3
    slow_fraction: Fraction = 0.15
    min_bar_progress: Fraction = 0.12
    max_bar_progress: Fraction = 0.88
    max_neck_progress: Fraction = 0.92
    views: tuple[View, ...] = _ALL_VIEWS

    def measure(self, rep: RepView) -> Measurement | NotMeasured:
        """How long the bar is too slow in mid-pull, in seconds."""
        time_s, rows = rep.motion.time_s[rep.pull], rep.pull
        height = -rep.lift.bar.xy_px[rows, 1]
        if len(rows) < 3 or not np.isfinite(height).all() or rep.boundaries.partial:
            return NotMeasured("the clip does not show the bar's whole way up")
        progress = (height - height[0]) / max(height[-1] - height[0], 1e-6)
        speed = np.gradient(height, time_s)
        mean_speed = (height[-1] - height[0]) / (time_s[-1] - time_s[0])
        in_mid_pull = (progress > self.min_bar_progress) & (progress < self.max_bar_progress)
        stands = _neck_progress(rep) > self.max_neck_progress
        is_stuck = (speed < self.slow_fraction * mean_speed) & in_mid_pull & ~stands
        holds = rows[is_stuck] if is_stuck.any() else rows[:1]
        return Measurement(
            value=float(np.gradient(time_s)[is_stuck].sum()),
            threshold=self.threshold_s,
            margin=self.margin_s,
            rows=holds,
            worst_row=int(holds[len(holds) // 2]),
            confidence=1.0,
        )


def _neck_progress(rep: RepView) -> F64:
    """Fraction of its way up that the neck has come, per row of the pull; 0 where unseen."""
    height = -rep.motion.xy_px[rep.pull, NECK, 1]
    if not np.isfinite(height).any():
        return np.zeros(len(height))
    low, high = np.nanmin(height), np.nanmax(height)
    return np.asarray(np.nan_to_num((height - low) / max(high - low, 1e-6)))
