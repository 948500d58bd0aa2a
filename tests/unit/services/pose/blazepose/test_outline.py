"""The trunk's outline and a sole's line, measured in masks whose outline is known."""

import cv2
import numpy as np
import pytest

from services.pose.blazepose.outline import sole_line, trunk_outline
from shared.data.skeleton import OUTLINE_LEVELS

SIDE_PX = 256
HIPS, NECK = np.array([128.0, 200.0], np.float32), np.array([128.0, 100.0], np.float32)
LENGTH_PX = 100.0
SHARES = np.linspace(0, 1, OUTLINE_LEVELS)


def mask_of(inside_px):
    """Logits of a person who is where `inside_px`(x, y), pixels within the edge, is positive."""
    y, x = np.mgrid[:SIDE_PX, :SIDE_PX].astype(np.float32)
    return np.clip(inside_px(x, y), -10, 10).astype(np.float32)


def banana(x, y):
    """25 px thick to the right of a line that bulges by 20 px to the left in the middle; 35 left.

    The trunk is continued beyond hips and neck by as much.
    """
    share = (200 - y) / LENGTH_PX
    bulge = 20 * np.sin(np.pi * np.clip(share, 0, 1))
    return np.minimum(128 + 25 - x, x - (128 - 35 - bulge))


def test_the_width_of_a_straight_trunk_is_measured():
    got = trunk_outline(mask_of(lambda x, y: np.minimum(128 + 20 - x, x - (128 - 30))), HIPS, NECK)
    # Looking from hips to neck is looking up: the right is the picture's right.
    np.testing.assert_allclose(got, np.repeat([[20.0], [30.0]], OUTLINE_LEVELS, axis=1), atol=0.2)


def test_an_ellipse_is_measured_at_each_level():
    got = trunk_outline(
        mask_of(lambda x, y: 40 * (1 - np.hypot((x - 128) / 40, (y - 150) / 80))), HIPS, NECK
    )
    want = 40 * np.sqrt(1 - ((SHARES - 0.5) * LENGTH_PX / 80) ** 2)
    np.testing.assert_allclose(got, [want, want], atol=0.5)


def test_a_rounded_back_shows_on_its_side_only():
    right, left = trunk_outline(mask_of(banana), HIPS, NECK)
    np.testing.assert_allclose(right, 25, atol=0.3)
    np.testing.assert_allclose(left, 35 + 20 * np.sin(np.pi * SHARES), atol=0.3)


def test_mirrored_the_sides_swap():
    mask = mask_of(banana)
    across = np.array([SIDE_PX - 1, 0], np.float32)
    flip = np.array([-1, 1], np.float32)
    got = trunk_outline(
        np.ascontiguousarray(mask[:, ::-1]), across + flip * HIPS, across + flip * NECK
    )
    np.testing.assert_allclose(got, trunk_outline(mask, HIPS, NECK)[::-1], atol=0.1)


@pytest.mark.parametrize("angle_deg", [30, 90, 200])
def test_it_turns_with_the_picture(angle_deg):
    mask = mask_of(banana)
    turn = cv2.getRotationMatrix2D((128, 150), angle_deg, 1.0)
    turned = cv2.warpAffine(mask, turn, (SIDE_PX, SIDE_PX), borderValue=(-10.0,))
    hips, neck = ((turn[:, :2] @ end + turn[:, 2]).astype(np.float32) for end in (HIPS, NECK))
    got = trunk_outline(turned, hips, neck)
    np.testing.assert_allclose(got, trunk_outline(mask, HIPS, NECK), atol=0.7)


def test_an_outline_beyond_reach_is_unknown():
    wide = trunk_outline(mask_of(lambda x, y: np.minimum(128 + 20 - x, x - 8)), HIPS, NECK)
    np.testing.assert_allclose(wide[0], 20, atol=0.2)
    assert np.isnan(wide[1]).all()


def test_a_line_outside_the_body_measures_nothing():
    half = trunk_outline(
        mask_of(lambda x, y: np.minimum(np.minimum(148 - x, x - 108), 155 - y)), HIPS, NECK
    )
    below = 200 - SHARES * LENGTH_PX > 156
    assert np.isnan(half[:, below]).all()
    assert np.isfinite(half[:, ~below]).all()


def test_a_trunk_of_no_length_has_no_outline():
    assert np.isnan(trunk_outline(mask_of(banana), HIPS, HIPS)).all()


