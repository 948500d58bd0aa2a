"""One repetition as the rules use it: its rows, its bar, its angles. Pure."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.kinematics import Kinematics
from services.scorer.motion.motion import Motion
from services.scorer.observe import ObservedLift
from services.scorer.reps.rep_boundaries import RepBoundaries
from shared.data.analysis import Partial

F64 = NDArray[np.float64]
Rows = NDArray[np.int64]

#: Time before the pull in which the start posture is read, in seconds. Chosen: the lifter is set by
#: then, and a longer time would include the way down to the bar.
_SETUP_S = 0.5

#: Maximum height of the bar above its lowest position at which it counts as lying: as a fraction of
#: the rise, and in trunk lengths. Chosen: about a plate's jitter. Hands tremble by more: in the
#: stillest 0.2 s before the starts, measured on 39 real clips, by 0.004 to 0.067 trunk lengths
#: (median 0.017).
_LYING_FRACTION, _TREMBLE_TRUNK_LENGTHS = 0.008, 0.008

#: Minimum time of a lockout, in seconds; a shorter one is measured together with the frames around
#: it, and the clip must go on for as long. Chosen: three frames at 15 per second.
_MIN_LOCKOUT_S = 0.2


@dataclass(frozen=True, eq=False)
class RepView:
    """One repetition of a set.

    Attributes:
        lift: The set.
        boundaries: Where the repetition starts, locks out and ends.
    """

    lift: ObservedLift
    boundaries: RepBoundaries

    @property
    def motion(self) -> Motion:
        """The set's motion."""
        return self.lift.motion

    @property
    def kinematics(self) -> Kinematics:
        """The set's angles."""
        return self.lift.kinematics

    @property
    def is_in_main_shot(self) -> bool:
        """Whether it is in the main shot, or in one with the same view."""
        return bool(self.motion.main[self.boundaries.top])

    @property
    def bar_heights(self) -> F64:
        """Height of the bar, (n,), in trunk lengths over an arbitrary floor; NaN where unknown."""
        return -self.lift.bar.xy_px[:, 1] / self.motion.trunk_length_px

    @cached_property
    def setup(self) -> Rows:
        """Rows just before the bar leaves the floor; none if the clip begins later."""
        if self.boundaries.partial is Partial.NO_START:
            return np.zeros(0, np.int64)
        time_s, start = self.motion.time_s, self.boundaries.start
        rows = np.arange(start + 1)
        near = (time_s[rows] >= time_s[start] - _SETUP_S) & (
            self.motion.shot[rows] == self.motion.shot[start]
        )
        height = self.bar_heights
        rise = height[self.boundaries.top] - height[start]
        rows = rows[near & np.isfinite(height[rows])]
        if not rows.size:
            return np.array([start])
        tremble = max(_LYING_FRACTION * rise, _TREMBLE_TRUNK_LENGTHS)
        return np.asarray(rows[height[rows] <= height[rows].min() + tremble])

    @cached_property
    def pull(self) -> Rows:
        """Rows from the start to lockout."""
        return np.arange(self.boundaries.start, self.boundaries.top + 1)

    @cached_property
    def rows(self) -> Rows:
        """Rows from the start until the bar is back down."""
        return np.arange(self.boundaries.start, self.boundaries.end + 1)

    @cached_property
    def lockout(self) -> Rows:
        """Rows at the top; none if the clip does not show whether the lift went on from there."""
        time_s, shot = self.motion.time_s, self.motion.shot
        top, lower = self.boundaries.top, self.boundaries.lower
        last = int(np.flatnonzero(shot == shot[top])[-1])
        if lower >= last or time_s[last] - time_s[top] < _MIN_LOCKOUT_S:
            return np.zeros(0, np.int64)
        middle = (time_s[top] + time_s[lower]) / 2
        half = max((time_s[lower] - time_s[top]) / 2, _MIN_LOCKOUT_S / 2)
        near = np.abs(time_s - middle) <= half + 1e-9
        return np.flatnonzero(near & (shot == shot[top]))

    @cached_property
    def bar_progress(self) -> F64:
        """Fraction of its way up that the bar has come, per row of `pull`; NaN where unseen."""
        height = self.bar_heights[self.pull]
        low, high = height[0], height[-1]
        return np.asarray((height - low) / max(high - low, 1e-6))

    def pull_until(self, bar_progress: float) -> Rows:
        """Rows of the pull until the bar has come this fraction of its way up."""
        beyond = np.flatnonzero(self.bar_progress > bar_progress)
        return self.pull[: int(beyond[0]) if beyond.size else len(self.pull)]


def rep_views(lift: ObservedLift) -> tuple[RepView, ...]:
    """The repetitions of a set, in order."""
    return tuple(RepView(lift, boundaries) for boundaries in lift.reps)
