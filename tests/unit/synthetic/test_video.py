"""Rendered frames: their pixels and what is visible in them."""

from functools import cache

import numpy as np
import pytest

from shared.data.skeleton import (
    HEAD,
    L_ANKLE,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    R_ANKLE,
    R_ELBOW,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
)
from synthetic import Lift, render


@cache
def frame_at(lift, progress):
    """The first frame of a set with at least this bar progress."""
    index = next(
        i
        for i in range(lift.frames)
        if float(lift.timing.bar_progress(np.array([i / lift.fps]))[0]) >= progress
    )
    return next(frame for frame in render(lift) if frame.index == index)


def test_hips_rise_three_times_in_the_rendered_frames():
    frames = render(Lift(fps=10, width_px=160, height_px=120))
    hips_px = np.array([frame.joints_px[[L_HIP, R_HIP], 1].mean() for frame in frames])
    is_high = hips_px < (hips_px.min() + hips_px.max()) / 2
    assert (np.diff(is_high.astype(int)) == 1).sum() == 3


def test_mirrored_lift_has_mirrored_joints_with_sides_exchanged():
    right, left = (next(render(Lift(facing=f))) for f in ("right", "left"))
    width = right.image.shape[1]
    for mine, other in ((L_WRIST, R_WRIST), (R_KNEE, L_KNEE), (HEAD, HEAD)):
        x, y = right.joints_px[other]
        np.testing.assert_allclose(left.joints_px[mine], (width - x, y), rtol=1e-6)
        assert left.visible[mine] == right.visible[other]


def test_same_settings_give_the_same_pixels():
    lift = Lift(width_px=320, height_px=240)
    np.testing.assert_array_equal(next(render(lift)).image, next(render(lift)).image)


def test_writing_on_a_frame_does_not_change_the_next():
    first, second = (frame for frame, _ in zip(render(Lift(reps=1)), range(2), strict=False))
    kept = second.image.copy()
    first.image[:] = 0
    np.testing.assert_array_equal(second.image, kept)


@pytest.mark.parametrize(
    ("view", "progress", "joint", "is_visible"),
    [
        ("side", 0, R_WRIST, False),  # behind the near plate
        ("side", 0, L_KNEE, False),  # behind the near leg
        ("side", 0, R_ANKLE, False),  # behind the near plate
        ("side", 0, R_ELBOW, True),  # its own arm does not hide it
        ("side", 0, L_SHOULDER, False),  # behind the trunk
        ("side", 1, R_HIP, False),  # behind arm and plate at lockout
        ("side", 1, R_KNEE, True),  # under the lifted plate
        ("oblique", 0, L_ANKLE, True),  # between the plates
        ("front", 1, L_SHOULDER, True),  # both sides from the front
        ("front", 1, R_SHOULDER, True),
        ("front", 0, L_HIP, False),  # behind the bent trunk
    ],
)
def test_joints_are_visible_unless_something_hides_them(view, progress, joint, is_visible):
    frame = frame_at(Lift(view=view, fps=10, width_px=640, height_px=480), progress)
    assert frame.visible[joint] == is_visible
