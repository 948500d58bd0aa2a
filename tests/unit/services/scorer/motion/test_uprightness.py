"""Rendered bodies in pictures that are turned, and joints that jump about."""

from dataclasses import replace

import numpy as np
import pytest

from services.scorer.motion.uprightness import (
    LYING,
    UPSIDE_DOWN,
    describe_wrong_way_up,
    is_jumping,
    median_jump,
)
from services.scorer.observe import observe_lifters
from synthetic import Lift, render_poses

LIFT = Lift(reps=1, fps=20, view="side")

#: How each point (x, y) of the picture is turned.
TURNS = {
    "as it is": lambda x, y: (x, y),
    "mirrored": lambda x, y: (-x, y),
    "flipped": lambda x, y: (x, -y),
    "turned by 180": lambda x, y: (-x, -y),
    "turned by 90": lambda x, y: (-y, x),
    "turned by 270": lambda x, y: (y, -x),
}


def people_of(frames, turn="as it is"):
    seen = observe_lifters(frames)[0]
    return [
        replace(one, xy_px=np.stack(TURNS[turn](*one.xy_px.T), -1)) for one in seen.people
    ], seen.time_s


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        ("as it is", ""),
        ("mirrored", ""),
        ("flipped", UPSIDE_DOWN),
        ("turned by 180", UPSIDE_DOWN),
        ("turned by 90", LYING),
        ("turned by 270", LYING),
    ],
)
@pytest.mark.parametrize("rows", [slice(None), slice(1)], ids=["clip", "picture"])
def test_a_turned_picture_is_noticed(turn, said, rows):
    people, _ = people_of(render_poses(LIFT), turn)
    assert describe_wrong_way_up(people[rows]) == said


@pytest.mark.parametrize(("noise", "said"), [(0.02, False), (0.15, True)])
def test_joints_that_jump_about_belong_to_no_upright_body(noise, said):
    trunk_px = 0.288 * 1.76 * 960 / 2.25
    people, time_s = people_of(render_poses(LIFT, noise_px=noise * trunk_px))
    assert is_jumping(people, time_s) is said


@pytest.mark.parametrize("fps", [15, 30, 120])
def test_a_quick_lift_does_not_jump_at_any_rate(fps):
    people, time_s = people_of(render_poses(replace(LIFT, fps=fps, tempo=0.4)))
    assert median_jump(np.array([one.xy_px for one in people]), time_s) < 0.06


def test_pictures_of_a_folder_may_differ_as_they_like():
    people, time_s = people_of(render_poses(replace(LIFT, fps=10), noise_px=100.0))
    assert not is_jumping(people, time_s)


def test_nobody_is_no_wrong_way_up():
    for people in ([None, None, None], []):
        assert describe_wrong_way_up(people) == ""
        assert not is_jumping(people, np.arange(len(people)) / 20)
