"""Who lifted in the sets of a recording: clothes in pictures, and the letters."""

import numpy as np
import pytest

from services.writer.clothes import PARTS, clothes_distance, clothes_in
from services.writer.lifters import Looks, name_lifters
from synthetic import Lift, render_poses

#: Joints of somebody who stands upright.
XY = render_poses(Lift(fps=1, width_px=320, height_px=240, exercise="standing"))[0].people[0].xy_px
NOTHING = clothes_in([])

#: Colours of clothes, BGR.
RED, BLUE, BLACK = (40, 40, 190), (180, 70, 40), (25, 25, 25)


def picture(shirt, trousers, light=1.0):
    """A shirt above the hips and trousers below, with the grain of a sensor."""
    image = np.empty((240, 320, 3), np.float64)
    hips = int(XY[[8, 11], 1].mean())
    image[:hips], image[hips:] = shirt, trousers
    image += np.random.default_rng(0).normal(0, 4, image.shape)
    return np.clip(image * light, 0, 255).astype(np.uint8), XY


def looks(*given, trunk_px=100.0, **more):
    return Looks(clothes_in([picture(*given, **more)] * 3), trunk_px)


NOBODY = Looks(NOTHING, np.nan)


@pytest.mark.parametrize(
    ("seen", "names"),
    [
        ([looks(RED, BLACK), looks(BLUE, BLACK), looks(RED, BLACK)], ["A", "B", "A"]),
        ([looks(RED, BLACK), looks(RED, BLUE)], ["A", "B"]),  # the same shirt, other trousers
        ([looks(RED, BLACK), looks(RED, BLACK, light=1.1)], ["A", "A"]),  # in another light
        ([looks(RED, BLACK), looks(RED, BLACK, trunk_px=140.0)], ["A", "B"]),  # twins are alike
        ([looks(RED, BLACK), NOBODY, looks(RED, BLACK)], ["A", "", "A"]),
        ([], []),
    ],
)
def test_lifters_are_told_apart_by_clothes_and_build(seen, names):
    assert name_lifters(seen) == names


def test_part_that_is_not_seen_does_not_count():
    hidden = XY.copy()
    hidden[[9, 10, 12, 13]] = np.nan  # knees and ankles
    image, _ = picture(RED, BLACK)
    part = clothes_in([(image, hidden)] * 3)
    known = np.isfinite(part).reshape(PARTS, -1).all(1)
    assert known.tolist() == [True, False, False, True]
    assert clothes_distance(part, clothes_in([picture(RED, BLACK)] * 3)) < 0.01
    assert np.isnan(clothes_distance(part, NOTHING))
