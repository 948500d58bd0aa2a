"""Rendered sets as scoring sees them: through the scorer's own way, no pixels."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from services.scorer.observe import ObservedLift, observe_lift, observe_lifters
from shared.data.messages import FramePoses, Person
from shared.data.skeleton import F32
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


def observed(frames: Sequence[FramePoses]) -> ObservedLift:
    """The main lifter's lift, as scoring observes it in frames."""
    return observe_lift(observe_lifters(frames)[0])


def changed(
    frames: Sequence[FramePoses], change: Callable[[FramePoses, F32, F32], None]
) -> list[FramePoses]:
    """The frames, with copies of everybody's joints that `change` alters: frame, xy, confidence."""
    out = []
    for frame in frames:
        people = []
        for person in frame.people:
            xy, confidence = person.xy_px.copy(), person.confidence.copy()
            change(frame, xy, confidence)
            people.append(replace(person, xy_px=xy, confidence=confidence))
        out.append(replace(frame, people=tuple(people)))
    return out
