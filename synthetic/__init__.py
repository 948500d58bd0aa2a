"""A synthetic deadlift with known joints: for the demo, and as ground truth for tests.

    from synthetic import Lift, render, write_video

    lift = Lift(reps=2, view="side", fault="rounded_back", severity=25)
    for frame in render(lift):                 # image, joints_px, visible, phase, …
        print(frame.time_s, frame.joints_px[1])
    write_video(lift, Path("set.mp4"))         # the same set as a clip

`settings.Lift` describes the set. `timing` says when each part happens, `lift` and `figure` where
every joint is, and `truth` what the camera sees of it; `video` draws it. `render_poses` gives the
set as the pose stage would report it, without pixels.
"""

from synthetic.recording import render_poses
from synthetic.settings import COVERS, FAULTS, Lift, reps_s, second_of
from synthetic.truth import FrameTruth, truth
from synthetic.video import RenderedFrame, render, write_video

__all__ = [
    "COVERS",
    "FAULTS",
    "FrameTruth",
    "Lift",
    "RenderedFrame",
    "render",
    "render_poses",
    "reps_s",
    "second_of",
    "truth",
    "write_video",
]
