"""What a repetition gives to judge: its values in each part, and the evidence of faults. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.faults.judging import Results
from services.scorer.faults.measurement import Measurement
from services.scorer.faults.rep_view import RepView, rep_views
from services.scorer.motion.geometry import foreshortening
from services.scorer.observe import ObservedLift
from services.scorer.score.lift_parts import PARTS, part_weights
from services.scorer.score.values import VALUES, measure_postures
from shared.data.analysis import LiftPart, Style

F64 = NDArray[np.float64]

#: Minimum time for which a value must be seen in a part, in seconds. Chosen: a single frame at 30
#: per second.
_MIN_SEEN_S = 0.03

#: Excess of a measured fault at which its evidence begins, and at which it is complete, in margins.
#: Chosen: a margin is about what a rule's value is off by at most, so the evidence begins one below
#: the threshold and is complete two beyond it. Nothing jumps at the threshold, and a copy of a clip
#: that measures a little less scores a little more. Of eleven ranges that were looked at, narrower
#: ones let copies differ by more, and wider ones let correct rendered sets lose too much.
_EVIDENCE_FROM, _EVIDENCE_FULL = -1.0, 2.0

#: Maximum sum of the evidence of all faults. Chosen: faults share causes.
_MAX_FAULTS = 2.0


@dataclass(frozen=True, eq=False)
class RepEvidence:
    """What one repetition gives to judge.

    Attributes:
        values: float64 (values, parts), mean of each value in each part, weighted by duration; NaN
            where it is not seen.
        fault_excess: float64 (rules,), how far each fault is beyond its threshold, in margins; NaN
            where it cannot be measured.
        seen_s: Time in which the posture is known, in seconds.
        from_floor: Whether the lift begins at the floor.
        magnification: Factor by which the view magnifies what lies ahead, and its error; at least
            1.
    """

    values: F64
    fault_excess: F64
    seen_s: float
    from_floor: bool
    magnification: float

    @property
    def faults(self) -> F64:
        """Evidence of each fault, (rules,), 0..1; 0 where it cannot be measured."""
        beyond = (self.fault_excess - _EVIDENCE_FROM) / (_EVIDENCE_FULL - _EVIDENCE_FROM)
        return np.nan_to_num(np.clip(beyond, 0, 1))

    @property
    def fault_sum(self) -> float:
        """Sum of the evidence of all faults, 0..`_MAX_FAULTS`."""
        return min(float(self.faults.sum()), _MAX_FAULTS)

    @property
    def worst_fault(self) -> float:
        """The strongest evidence of one fault, 0..1."""
        return float(self.faults.max(initial=0))


def gather_evidence(
    lift: ObservedLift, results: Sequence[Results]
) -> tuple[RepEvidence | None, ...]:
    """The evidence of each repetition; None where the body, or its main view, is not seen.

    Args:
        lift: the lift.
        results: what the fault rules measured (`evaluate_rules`).
    """
    postures = measure_postures(lift)
    return tuple(
        _evidence(rep, postures, tuple(of_rule[number] for of_rule in results))
        if rep.boundaries.body_seen and rep.is_in_main_shot
        else None
        for number, rep in enumerate(rep_views(lift))
    )


def _evidence(rep: RepView, postures: F64, found: Results) -> RepEvidence:
    seconds = part_weights(rep) * durations_s(rep.motion.time_s)[:, None]
    if not rep.lockout.size:
        seconds[:, PARTS.index(LiftPart.LOCKOUT)] = 0  # it is not seen that the lift ends there
    known = np.isfinite(postures)
    seen_s = known.T.astype(np.float64) @ seconds
    total = np.where(known, postures, 0).T @ seconds
    values = np.where(seen_s > _MIN_SEEN_S, total / np.where(seen_s > 0, seen_s, 1), np.nan)
    excess = [one.excess if isinstance(one, Measurement) else np.nan for one in found]
    return RepEvidence(
        values=values,
        fault_excess=np.array(excess, np.float64),
        seen_s=float(seen_s[list(VALUES).index("trunk_lean")].sum()),
        from_floor=rep.lift.style is not Style.ROMANIAN,
        magnification=1 / float(foreshortening(rep.motion.turn_deg)),
    )


def durations_s(time_s: F64) -> F64:
    """Duration of each frame, (n,); a single picture counts for a second."""
    return np.gradient(time_s) if len(time_s) > 1 else np.ones(len(time_s))
