"""Plausible skeletons and impossible ones."""

from dataclasses import replace

import numpy as np
import pytest
from builders import person
from lifted import lift_of

from services.scorer.motion.kinematics import compute_kinematics
from services.scorer.motion.plausibility import compute_plausibility, drop_impossible_people
from shared.data.skeleton import (
    L_ANKLE,
    L_ELBOW,
    L_HIP,
    L_KNEE,
    L_WRIST,
    NECK,
    R_ANKLE,
    R_ELBOW,
    R_HIP,
    R_KNEE,
    R_WRIST,
)
from synthetic import Lift


@pytest.fixture(scope="module")
def motion():
    return lift_of(Lift(reps=1, fps=15, view="side")).motion


@pytest.mark.parametrize("view", ["side", "oblique", "front"])
@pytest.mark.parametrize("style", ["conventional", "sumo", "romanian"])
def test_a_rendered_lifter_is_plausible_in_every_posture(view, style):
    motion = lift_of(Lift(reps=1, fps=15, view=view, style=style)).motion
    assert compute_plausibility(motion).posture.min() > 0.8


def shortened(motion, ends, towards, ratio):
    """The motion with some joints moved towards others: their distance is multiplied by `ratio`."""
    xy = motion.xy_px.copy()
    xy[:, ends] = xy[:, towards] + ratio * (xy[:, ends] - xy[:, towards])
    return replace(motion, xy_px=xy)


@pytest.mark.parametrize(
    ("part", "ends", "towards"),
    [
        ("thigh", [L_KNEE, R_KNEE], [L_HIP, R_HIP]),
        ("shank", [L_ANKLE, R_ANKLE], [L_KNEE, R_KNEE]),
        ("arm", [L_WRIST, R_WRIST], [L_ELBOW, R_ELBOW]),
    ],
)
def test_limbs_that_are_far_too_short_are_impossible(motion, part, ends, towards):
    stump = compute_plausibility(shortened(motion, ends, towards, 0.15))
    assert getattr(stump, part).max() == 0
    assert stump.posture.max() == 0
    others = {"thigh", "shank", "arm", "trunk"} - {part}
    if part == "shank":  # shorter thighs leave the shanks longer, so only the last limb is alone
        assert all(getattr(stump, other).min() > 0.8 for other in others)


def test_one_leg_that_is_seen_is_enough(motion):
    assert compute_plausibility(shortened(motion, [L_KNEE], [L_HIP], 0.1)).thigh.min() > 0.8
    unseen = motion.xy_px.copy()
    unseen[:, [L_KNEE, R_KNEE, L_ANKLE, R_ANKLE]] = np.nan
    assert compute_plausibility(replace(motion, xy_px=unseen)).posture.min() > 0.8


def test_from_the_front_thighs_may_point_at_the_camera():
    motion = lift_of(Lift(reps=1, fps=15, view="front")).motion
    short = shortened(motion, [L_KNEE, R_KNEE], [L_HIP, R_HIP], 0.2)
    assert compute_plausibility(short).thigh.min() == 1


def test_angles_of_an_impossible_body_are_unknown(motion):
    xy = motion.xy_px.copy()
    xy[3, [L_KNEE, R_KNEE]] = xy[3, [L_HIP, R_HIP]] + 3
    xy[5, [L_WRIST, R_WRIST]] = xy[5, [L_ELBOW, R_ELBOW]] + 3
    k = compute_kinematics(replace(motion, xy_px=xy))
    for angles in (k.trunk_lean, k.thigh_elevation, k.hip, k.knee, k.head_tilt, k.back_flexion):
        assert np.isnan(angles[3])
        assert np.isfinite(angles[5])
    assert np.isnan(k.elbow[5])
    assert np.isfinite(k.elbow[3])
    assert k.plausibility[[3, 5]].max() == 0
    xy[7, NECK] = xy[7, [L_HIP, R_HIP]].mean(0) + 2
    assert np.isnan(compute_kinematics(replace(motion, xy_px=xy)).trunk_lean[7])


def test_people_upside_down_or_stretched_are_dropped():
    standing = person(height_px=200)
    xy = standing.xy_px.copy()
    xy[NECK], xy[[L_HIP, R_HIP]], xy[[L_ANKLE, R_ANKLE]] = (100, 50), (100, 100), (100, 180)
    usual = replace(standing, xy_px=xy)
    upside_down = replace(usual, xy_px=xy * (1, -1))
    stretched = replace(usual, xy_px=xy * (1, 1.5))
    people = [usual] * 9 + [upside_down, stretched, None]
    one_shot = np.zeros(12, np.int64)
    assert drop_impossible_people(people, one_shot) == [usual] * 9 + [None] * 3
    close_up = np.repeat([0, 1], [9, 3])
    assert drop_impossible_people(people, close_up) == [usual] * 9 + [None, stretched, None]
