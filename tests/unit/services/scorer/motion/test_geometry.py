"""Angles and leans in the sagittal plane."""

import numpy as np
import pytest

from services.scorer.motion.geometry import (
    MAX_TURN_DEG,
    angle_between_deg,
    foreshortening,
    lean_deg,
    lean_difference_deg,
    straightness_deg,
    to_sagittal,
)


def leaning(*degrees):
    """Vectors with these leans, (n, 2)."""
    angles = np.radians(degrees)
    return np.stack([np.sin(angles), np.cos(angles)], -1)


def test_a_lean_is_measured_from_upright_towards_ahead():
    leans = [-170, -45, 0, 45, 90, 170]
    assert lean_deg(leaning(*leans)) == pytest.approx(leans)


def test_leans_are_subtracted_over_the_full_turn():
    assert lean_difference_deg(leaning(170, 10), leaning(-170, 40)) == pytest.approx([-20, -30])


def test_the_angle_between_vectors_has_no_direction():
    assert angle_between_deg(leaning(10, 70), leaning(70, 10)) == pytest.approx([60, 60])


@pytest.mark.parametrize(
    ("trunk_lean", "thigh_lean", "hip"),
    [(0, 0, 180), (40, -50, 90), (-10, 0, 190)],  # standing, bent, leaning back
)
def test_a_joint_is_over_stretched_beyond_180(trunk_lean, thigh_lean, hip):
    assert straightness_deg(leaning(trunk_lean), leaning(thigh_lean)) == pytest.approx([hip])


@pytest.mark.parametrize("turn_deg", [0, 20, 45, MAX_TURN_DEG])
@pytest.mark.parametrize("facing", [1, -1])
def test_a_lean_is_the_same_from_every_corrected_view(turn_deg, facing):
    ahead, up = leaning(45)[0]
    in_picture = np.array([facing * ahead * np.cos(np.radians(turn_deg)), -up])
    assert lean_deg(to_sagittal(in_picture, facing, turn_deg)) == pytest.approx(45)


def test_an_unknown_turn_is_not_corrected_and_a_large_one_is_bounded():
    assert foreshortening(np.nan) == 1
    assert foreshortening([70, 90]) == pytest.approx(np.cos(np.radians([MAX_TURN_DEG] * 2)))


def test_without_a_facing_only_what_lies_above_is_known():
    ahead_up = to_sagittal(np.array([3.0, -4.0]), np.nan)
    assert np.isnan(ahead_up[0])
    assert ahead_up[1] == 4
