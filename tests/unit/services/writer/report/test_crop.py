from dataclasses import replace

import numpy as np
from analyses import NAN, lifter_set, with_joints

from services.writer.report.crop import crop_around, find_floors


def test_a_lifter_outside_the_picture_gives_the_whole_picture():
    frames = tuple(with_joints(f, f.xy_px + 900) for f in lifter_set(reps=1).frames)
    outside = [replace(f, bar_px=np.full(2, NAN, np.float32)) for f in frames]
    assert crop_around(outside, 0.0, 320, 240) == (0, 0, 320, 240)


def test_a_crop_reaches_down_to_the_floor_within_the_picture():
    frames = lifter_set(reps=1).frames[:1]
    lowest_px = float(frames[0].xy_px[:, 1].max())
    crops = [crop_around(frames, floor_px, 320, 240) for floor_px in (0.0, lowest_px + 5, 400.0)]
    bottoms = [bottom for _, _, _, bottom in crops]
    assert bottoms[0] < bottoms[1] <= bottoms[2] == 240


def test_each_shot_has_its_own_floor_and_few_outliers_do_not_move_it():
    frames = list(lifter_set(reps=1).frames)
    lower = [replace(with_joints(f, f.xy_px + 50), shot=1) for f in frames]
    stray = with_joints(frames[0], frames[0].xy_px + 80)
    first, second = (find_floors([*frames, *lower])[shot] for shot in (0, 1))
    assert second > first + 20
    assert abs(find_floors([*frames, stray])[0] - first) < 1
