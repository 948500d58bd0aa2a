from dataclasses import replace

import cv2
import numpy as np
import pytest
from builders import person

from services.pose.plates.find import find_plates
from shared.data.skeleton import L_HIP, L_WRIST, NECK, R_HIP, R_WRIST
from synthetic import Lift, render, render_poses, truth


def lifter_at(hands_px, trunk_length_px=100.0, turn_deg=0.0):
    """A person with the hands at a place and a trunk of a length."""
    someone = person()
    xy = np.full_like(someone.xy_px, np.nan)
    xy[[L_WRIST, R_WRIST]] = hands_px
    xy[[L_HIP, R_HIP]] = np.add(hands_px, (-40, -60))
    xy[NECK] = np.add(hands_px, (-40, -60 - trunk_length_px))
    return replace(someone, xy_px=xy, turn_deg=turn_deg)


def picture(*ellipses, ground=130, grey=60, shape=(480, 640)):
    image = np.full((*shape, 3), ground, np.uint8)
    for x, y, wide, high in ellipses:
        cv2.ellipse(image, (x, y), (wide, high), 0, 0, 360, (grey,) * 3, -1, cv2.LINE_AA)
    return image


@pytest.mark.parametrize("grey", [60, 100, 180])
@pytest.mark.parametrize(
    ("place", "turn_deg"),
    [
        ((320, 300, 43, 43), 0.0),  # as large as bumpers are
        ((360, 320, 20, 20), 0.0),  # iron plates, beside the hands
        ((330, 300, 37, 43), 30.0),  # an upright ellipse, seen at an angle
    ],
)
def test_a_plate_is_where_it_is(place, turn_deg, grey):
    found = find_plates(picture(place, grey=grey), [lifter_at((330, 290), turn_deg=turn_deg)])
    assert np.abs(found[0, :4] - place).max() <= 1.5
    assert found[0, 4] > 0.9


@pytest.mark.parametrize("factor", [0.5, 1, 2])
def test_the_pictures_size_makes_no_difference(factor):
    image = cv2.resize(picture((320, 300, 43, 43)), None, fx=factor, fy=factor)
    someone = lifter_at((330, 290))
    found = find_plates(image, [replace(someone, xy_px=someone.xy_px * factor)])
    assert np.abs(found[0, :4] / factor - (320, 300, 43, 43)).max() <= 2


def test_the_rim_is_the_outermost_ring():
    image = picture((320, 300, 43, 43))
    for radius, grey in ((30, 120), (14, 230)):  # letters' ring, and a bright hub
        cv2.circle(image, (320, 300), radius, (grey,) * 3, -1, cv2.LINE_AA)
    found = find_plates(image, [lifter_at((330, 290))])
    assert abs(found[0, 3] - 43) <= 1.5


def test_half_a_rim_is_enough_and_less_is_not():
    for hidden_share, expected in ((0.35, 1), (0.7, 0)):
        image = picture((320, 300, 43, 43))
        edge = round(300 + 45 - 90 * hidden_share)
        image[edge:, :] = 130
        image[edge:, ::7] = 90  # bars of a rack before it
        found = find_plates(image, [lifter_at((330, 290))])
        sized = [plate for plate in found if abs(plate[3] - 43) < 5]
        assert len(sized) >= expected
        if not expected:
            assert not sized


@pytest.mark.parametrize("seed", range(5))
def test_noise_and_straight_lines_have_no_sure_plates(seed):
    rng = np.random.default_rng(seed)
    image = rng.integers(90, 130, (480, 640, 3), np.uint8)
    for _ in range(12):
        ends = rng.integers(0, 480, (2, 2))
        cv2.line(image, ends[0].tolist(), ends[1].tolist(), (30, 30, 30), 6)
    found = find_plates(image, [lifter_at((330, 290))])
    assert not (found[:, 4] > 0.7).any()
    assert not (found[:, 3] > 22).any()  # nor large ones at all


@pytest.mark.parametrize(
    "someone",
    [
        lifter_at((330, 290), turn_deg=80.0),  # the front: plates are bars there
        lifter_at((np.nan, np.nan)),
        lifter_at((330, 290), trunk_length_px=0.0),
        lifter_at((5000, 290)),  # out of the picture
    ],
)
def test_where_no_plate_can_be_told_none_is(someone):
    assert find_plates(picture((320, 300, 43, 43)), [someone]).shape == (0, 5)


def test_nobody_has_no_plates():
    assert find_plates(picture((320, 300, 43, 43)), []).shape == (0, 5)


@pytest.mark.parametrize("view", ["side", "oblique"])
def test_a_rendered_bars_plate_is_followed(view):
    lift = Lift(reps=1, fps=6, width_px=640, height_px=480, view=view)
    off, sizes = [], []
    for frame, poses, true in zip(render(lift), render_poses(lift), truth(lift), strict=True):
        found = find_plates(frame.image, poses.people)
        plate = true.lifter.plate_px
        away = np.linalg.norm(found[:, :2] - plate[:2], axis=1) if len(found) else np.array([99.0])
        off.append(away.min())
        if away.min() < 4:
            sizes.append(found[away.argmin(), 3] / plate[3])
    assert np.mean(np.array(off) < 4) >= 0.8
    assert np.median(sizes) == pytest.approx(1, abs=0.05)
