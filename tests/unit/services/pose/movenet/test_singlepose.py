import numpy as np
import pytest
from coco_people import off, standing, with_scores

from services.pose.movenet.points import HIPS, R_ANKLE, SHOULDERS
from services.pose.movenet.singlepose import SinglePose, Square

GREY = np.full((300, 400, 3), 90, np.uint8)


def centre(square):
    return square.x_px + square.side_px / 2, square.y_px + square.side_px / 2


def test_square_reaches_beyond_the_trunk():
    """1.9 extents of the trunk, where that is more than 1.2 of the body."""
    trunk = with_scores(standing(score=0.1), HIPS + SHOULDERS, 0.8)  # nothing else is seen
    square = Square.around(trunk, GREY)
    assert square.side_px == pytest.approx(2 * 1.9 * 50)
    assert centre(square) == pytest.approx((100, 100))


def test_square_reaches_beyond_the_body():
    square = Square.around(standing(right_ankle=(-8, 90)), GREY)
    assert square.side_px == pytest.approx(2 * 1.2 * 90)
    assert centre(square) == pytest.approx((100, 100))


def test_points_that_are_not_seen_do_not_widen_the_square():
    person = with_scores(standing(right_ankle=(0, 300)), [R_ANKLE], 0.2)
    assert Square.around(person, GREY) == Square.around(standing(), GREY)


@pytest.mark.parametrize("joints", [HIPS, SHOULDERS])
def test_whole_image_is_searched_without_hips_or_shoulders(joints):
    person = with_scores(standing(), joints, 0.2)
    assert Square.around(person, GREY) == Square(0, -50, 400)
    one_seen = with_scores(person, joints[:1], 0.21)
    assert centre(Square.around(one_seen, GREY)) == pytest.approx((100, 100))


def test_whole_image_is_searched_without_its_bars():
    image = np.zeros((90, 160, 3), np.uint8)
    image[:, 55:105] = 120
    assert Square.of_image(image) == Square(35, 0, 90)


@pytest.mark.parametrize(
    ("side_px", "becomes_px"),
    [(100, 100), (108, 108), (93, 93), (300, 110), (20, 100 / 1.1)],
)
def test_side_changes_little_from_image_to_image(side_px, becomes_px):
    before = Square(0, 0, 100)
    now = Square(200 - side_px / 2, 150 - side_px / 2, side_px)
    after = now.after(before)
    assert after.side_px == pytest.approx(becomes_px)
    assert centre(after) == pytest.approx((200, 150))
    assert now.after(None) == now


def test_whole_pixels_are_the_nearest():
    assert Square(10.4, -3.6, 99.7).on_pixels() == Square(10, -4, 100)
    assert Square(5.0, 5.0, 0.1).on_pixels() == Square(5, 5, 1)


@pytest.mark.parametrize(
    ("square", "rows", "columns"),
    [
        (Square(-10, -20, 64), slice(20, 64), slice(10, 64)),
        (Square(370, 280, 64), slice(0, 20), slice(0, 30)),
        (Square(-100, -150, 600), slice(150, 450), slice(100, 500)),
        (Square(-80, 0, 64), slice(0), slice(0)),  # beyond the image altogether
        (Square(500, 400, 64), slice(0), slice(0)),
    ],
)
def test_outside_of_the_image_is_black(square, rows, columns):
    expected = np.zeros((square.side_px, square.side_px, 3), np.uint8)
    expected[rows, columns] = 90
    np.testing.assert_array_equal(square.crop(GREY, square.side_px), expected)


def test_a_larger_square_is_averaged():
    stripes = np.zeros((16, 16, 3), np.uint8)
    stripes[:, ::4] = stripes[:, 3::4] = 200  # the two middle ones of each four are black
    assert Square(0, 0, 16).crop(stripes, 4) == pytest.approx(np.full((4, 4, 3), 100))


def test_a_smaller_square_is_interpolated():
    edge = np.zeros((8, 8, 3), np.uint8)
    edge[:, 4:] = 200
    row = Square(0, 0, 8).crop(edge, 32)[0, :, 0].astype(int)
    assert (np.diff(row) >= 0).all()
    assert len(np.unique(row)) > 4


def test_lifter_is_seen_where_rendered(single, side):
    frame = side[20]
    square = Square.around(single.see(frame.image, Square.of_image(frame.image)), frame.image)
    assert square.side_px < 480
    assert off(single.see(frame.image, square), frame.joints_px) < 0.15


def test_points_move_with_the_image(single, side):
    image = side[0].image
    wider = np.full((600, 900, 3), 90, np.uint8)
    wider[70:550, 130:770] = image
    here = single.see(image, Square(160.0, 120.0, 320.0))
    there = single.see(wider, Square(290.2, 189.9, 320.0))  # half a pixel is not looked at
    np.testing.assert_allclose(there.xy_px - here.xy_px, np.tile([130, 70], (17, 1)), atol=1e-3)
    np.testing.assert_array_equal(there.score, here.score)


def test_a_mirrored_look_sees_the_same_person(thunder, side):
    frame = side[0]
    single = SinglePose(thunder, 256)
    first = single.see(frame.image, Square.of_image(frame.image))
    square = Square.around(first, frame.image)
    plain, mirrored = (single.see(frame.image, square, mirrored=m) for m in (False, True))
    assert plain.distance(mirrored) < 0.03
    assert (plain.xy_px != mirrored.xy_px).any()
