"""Rendered lifts as scoring sees them."""

from services.scorer.observe import ObservedLift, observe_lift, observe_lifters
from synthetic import Lift, render_poses


def observed(lift: Lift) -> ObservedLift:
    """The set of a rendered lifter, by its true joints."""
    return observe_lift(observe_lifters(render_poses(lift))[0])