#: A trunk's length in the masks with feet, where their heels and toes are taken to be, and a map
#: from a picture that is twice as large and shifted.
TRUNK_PX = 200.0
HEELS = np.array([[190.0, 440.0], [230.0, 430.0]], np.float32)
TOES = HEELS + np.array([100.0, 0.0], np.float32)
TO_MASK = np.array([[0.5, 0.0, 3.0], [0.0, 0.5, -4.0]], np.float32)


def shoe(x, y, pitch_deg, toe=(145.0, 220.0), long_px=50.0, high_px=16.0):
    """A shoe that stands on its toe, with a shank above its heel; pixels of the mask."""
    turn = np.radians(pitch_deg)
    back, up = (toe[0] - x), (toe[1] - y)
    along = back * np.cos(turn) + up * np.sin(turn)
    above = up * np.cos(turn) - back * np.sin(turn)
    sole = np.minimum(np.minimum(along, long_px - along), np.minimum(above, high_px - above))
    shank = np.minimum(np.minimum(along - 0.6 * long_px, long_px - along), above)
    return np.maximum(sole, shank)


def pitch_of(line_px):
    (heel_x, heel_y), (toe_x, toe_y) = line_px
    return np.degrees(np.arctan2(toe_y - heel_y, abs(toe_x - heel_x)))


def sole_of(inside_px, heels=HEELS, toes=TOES, to_mask=TO_MASK):
    return sole_line(mask_of(inside_px), to_mask, heels, toes, TRUNK_PX)


@pytest.mark.parametrize("pitch_deg", [0, 8, 25, 40])
def test_the_slope_of_a_sole_is_measured(pitch_deg):
    line = sole_of(lambda x, y: shoe(x, y, pitch_deg))
    assert pitch_of(line) == pytest.approx(pitch_deg, abs=0.7)
    on_mask = line @ TO_MASK[:, :2].T + TO_MASK[:, 2]
    assert np.abs(shoe(*on_mask.T, pitch_deg)).max() < 0.5  # the line runs along the edge


def test_a_mirrored_foot_has_the_same_sole():
    across = np.array([-1.0, 1.0], np.float32)  # the mirror's middle is the mask's, in the picture
    heels, toes = (ends * across + (2 * (SIDE_PX - 1) - 12.0, 0) for ends in (HEELS, TOES))
    line = sole_of(lambda x, y: shoe(SIDE_PX - 1 - x, y, 25), heels, toes)
    assert pitch_of(line) == pytest.approx(25, abs=0.7)
    assert line[0, 0] > line[1, 0]  # the heel's end comes first


def test_of_two_soles_the_lower_one_counts():
    both = sole_of(lambda x, y: np.maximum(shoe(x, y, 25), shoe(x, y, 5, toe=(185.0, 205.0))))
    assert pitch_of(both) == pytest.approx(25, abs=1.0)


def test_it_turns_with_the_region():
    turn = cv2.getRotationMatrix2D((128, 200), 65, 1.0)
    mask = mask_of(lambda x, y: shoe(x, y, 25))
    turned = cv2.warpAffine(mask, turn, (SIDE_PX, SIDE_PX), borderValue=(-10.0,))
    to_mask = (np.vstack([turn, [0, 0, 1]]) @ np.vstack([TO_MASK, [0, 0, 1]]))[:2]
    line = sole_line(turned, to_mask.astype(np.float32), HEELS, TOES, TRUNK_PX)
    assert pitch_of(line) == pytest.approx(25, abs=1.0)


@pytest.mark.parametrize("angle_deg", [0, 20, 40])
def test_a_foot_cut_off_by_the_regions_edge_has_no_sole(angle_deg):
    turn = cv2.getRotationMatrix2D((128, 128), angle_deg, 1.0)
    to_mask = (np.vstack([turn, [0, 0, 1]]) @ np.vstack([TO_MASK, [0, 0, 1]]))[:2]
    feet = (np.array([[128.0, 250.0]]) - to_mask[:, 2]) @ np.linalg.inv(to_mask[:, :2]).T
    heels = (np.repeat(feet, 2, axis=0) - (50, 0)).astype(np.float32)
    everywhere = mask_of(lambda x, y: 5 + 0 * x)
    line = sole_line(everywhere, to_mask.astype(np.float32), heels, heels + (100, 0), TRUNK_PX)
    assert np.isnan(line).all()


def test_round_or_missing_edges_have_no_sole():
    plate = sole_of(lambda x, y: 44 - np.hypot(x - 130, y - 190))
    assert np.isnan(plate).all()
    assert np.isnan(sole_of(lambda x, y: -1 + 0 * x)).all()
    assert np.isnan(sole_line(mask_of(lambda x, y: shoe(x, y, 0)), TO_MASK, HEELS, TOES, 0.0)).all()
