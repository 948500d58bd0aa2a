import numpy as np
import pytest

from services.pose.movenet.bars import area_without_bars


def picture(height=90, width=160, brightness=120):
    noise = np.random.default_rng(0).integers(-15, 15, (height, width, 3))
    return (brightness + noise).astype(np.uint8)


@pytest.mark.parametrize(
    "area",
    [
        (55, 0, 105, 90),  # a portrait film in a landscape one
        (0, 20, 160, 70),  # a wide film
        (40, 10, 120, 80),  # both
        (0, 0, 100, 90),  # on one side only
    ],
)
def test_bars_are_left_out(area):
    left, top, right, bottom = area
    image = np.random.default_rng(1).integers(0, 20, (90, 160, 3)).astype(np.uint8)
    image[top:bottom, left:right] = picture()[top:bottom, left:right]
    assert area_without_bars(image) == area


def test_a_speck_in_a_bar_is_no_picture():
    image = np.zeros((90, 160, 3), np.uint8)
    image[:, 55:105] = picture()[:, 55:105]
    image[3, 20] = 255  # one row in 90 is below 2 %
    assert area_without_bars(image) == (55, 0, 105, 90)


def test_a_dark_gym_is_no_bar():
    image = picture(brightness=45)
    image[:, 100:] = picture()[:, 100:]
    assert area_without_bars(image) == (0, 0, 160, 90)


def test_one_bright_channel_is_a_picture():
    image = np.zeros((90, 160, 3), np.uint8)
    image[..., 0] = 60
    assert area_without_bars(image) == (0, 0, 160, 90)


def test_a_black_image_is_kept_whole():
    assert area_without_bars(np.zeros((90, 160, 3), np.uint8)) == (0, 0, 160, 90)
