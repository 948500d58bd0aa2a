"""A set whose faults are known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.scorer.faults import DEFAULT_RULES
from services.scorer.observe import LifterObservations, ObservedLift
from shared.data.messages import Person
from shared.data.skeleton import F32, FEET, OUTLINE_LEVELS

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


def person_of(xy_px: F32, confidence: F32, turn_deg: float = float("nan")) -> Person | None:
    """A person of joints alone, (15, 2) and (15,): no feet, outline or soles; None if unseen."""
    seen = np.isfinite(xy_px).all(-1)
    if not seen.any():
        return None
    return Person(
        xy_px=xy_px.astype(np.float32),
        confidence=np.where(seen, confidence, 0).astype(np.float32),
        feet_px=np.full((len(FEET), 2), np.nan, np.float32),
        feet_confidence=np.zeros(len(FEET), np.float32),
        outline_px=np.full((2, OUTLINE_LEVELS), np.nan, np.float32),
        sole_px=np.full((2, 2), np.nan, np.float32),
        turn_deg=turn_deg,
        box_px=np.array([*xy_px[seen].min(0), *xy_px[seen].max(0)], np.float32),
        detection_confidence=1.0,
    )


def observations(people: Sequence[Person | None], fps: float) -> LifterObservations:
    """The observations of one lifter at a steady rate, without plates."""
    n = len(people)
    return LifterObservations(
        index=np.arange(n),
        time_s=np.arange(n) / fps,
        shot=np.zeros(n, np.int64),
        people=tuple(people),
        plates=((),) * n,
        pose_ms=np.zeros(n),
    )
