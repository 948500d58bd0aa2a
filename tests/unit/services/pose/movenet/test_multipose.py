import cv2
import numpy as np
import pytest
from coco_people import off

#: The part of the scenes with the lifter in it, in columns.
LEFT, RIGHT = 220, 440


def test_lifter_is_found_in_a_landscape(finder, side):
    for frame in side[:21:10]:
        [person] = finder.find(frame.image)
        assert off(person, frame.joints_px) < 0.15


def test_lifter_is_found_in_a_portrait(finder, side):
    [person] = finder.find(side[0].image[:, LEFT:RIGHT])
    assert off(person, side[0].joints_px - (LEFT, 0)) < 0.15


@pytest.mark.parametrize(
    ("height", "width", "top", "left"), [(480, 1280, 0, 320), (900, 640, 300, 0)]
)
def test_lifter_is_found_between_black_bars(finder, side, height, width, top, left):
    image = np.zeros((height, width, 3), np.uint8)
    image[top : top + 480, left : left + 640] = side[0].image
    [person] = finder.find(image)
    [alone] = finder.find(side[0].image)
    np.testing.assert_allclose(person.xy_px - (left, top), alone.xy_px, atol=1e-2)


@pytest.mark.parametrize("scale", [0.3, 0.25])
def test_small_people_are_looked_at_more_closely(finder, side, scale):
    image = cv2.GaussianBlur(side[0].image, (0, 0), 80)
    small = cv2.resize(
        side[0].image[:, LEFT:RIGHT], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
    )
    image[200 : 200 + small.shape[0], 100 : 100 + small.shape[1]] = small
    person = finder.find(image)[0]
    assert off(person, (side[0].joints_px - (LEFT, 0)) * scale + (100, 200)) < 0.3
    assert person.body_score > 0.4  # at 256 px on the longer side it is 0.34


def test_everybody_is_found(finder, crowd):
    frame = crowd[0]
    people = finder.find(frame.image)
    assert len(people) == len(frame.people) == 3
    for truth in frame.people:
        assert min(off(person, truth.joints_px) for person in people) < 0.3


def test_nobody_is_found_in_an_empty_image(finder):
    assert finder.find(np.full((480, 640, 3), 100, np.uint8)) == []
    assert finder.find(np.zeros((480, 640, 3), np.uint8)) == []
