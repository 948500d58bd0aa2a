"""What a rule is, what it looks at, and what it finds. Pure."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.geometry import MAX_TURN_DEG
from services.scorer.motion.kinematics import Kinematics
from services.scorer.motion.motion import Motion
from services.scorer.observe import ObservedLift
from services.scorer.reps.rep_boundaries import RepBoundaries
from shared.data.analysis import FaultUnit, Partial, View

F64 = NDArray[np.float64]
Rows = NDArray[np.int64]

#: The posture at the start is the usual one while the bar lies, in so many seconds before the pull.
_SETUP_S = 0.5

#: The bar lies while the hands are within this share of the rise above their lowest place, or
#: within so many trunk lengths: they tremble by that.
_LYING, _TREMBLE = 0.008, 0.008

#: Share of a hold's values that must be known.
_MOST = 0.6

#: A lockout shorter than this is looked at with the frames around it, seconds.
_LOCKOUT_S = 0.2

#: What the rules of the sagittal plane say where the camera stands wrong.
SIDE_VIEWS: tuple[View, ...] = (View.SIDE, View.OBLIQUE)


@dataclass(frozen=True, eq=False)
class Finding:
    """What a rule measured in one repetition; a fault if `value` is beyond `threshold`.

    value, threshold: in the rule's unit. rows: those in which it holds. worst: the row that shows
    it best. scale: beyond the threshold by so much it is certain. low: a fault lies below the
    threshold, not above. confidence: confidence of the joints that tell, 0..1.
    """

    value: float
    threshold: float
    rows: Rows
    worst: int
    scale: float
    confidence: float
    low: bool = False

    @property
    def margin(self) -> float:
        """By how much the value is beyond the threshold, in units of `scale`; negative: not."""
        beyond = self.threshold - self.value if self.low else self.value - self.threshold
        return beyond / self.scale


@dataclass(frozen=True, eq=False)
class OneRep:
    """One repetition of a set, as rules look at it."""

    lift: ObservedLift
    span: RepBoundaries

    @property
    def motion(self) -> Motion:
        """The set's motion."""
        return self.lift.motion

    @property
    def kinematics(self) -> Kinematics:
        """The set's angles."""
        return self.lift.kinematics

    @property
    def all_reps(self) -> "list[OneRep]":
        """All repetitions of the set, this one among them."""
        return [OneRep(self.lift, span) for span in self.lift.reps]

    @property
    def heights(self) -> F64:
        """Height of the bar, (n,), in trunk lengths over an arbitrary floor; NaN where unknown."""
        return -self.lift.bar.xy_px[:, 1] / self.motion.trunk_length_px

    @cached_property
    def setup(self) -> Rows:
        """Rows just before the bar leaves the floor; none if the clip begins later."""
        if self.span.partial is Partial.NO_START:
            return np.zeros(0, np.int64)
        time_s, start = self.motion.time_s, self.span.start
        rows = np.arange(start + 1)
        near = (time_s[rows] >= time_s[start] - _SETUP_S) & (
            self.motion.shot[rows] == self.motion.shot[start]
        )
        height = self.heights
        rise = height[self.span.top] - height[start]
        rows = rows[near & np.isfinite(height[rows])]
        if not rows.size:
            return np.array([start])
        lying = height[rows] <= height[rows].min() + max(_LYING * rise, _TREMBLE)
        return np.asarray(rows[lying])

    @cached_property
    def pull(self) -> Rows:
        """Rows from the start to lockout."""
        return np.arange(self.span.start, self.span.top + 1)

    @cached_property
    def rows(self) -> Rows:
        """Rows from the start until the bar is back down."""
        return np.arange(self.span.start, self.span.end + 1)

    @cached_property
    def lockout(self) -> Rows:
        """Rows at the top; none if the clip does not show whether the lift went on from there."""
        time_s, shot = self.motion.time_s, self.motion.shot
        last = int(np.flatnonzero(shot == shot[self.span.top])[-1])
        if self.span.lower >= last:
            return np.zeros(0, np.int64)
        middle = (time_s[self.span.top] + time_s[self.span.lower]) / 2
        half = max((time_s[self.span.lower] - time_s[self.span.top]) / 2, _LOCKOUT_S / 2)
        near = np.abs(time_s - middle) <= half + 1e-9
        return np.flatnonzero(near & (shot == shot[self.span.top]))

    @cached_property
    def share(self) -> F64:
        """How much of its way up the bar has come, one a row of `pull`, 0..1; NaN where unseen."""
        height = self.heights[self.pull]
        low, high = height[0], height[-1]
        return np.asarray((height - low) / max(high - low, 1e-6))

    def up_to(self, share: float) -> Rows:
        """Rows of the pull until the bar has come so far."""
        beyond = np.flatnonzero(self.share > share)
        return self.pull[: int(beyond[0]) if beyond.size else len(self.pull)]

    def median_confidence(self, rows: Rows, *parts: F64) -> float:
        """Usual confidence in rows of the least sure of some parts, each (n,)."""
        return min(float(np.median(part[rows])) if rows.size else 0.0 for part in parts)


