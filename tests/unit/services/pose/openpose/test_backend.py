"""What OpenPose's backends share, on a network that finds painted figures."""

import cv2
import numpy as np
import pattern
import pytest
from pattern import LEFT, RIGHT, max_error_px, people_in

from services.pose.openpose.backend import OpenPose, view_of
from services.pose.openpose.layouts import MPI
from shared.data.pose_options import PoseOptions

OPTIONS = PoseOptions(height_px=256)


@pytest.mark.parametrize(
    ("size", "height", "shape"),
    [
        ((640, 480), 368, (368, 496)),  # 490.7 wide, padded to cells
        ((480, 640), 368, (368, 280)),  # portrait
        ((100, 92), 184, (184, 200)),  # enlarged
        ((4000, 400), 368, (96, 920)),  # a panorama is shrunk further
    ],
)
def test_views_keep_the_images_aspect(size, height, shape):
    view = view_of(np.zeros((*size[::-1], 3), np.uint8), height)
    assert view.pixels.shape == (*shape, 3)
    assert view.scale[0] == pytest.approx(view.scale[1], rel=0.02)
    first, last = view.to_image(np.array([(-0.5, -0.5), (shape[1] / 8 - 0.5, shape[0] / 8 - 0.5)]))
    assert first.tolist() == [0, 0]  # corners of the maps are corners of the picture
    assert (last > np.array(size) - 0.01).all()  # but for the padding
    assert (last < np.array(size) + 8 * view.scale).all()


def test_people_are_in_pixels_of_images_of_any_size(network):
    small = pattern.paint([LEFT, RIGHT], (340, 256))
    large = cv2.resize(small, None, fx=2.5, fy=2.5, interpolation=cv2.INTER_CUBIC)
    answers = people_in(OpenPose(network, MPI, OPTIONS), small, large, small)
    assert [len(people) for people in answers] == [2, 2, 2]
    for people, factor in zip(answers, (1, 2.5, 1), strict=True):
        for figure in (LEFT, RIGHT):
            assert max_error_px(people, factor * figure) < 4 * factor
        assert all((person.confidence > 0.5).all() for person in people)
        assert all(np.isnan(person.feet_px).all() for person in people)
    for one, other in zip(answers[0], answers[2], strict=True):
        np.testing.assert_array_equal(one.xy_px, other.xy_px)


def test_a_batch_returns_each_images_people_in_order(network):
    walked = [LEFT + (9 * n, 2 * n) for n in range(5)]
    images = [pattern.paint([figure], (240, 264)) for figure in walked]
    other = pattern.paint([LEFT], (170, 262))  # of another size: it cannot join a batch
    network.batch_size = 3
    answers = people_in(OpenPose(network, MPI, OPTIONS), *images[:4], other, images[4])
    assert network.calls == [3, 1, 1, 1]
    for people, figure in zip(answers, [*walked[:4], LEFT, walked[4]], strict=True):
        assert len(people) == 1
        assert max_error_px(people, figure) < 4
