"""Colours of clothes, on pictures of one figure in plain clothes."""

import cv2
import numpy as np
import pytest

from services.pose.clothes import clothes_lab
from shared.data.skeleton import L_HIP, L_KNEE, L_SHOULDER, NECK, R_HIP, R_KNEE, R_SHOULDER

#: Colours in BGR, and what CIELAB says of them (L 0..100).
RED, GREEN = (0, 0, 255), (0, 255, 0)
RED_LAB, GREEN_LAB = (53.2, 80.1, 67.2), (87.7, -86.2, 83.2)


@pytest.fixture
def figure():
    """A red shirt above a green pair of trousers, and the joints in it."""
    image = np.full((120, 80, 3), 128, np.uint8)
    image[20:60, 30:50], image[60:100, 30:50] = RED, GREEN
    xy = np.full((15, 2), np.nan, np.float32)
    xy[[L_SHOULDER, NECK, R_SHOULDER]] = (46, 20), (40, 20), (34, 20)
    xy[[L_HIP, R_HIP, L_KNEE, R_KNEE]] = (45, 60), (35, 60), (45, 95), (35, 95)
    return image, xy


def test_shirt_and_trousers_have_their_colours(figure):
    np.testing.assert_allclose(clothes_lab(*figure), [RED_LAB, GREEN_LAB], atol=0.1)


def test_an_arm_before_the_trunk_changes_nothing(figure):
    image, xy = figure
    cv2.line(image, (46, 20), (45, 60), (150, 170, 200), 5)
    np.testing.assert_allclose(clothes_lab(image, xy)[0], RED_LAB, atol=0.1)


@pytest.mark.parametrize("unseen", [[L_HIP, R_HIP], [L_SHOULDER, NECK, R_SHOULDER]])
def test_a_garment_without_joints_has_no_colour(figure, unseen):
    image, xy = figure
    xy[unseen] = np.nan
    assert np.isnan(clothes_lab(image, xy)[0]).all()
    assert np.isnan(clothes_lab(image, xy)[1]).all() == (L_HIP in unseen)


def test_what_lies_outside_the_picture_does_not_count(figure):
    image, xy = figure
    assert np.isnan(clothes_lab(image, xy + np.float32([0, 200]))).all()
    shirt, trousers = clothes_lab(image[:62], xy)
    np.testing.assert_allclose(shirt, RED_LAB, atol=0.1)
    assert np.isnan(trousers).all()
