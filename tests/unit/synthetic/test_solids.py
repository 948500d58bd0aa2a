"""Cones and discs, and the canvas that they are drawn on."""

import numpy as np
import pytest

from synthetic.canvas import Canvas
from synthetic.solids import NOWHERE, Cone, Disc


@pytest.mark.parametrize(
    ("start", "end", "radii"),
    [
        ((20, 20, 0), (44, 40, 15), (8, 5)),  # leaning towards us
        ((20, 20, 0), (44, 40, -30), (5, 9)),  # away
        ((30, 30, 0), (31, 30, 20), (9, 4)),  # seen from its end
    ],
)
def test_cone_is_the_hull_of_the_balls_between_its_ends(start, end, radii):
    start, end = np.array(start, float), np.array(end, float)
    x, y = np.arange(64, dtype=np.float32)[None], np.arange(64, dtype=np.float32)[:, None]
    depth, normal, cover = Cone(start, end, radii, (1, 2, 3)).surface(x, y)

    expected = np.full(depth.shape, -np.inf)
    for t in np.linspace(0, 1, 400):
        middle, radius = start + t * (end - start), radii[0] + t * (radii[1] - radii[0])
        high = radius**2 - (x - middle[0]) ** 2 - (y - middle[1]) ** 2
        here = np.where(high >= 0, middle[2] + np.sqrt(np.maximum(high, 0)), -np.inf)
        expected = np.maximum(expected, here)
    inside = cover == 1
    np.testing.assert_allclose(depth[inside], expected[inside], atol=0.1)
    assert not np.isfinite(expected[cover == 0]).any()
    assert (depth[cover == 0] == NOWHERE).all()
    np.testing.assert_allclose(np.linalg.norm(normal[:, inside], axis=0), 1, atol=1e-3)


def test_nearer_solid_hides_the_farther_in_any_order():
    def ball(z, colour):
        return Cone(np.array([16.0, 16, z]), np.array([16.0, 16, z]), (8, 8), colour, 0.0)

    near, far = ball(10, (0, 0, 200)), ball(-10, (200, 0, 0))
    plate = Disc(np.array([16.0, 16, -40]), np.array([0, 0, 1.0]), 12, 2, ((1.0, (0, 200, 0)),))
    for order in ((near, far), (far, near)):
        canvas = Canvas(np.zeros((32, 32, 3), np.uint8))
        for cone in order:
            canvas.cones([cone])
        canvas.disc(plate)
        blue, green, red = canvas.image[16, 16]
        assert red > 100
        assert blue == green == 0
        assert canvas.image[16, 6, 1] > 50  # the plate, beside the balls
        assert canvas.depth_at(np.array([16, 16])) == pytest.approx(18, abs=0.1)
        assert canvas.depth_at(np.array([99, 16])) == NOWHERE
