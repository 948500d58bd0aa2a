"""A synthetic deadlift with known joints: for the demo, and as ground truth for tests."""

from coach.rendering.lift import Lift
from coach.rendering.video import RenderedFrame, render, write_video

__all__ = ["Lift", "RenderedFrame", "render", "write_video"]
