from dataclasses import replace

import numpy as np
from analyses import NAN, analysis, changed, lifter_set, with_joints
from drawn_frames import drawn, has_colour

UP, EARLIER = (80, 220, 255), (150, 170, 175)


def test_the_path_grows_and_earlier_ones_stay_faint():
    nowhere = np.full((15, 2), NAN, np.float32)
    frames = tuple(with_joints(frame, nowhere) for frame in lifter_set().frames)
    one = changed(lifter_set(), frames=frames, faults=())
    larger = tuple(replace(frame, bar_px=4 * frame.bar_px) for frame in frames)
    images = (drawn(analysis(replace(one, frames=larger)), t, (1280, 960)) for t in (0.5, 0.9, 1.5))
    pixels = [(image == UP).all(-1).sum() for image in images]
    assert pixels[0] == 0
    assert 0 < pixels[1] < pixels[2]
    assert has_colour(drawn(analysis(one), 4.4), EARLIER)
    assert not has_colour(drawn(analysis(one), 1.5), EARLIER)


def test_the_path_does_not_continue_over_a_cut():
    whole = lifter_set(reps=2)
    cut = tuple(replace(frame, shot=int(frame.time_s >= 3.6)) for frame in whole.frames)
    before, after = (
        drawn(analysis(replace(whole, frames=frames)), 4.4) for frames in (whole.frames, cut)
    )
    assert (before != after).any()
    assert not has_colour(after, EARLIER)
