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


def ellipse(plate):
    return np.array([plate.x_px, plate.y_px, plate.half_width_px, plate.half_height_px])


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
def test_a_plate_is_found_with_its_position_and_size(place, turn_deg, grey):
    found = find_plates(picture(place, grey=grey), [lifter_at((330, 290), turn_deg=turn_deg)])
    assert np.abs(ellipse(found[0]) - place).max() <= 1.5
    assert found[0].confidence > 0.9


@pytest.mark.parametrize("factor", [0.5, 1, 2])
def test_plates_scale_with_the_image(factor):
    image = cv2.resize(picture((320, 300, 43, 43)), None, fx=factor, fy=factor)
    someone = lifter_at((330, 290))
    found = find_plates(image, [replace(someone, xy_px=someone.xy_px * factor)])
    assert np.abs(ellipse(found[0]) / factor - (320, 300, 43, 43)).max() <= 2


def test_the_rim_is_the_outermost_ring():
    image = picture((320, 300, 43, 43))
    for radius, grey in ((30, 120), (14, 230)):  # letters' ring, and a bright hub
        cv2.circle(image, (320, 300), radius, (grey,) * 3, -1, cv2.LINE_AA)
    found = find_plates(image, [lifter_at((330, 290))])
    assert abs(found[0].half_height_px - 43) <= 1.5


def test_half_a_rim_is_enough_and_less_is_not():
    for hidden_fraction, expected in ((0.35, 1), (0.7, 0)):
        image = picture((320, 300, 43, 43))
        edge = round(300 + 45 - 90 * hidden_fraction)
        image[edge:, :] = 130
        image[edge:, ::7] = 90  # bars of a rack before it
        found = find_plates(image, [lifter_at((330, 290))])
        sized = [plate for plate in found if abs(plate.half_height_px - 43) < 5]
        assert len(sized) >= expected
        if not expected:
            assert not sized


@pytest.mark.parametrize("seed", range(5))
def test_noise_and_straight_lines_have_no_confident_plates(seed):
    rng = np.random.default_rng(seed)
    image = rng.integers(90, 130, (480, 640, 3), np.uint8)
    for _ in range(12):
        ends = rng.integers(0, 480, (2, 2))
        cv2.line(image, ends[0].tolist(), ends[1].tolist(), (30, 30, 30), 6)
    found = find_plates(image, [lifter_at((330, 290))])
    assert all(plate.confidence <= 0.7 for plate in found)
    assert all(plate.half_height_px <= 22 for plate in found)  # nor large ones at all


@pytest.mark.parametrize(
    "someone",
    [
        lifter_at((330, 290), turn_deg=80.0),  # the front: plates are bars there
        lifter_at((np.nan, np.nan)),
        lifter_at((330, 290), trunk_length_px=0.0),
        lifter_at((5000, 290)),  # out of the picture
    ],
)
def test_without_usable_hands_or_view_there_are_no_plates(someone):
    assert find_plates(picture((320, 300, 43, 43)), [someone]) == ()


def test_without_people_there_are_no_plates():
    assert find_plates(picture((320, 300, 43, 43)), []) == ()


@pytest.mark.parametrize("view", ["side", "oblique"])
def test_plates_of_a_rendered_bar_are_found(view):
    lift = Lift(reps=1, fps=6, width_px=640, height_px=480, view=view)
    off, sizes = [], []
    for frame, poses, true in zip(render(lift), render_poses(lift), truth(lift), strict=True):
        found = find_plates(frame.image, poses.people)
        x_px, y_px, _, half_height_px = true.lifter.plate_px[:4]
        away = [np.hypot(plate.x_px - x_px, plate.y_px - y_px) for plate in found]
        off.append(min(away, default=99.0))
        if off[-1] < 4:
            sizes.append(found[int(np.argmin(away))].half_height_px / half_height_px)
    assert np.mean(np.array(off) < 4) >= 0.8
    assert np.median(sizes) == pytest.approx(1, abs=0.05)
