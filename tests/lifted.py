"""Rendered sets as scoring sees them: through the scorer's own way, no pixels."""

from collections.abc import Callable
from dataclasses import replace

from services.scorer.observe import ObservedLift, observe_lift, observe_lifters
from shared.data.messages import Person
from synthetic import Lift, render_poses


def lift_of(
    lift: Lift,
    noise_px: float = 0.0,
    change: Callable[[Person], Person | None] = lambda person: person,
) -> ObservedLift:
    """A rendered set, observed; `change` alters each frame's lifter as the pose stage saw them."""
    seen = observe_lifters(render_poses(lift, noise_px))[0]
    people = tuple(None if person is None else change(person) for person in seen.people)
    return observe_lift(replace(seen, people=people))
