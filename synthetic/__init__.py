"""A synthetic deadlift with known joints: for the demo, and as ground truth for tests."""

from synthetic.recording import render_poses
from synthetic.settings import FAULTS, Lift, reps_s, second_of
from synthetic.truth import FrameTruth, truth
from synthetic.video import RenderedFrame, render, write_video

__all__ = [
    "FAULTS",
    "FrameTruth",
    "Lift",
    "RenderedFrame",
    "render_poses",
    "render",
    "reps_s",
    "second_of",
    "truth",
    "write_video",
]
