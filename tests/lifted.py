"""Rendered sets as the rules of faults see them: through the scorer's own stages, no pixels."""

import numpy as np

from services.scorer.bar.bar import bar_path
from services.scorer.lifter.find import find_lifters
from services.scorer.lifter.tracks import segments_of
from services.scorer.motion.build import motion_of
from services.scorer.motion.kinematics import kinematics_of
from services.scorer.motion.motion import LiftedSet
from services.scorer.reps.find import find_reps
from services.scorer.reps.rep_boundaries import timed_by_bar
from services.scorer.reps.style import tell_style
from synthetic.recording import poses_of


def lifted_of(lift, noise_px=0.0, change=lambda person: person):
    """A set and its angles; `change` alters each frame's person as the pose stage saw it."""
    frames = poses_of(lift, noise_px)
    segment = segments_of(frames)
    people = find_lifters(frames, segment)[0].people
    time_s = np.array([frame.time_s for frame in frames])
    seen = [change(people[n]) if n in people else None for n in range(len(frames))]
    motion = motion_of(seen, time_s, segment, 6.0)
    kinematics = kinematics_of(motion)
    bar = bar_path(motion, [frame.plates_px for frame in frames], 450.0, 0.0, 6.0)
    reps = timed_by_bar(find_reps(motion), bar, motion)
    return LiftedSet(motion, reps, bar, tell_style(motion, reps, kinematics)), kinematics
