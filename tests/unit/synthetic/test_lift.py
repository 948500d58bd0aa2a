"""Joints and bar in metres, over the bar's way up."""

import numpy as np
import pytest

from shared.data.skeleton import CHEST, L_HIP, L_SHOULDER, LIMBS, NECK, R_HIP, R_SHOULDER
from synthetic import Lift, truth
from synthetic.lift import bar_m, joints_m
from synthetic.styles import PLATE_RADIUS_M

BAR_PROGRESS = np.linspace(0, 1, 21)


def test_bones_keep_their_length():
    joints = np.stack([joints_m(progress) for progress in BAR_PROGRESS])
    for a, b in LIMBS:
        lengths = np.linalg.norm(joints[:, a] - joints[:, b], axis=-1)
        assert np.ptp(lengths) < 0.02, (a, b)


def test_neck_and_chest_are_derived_as_the_skeleton_says():
    for joints in map(joints_m, BAR_PROGRESS):
        neck, hips = joints[[L_SHOULDER, R_SHOULDER]].mean(0), joints[[L_HIP, R_HIP]].mean(0)
        np.testing.assert_allclose(joints[NECK], neck)
        np.testing.assert_allclose(joints[CHEST], (neck + hips) / 2)


def test_bar_starts_on_the_floor_and_goes_straight_up():
    path = np.stack([bar_m(progress) for progress in BAR_PROGRESS])
    assert path[0, 1] == pytest.approx(PLATE_RADIUS_M, abs=0.005)
    assert (np.diff(path[:, 1]) > 0).all()
    assert np.ptp(path[:, 0]) == 0


def test_impossible_severities_and_unknown_faults_are_refused():
    with pytest.raises(ValueError, match="more than a body can do"):
        joints_m(0.5, Lift(style="romanian", fault="hips_shoot_up", severity=25))
    with pytest.raises(ValueError, match="no fault"):
        Lift(fault="sneezing")


def test_feet_stand_flat_and_on_the_floor_throughout():
    lift = Lift(fps=20, turn_deg=0.0, style="sumo")
    feet = np.stack([frame.lifter.feet_px for frame in truth(lift)])
    assert np.ptp(feet, axis=0).max() < 0.5
