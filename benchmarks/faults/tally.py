"""What a rule says about reps with a fault and about reps without it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.scorer.faults import DEFAULT_RULES, FaultRule, Measurement, judge, rep_views

from .rates import Estimate, auc, rate
from .sets import LabelledSet

#: Area under the curve of a coin. By definition.
CHANCE = 0.5

#: Minimum groups with and without a fault for a verdict on chance. Chosen: even a perfect order of
#: two by two leaves it open.
MIN_GROUPS = 3


@dataclass
class Side:
    """The reps that have a fault, or those that do not.

    Attributes:
        groups: The lifters, or the sets of one lifter (`LabelledSet.group`).
        reps: Number of reps.
        reported: Number of reps in which the fault was reported.
        excess: How far each judged rep is beyond the threshold that was used, in margins.
    """

    groups: set[str] = field(default_factory=set)
    reps: int = 0
    reported: int = 0
    excess: list[float] = field(default_factory=list)

    @property
    def rate(self) -> Estimate:
        """Fraction of the reps in which the fault was reported."""
        return rate(self.reported, self.reps, len(self.groups))

    @property
    def abstained(self) -> int:
        """Number of reps that the rule did not judge."""
        return self.reps - len(self.excess)


@dataclass
class Tally:
    """One rule on one source from one view.

    Attributes:
        faulty: Reps with the fault.
        correct: Reps without it.
    """

    faulty: Side = field(default_factory=Side)
    correct: Side = field(default_factory=Side)

    @property
    def auc(self) -> Estimate:
        """How well the excess tells both kinds apart."""
        return auc(
            self.faulty.excess,
            self.correct.excess,
            len(self.faulty.groups),
            len(self.correct.groups),
        )

    @property
    def is_chance(self) -> bool:
        """Whether the rule may tell them no better than chance, though there are enough groups."""
        enough = min(len(self.faulty.groups), len(self.correct.groups)) >= MIN_GROUPS
        return enough and self.auc.low <= CHANCE


#: Kind of the rule, source and view.
Key = tuple[str, str, str]


def tally(
    sets: Iterable[LabelledSet], rules: tuple[FaultRule, ...] = DEFAULT_RULES
) -> dict[Key, Tally]:
    """Judge all sets; what is unknown of a set is not counted."""
    tallies: dict[Key, Tally] = {}
    for one in sets:
        reps = rep_views(one.lift)
        faults, _ = judge(one.lift, rules)
        for rule in rules:
            is_there = rule.kind in one.present
            if not reps or not (is_there or rule.kind in one.absent):
                continue
            found = tallies.setdefault((rule.kind, one.source, one.view), Tally())
            side = found.faulty if is_there else found.correct
            side.groups.add(one.group)
            side.reps += len(reps)
            side.reported += sum(fault.kind == rule.kind for fault in faults)
            measured = [rule.evaluate(rep) for rep in reps if rep.boundaries.body_seen]
            side.excess += [
                value.excess
                for value in measured
                if isinstance(value, Measurement) and not value.doubt
            ]
    return tallies
