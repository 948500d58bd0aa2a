"""A set whose faults are known."""

from dataclasses import dataclass

from services.scorer.faults import DEFAULT_RULES
from services.scorer.observe import ObservedLift

#: The kinds of all rules.
ALL = frozenset(rule.kind for rule in DEFAULT_RULES)
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class LabelledSet:
    """A set and what is known of its reps.

    Attributes:
        source: Name of the data.
        view: Where the camera stands.
        group: What counts as one observation: the lifter, or the set where one lifter did all.
        lift: The set as the product observes it.
        present: Kinds of the faults that all its reps have.
        absent: Kinds of the faults that none of its reps has. What is in neither is unknown.
    """

    source: str
    view: str
    group: str
    lift: ObservedLift
    present: frozenset[str]
    absent: frozenset[str]
