"""What took how much off a score, in a lifter's words. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.scorer.faults.rule import FaultRule
from services.scorer.observe import ObservedLift
from services.scorer.score.evidence import RepEvidence
from services.scorer.score.lift_model import LiftModel, term_values
from services.scorer.score.terms import TERMS, Term
from services.scorer.score.values import VALUES
from shared.data.analysis import Contribution, FaultUnit, LengthUnit
from shared.data.anthropometry import USUAL_TRUNK_M

F64 = NDArray[np.float64]

#: Name of the contribution of the fault evidence.
FAULTS = "faults"

#: Minimum evidence of a fault that is named as one; below, there are only signs of it. Derived:
#: that of a value at its threshold.
_AT_THRESHOLD = 1 / 3


def explain_losses(
    lift: ObservedLift,
    reps: Sequence[RepEvidence],
    losses: F64,
    rules: Sequence[FaultRule],
    model: LiftModel,
) -> tuple[Contribution, ...]:
    """Everything that lowers the score of some repetitions, on average over them, worst first.

    Args:
        lift: the lift.
        reps: the repetitions.
        losses: float64 (reps, columns), what each column takes off the log odds of each.
        rules: the fault rules.
        model: the model.
    """
    values, cm_per_trunk = term_values(reps), _cm_per_trunk(lift)
    reasons = []
    for column, term in enumerate(TERMS):
        loss, deviates = losses[:, column], losses[:, column] > 0
        if not deviates.any():
            continue
        value, usual = float(values[deviates, column].mean()), model.medians[column]
        amount = _amount(term, abs(value - usual), cm_per_trunk)
        reasons.append(
            Contribution(
                name=term.name,
                text=term.words.format(amount),
                part=term.part,
                value=value,
                usual=usual,
                unit=VALUES[term.value].unit,
                effect=-float(loss.mean()),
            )
        )
    of_faults = float(losses[:, len(TERMS) :].sum(1).mean())
    if of_faults > 0:
        text = _name_faults(np.mean([rep.faults for rep in reps], axis=0), rules)
        reasons.append(Contribution(name=FAULTS, text=text, effect=-of_faults))
    return tuple(sorted(reasons, key=lambda reason: reason.effect))


def _amount(term: Term, amount: float, cm_per_trunk: float) -> str:
    if VALUES[term.value].unit is FaultUnit.DEGREE:
        return f"{amount:.0f}°"
    return f"about {amount * cm_per_trunk:.0f} cm"


def _cm_per_trunk(lift: ObservedLift) -> float:
    """Length of the lifter's trunk, in cm: by the bar's scale where that is in metres."""
    scale = lift.bar.scale
    if scale.unit is not LengthUnit.METRE:
        return 100 * USUAL_TRUNK_M
    return 100 * lift.motion.trunk_length_px / scale.px_per_unit


def _name_faults(evidence: F64, rules: Sequence[FaultRule]) -> str:
    """The faults behind the evidence (rules,) in words, strongest first."""
    order = [rule for rule in np.argsort(-evidence) if evidence[rule] > 0]
    certain = [rules[rule].name for rule in order if evidence[rule] >= _AT_THRESHOLD]
    return ", ".join(certain) if certain else f"signs of {rules[order[0]].name}"
