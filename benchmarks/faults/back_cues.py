"""What may show a rounded back in a rep: each cue alone, and the rule that combines them.

The chest point is no cue: the pose networks place it in the middle of neck and hips.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from services.scorer.faults import Measurement, NeckCraned, RepView, RoundedBack, rep_views
from services.scorer.faults.measurement import median
from services.scorer.motion.geometry import MAX_TURN_DEG, to_sagittal
from services.scorer.observe import ObservedLift
from shared.data.skeleton import HEAD, L_HIP, NECK, R_HIP

from .rates import Estimate, auc
from .sets import LabelledSet

_RULE = RoundedBack()

#: Cue → meaning. All rise with a rounded back.
CUES = {
    "outline": "bend of the outline against the upright one, degrees",
    "short trunk": "trunk shorter than its own standing length, after lean and view",
    "short neck": "ear to shoulder shorter than standing, after lean and view",
    "head down": "head bent down beyond neutral, degrees",
    "rule": "the rule: outline, with the threshold lowered by the head",
}


@dataclass
class CueTally:
    """Values of one cue on one source from one view."""

    rounded: list[float] = field(default_factory=list)
    flat: list[float] = field(default_factory=list)
    rounded_groups: set[str] = field(default_factory=set)
    flat_groups: set[str] = field(default_factory=set)

    @property
    def auc(self) -> Estimate:
        """How well the cue tells rounded from flat."""
        return auc(self.rounded, self.flat, len(self.rounded_groups), len(self.flat_groups))


def tally_cues(sets: Iterable[LabelledSet]) -> dict[tuple[str, str, str], CueTally]:
    """Cue, source and view → its values in all sets that are known to be rounded or flat.

    Real sets count together, whatever their view: too few of them are rounded.
    """
    tallies: dict[tuple[str, str, str], CueTally] = {}
    for one in sets:
        is_rounded = _RULE.kind in one.present
        if not (is_rounded or _RULE.kind in one.absent):
            continue
        view = one.view if one.view.removesuffix("°").isdigit() else "all"
        for values in cues_of(one.lift):
            for cue, value in values.items():
                found = tallies.setdefault((cue, one.source, view), CueTally())
                if np.isfinite(value):
                    (found.rounded if is_rounded else found.flat).append(value)
                    (found.rounded_groups if is_rounded else found.flat_groups).add(one.group)
    return tallies


def cues_of(lift: ObservedLift) -> Iterator[dict[str, float]]:
    """The cues of each rep that is seen well enough; NaN where a cue is not seen."""
    motion, lean = lift.motion, lift.kinematics.trunk_lean
    if motion.facing == 0 or not motion.turn_deg <= MAX_TURN_DEG:
        return
    reps = rep_views(lift)
    xy = to_sagittal(motion.xy_px, motion.facing, motion.turn_deg)
    trunk = np.linalg.norm(xy[:, NECK] - xy[:, [L_HIP, R_HIP]].mean(1), axis=-1)
    neck = np.linalg.norm(xy[:, HEAD] - xy[:, NECK], axis=-1)
    upright = np.concatenate([rep.lockout for rep in reps]) if reps else np.zeros(0, np.int64)
    if not upright.size:
        upright = np.flatnonzero(np.abs(lean) < 15)
    neutral = NeckCraned.neutral_per_lean * lean.clip(0, 90)
    for rep in reps:
        rows = rep.pull_until(_RULE.max_bar_progress)
        rows = rows[lean[rows] > _RULE.min_lean_deg]
        if not rows.size or not rep.boundaries.body_seen or not rep.is_in_main_shot:
            continue
        outline, excess = _by_rule(rep)
        yield {
            "outline": outline,
            "short trunk": 1 - median(trunk, rows) / median(trunk, upright),
            "short neck": 1 - median(neck, rows) / median(neck, upright),
            "head down": median(neutral - lift.kinematics.head_tilt, rows),
            "rule": excess,
        }


def _by_rule(rep: RepView) -> tuple[float, float]:
    """The rule's value, and its excess over the threshold."""
    found = _RULE.evaluate(rep)
    if isinstance(found, Measurement):
        return found.value, found.excess
    return float("nan"), float("nan")
