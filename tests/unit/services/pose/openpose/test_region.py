"""Searching only around the people of the previous frame."""

import numpy as np
import pattern
from pattern import LEFT, RIGHT, max_error_px, people_in

from services.pose.openpose.backend import OpenPose
from services.pose.openpose.layouts import MPI
from services.pose.openpose.region import FollowingOpenPose, crop_boxes
from shared.data.pose_options import PoseOptions

OPTIONS = PoseOptions(height_px=256)


def test_following_sees_the_same_in_smaller_crops(network):
    images = [pattern.paint([LEFT + (180 + 2 * n, 0)], (520, 256)) for n in range(4)]
    whole = people_in(OpenPose(network, MPI, OPTIONS), *images)
    network.shown.clear()
    around = people_in(FollowingOpenPose(network, MPI, OPTIONS), *images)
    assert network.shown[0] == (256, 520)
    assert all(width < 280 for _, width in network.shown[1:])
    for n, ([one], [other]) in enumerate(zip(whole, around, strict=True)):
        assert max_error_px([other], LEFT + (180 + 2 * n, 0)) < 4
        np.testing.assert_allclose(one.xy_px, other.xy_px, atol=0.5)


def test_newcomers_are_found_and_lost_people_are_searched_everywhere(network):
    alone = pattern.paint([LEFT], (420, 256))
    both = pattern.paint([LEFT, RIGHT + (60, 0)], (420, 256))
    away = pattern.paint([RIGHT + (60, 0)], (420, 256))
    answers = people_in(FollowingOpenPose(network, MPI, OPTIONS), alone, *[both] * 8, away)
    assert [len(people) for people in answers] == [1] * 8 + [2, 1]
    assert max_error_px(answers[9], RIGHT + (60, 0)) < 4


def test_crop_boxes_are_on_the_grid_and_apart():
    boxes = [(10, 10, 60, 200), (40, 20, 100, 190), (400, 5, 430, 90)]
    parts = crop_boxes([np.array(box, np.float32) for box in boxes], 656, 368)
    assert len(parts) == 2  # the first two are over each other
    for left, top, right, bottom in parts:
        assert 0 <= left < right <= 656
        assert 0 <= top < bottom <= 368
        assert all(side % 8 == 0 for side in (left, top, right, bottom))
    for box in boxes:  # everybody is in one, with room where there is any
        assert any(
            left <= max(0, box[0] - 36) and box[2] + 36 <= right
            and top <= max(0, box[1] - 36) and box[3] + 36 <= bottom
            for left, top, right, bottom in parts
        )  # fmt: skip