class Rule(Protocol):
    """A module of this package: one fault.

    KIND, NAME, UNIT, CUE: as in `Fault`. REASON: why its threshold is what it is.
    VIEWS: those in which it can be told.
    """

    KIND: str
    NAME: str
    UNIT: FaultUnit
    CUE: str
    REASON: str
    VIEWS: tuple[View, ...]

    def judge(self, rep: OneRep) -> "Finding | str":
        """Measure one repetition, or say why that cannot be done."""
        ...


def median(values: F64, rows: Rows) -> float:
    """Median of the known values in rows; NaN if fewer than half are known."""
    part = values[rows]
    known = part[np.isfinite(part)]
    return float(np.median(known)) if 2 * known.size >= max(part.size, 1) else float("nan")


def max_sustained(values: F64, rows: Rows, time_s: F64, hold_s: float) -> tuple[float, int]:
    """Highest value that holds for so long, and the row in the middle of that; NaN, 0 if none.

    A peak that is shorter is no fault but noise. Most values of a hold must be known.

    Args:
        values: (n,).
        rows: consecutive rows to look at.
        time_s: (n,).
        hold_s: where `rows` cover less time, all of them must hold.
    """
    best, at = float("nan"), 0
    if not rows.size:
        return best, at
    hold_s = min(hold_s, float(time_s[rows[-1]] - time_s[rows[0]]))
    for first in rows:
        last = int(np.searchsorted(time_s, time_s[first] + hold_s - 1e-6))
        if last > rows[-1]:
            break
        part = values[first : last + 1]
        known = np.isfinite(part)
        if known.mean() >= _MOST and not part[known].min() <= best:
            best, at = float(part[known].min()), (int(first) + last) // 2
    return best, at


def around(values: F64, threshold: float, rows: Rows, worst: int) -> Rows:
    """Those of consecutive rows around the worst in which values are above the threshold."""
    above = values >= threshold
    first = last = worst
    while first > rows[0] and above[first - 1]:
        first -= 1
    while last < rows[-1] and above[last + 1]:
        last += 1
    return np.arange(first, last + 1)


def peak(
    rep: OneRep,
    values: F64,
    rows: Rows,
    sure: float,
    *,
    threshold: float,
    hold_s: float,
    scale: float,
) -> "Finding | None":
    """The finding of a value that must exceed a threshold for some time; None if not seen."""
    value, worst = max_sustained(values, rows, rep.motion.time_s, hold_s)
    if np.isnan(value):
        return None
    holds = around(values, threshold, rows, worst)
    return Finding(value, threshold, holds, worst, scale, sure)


def not_from_here(motion: Motion, views: tuple[View, ...]) -> str:
    """Why a rule cannot judge from where the camera stands; "" if it can."""
    if motion.view is View.UNKNOWN:
        return "the camera's side is not known"
    if View.FRONT in views:
        return ""
    if motion.view not in views or motion.turn_deg > MAX_TURN_DEG:
        return f"the camera stands {motion.turn_deg:.0f}° off the side"
    if motion.facing == 0:
        return "which way the lifter faces cannot be told"
    return ""
