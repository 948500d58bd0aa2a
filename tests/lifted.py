"""Rendered sets as the rules of faults see them: through the scorer's own stages, no pixels."""

import numpy as np

from services.scorer.bar.bar import track_bar
from services.scorer.lifter.find import find_lifters
from services.scorer.lifter.tracks import find_shots
from services.scorer.motion.build import build_motion
from services.scorer.motion.kinematics import compute_kinematics
from services.scorer.motion.motion import LiftedSet
from services.scorer.reps.find import find_reps
from services.scorer.reps.rep_boundaries import retime_by_bar
from services.scorer.reps.style import classify_style
from synthetic.recording import render_poses


def lifted_of(lift, noise_px=0.0, change=lambda person: person):
    """A set and its angles; `change` alters each frame's person as the pose stage saw it."""
    frames = render_poses(lift, noise_px)
    shot = find_shots(frames)
    people = find_lifters(frames, shot)[0].people
    time_s = np.array([frame.time_s for frame in frames])
    seen = [change(people[n]) if n in people else None for n in range(len(frames))]
    motion = build_motion(seen, time_s, shot, 6.0)
    kinematics = compute_kinematics(motion)
    bar = track_bar(motion, [frame.plates_px for frame in frames], 450.0, 0.0, 6.0)
    reps = retime_by_bar(find_reps(motion), bar, motion)
    return LiftedSet(motion, reps, bar, classify_style(motion, reps, kinematics)), kinematics
