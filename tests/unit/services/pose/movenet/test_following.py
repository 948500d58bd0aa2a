import cv2
import numpy as np
import pytest
from coco_people import off

from services.pose.movenet.following import Follower
from services.pose.movenet.multipose import MultiPose
from services.pose.movenet.singlepose import SinglePose, Square

EMPTY = np.full((480, 640, 3), 130, np.uint8)


class CountingFinder(MultiPose):
    """Counts the images in which everybody is searched for."""

    searches = 0

    def find(self, image):
        self.searches += 1
        return super().find(image)


class RecordingFollower(SinglePose):
    """Records the squares that it is shown, and what it saw there."""

    def __init__(self, engine, input_px):
        super().__init__(engine, input_px)
        self.seen = []

    def see(self, image, square, mirrored=False):
        points = super().see(image, square, mirrored)
        self.seen.append((square, points))
        return points


@pytest.fixture
def finder(multipose):
    return CountingFinder(multipose)


@pytest.fixture
def single(thunder):
    return RecordingFollower(thunder, 256)


@pytest.fixture
def follower(finder, single):
    return Follower(finder, single)


def test_lifter_is_followed_through_a_lift(follower, side):
    for frame in side[:25]:
        [person] = follower.next(frame.image, frame.time_s)
        assert off(person, frame.joints_px) < 0.2


def test_a_new_person_is_found_at_once_where_nobody_was(follower, side):
    assert follower.next(EMPTY, 0.0) == []
    assert follower.next(EMPTY, 0.1) == []
    [person] = follower.next(side[0].image, 0.2)
    assert off(person, side[0].joints_px) < 0.2


def test_a_second_person_is_found_within_half_a_second(follower, two):
    both = two[0]
    right = max(both.people, key=lambda one: one.joints_px[1, 0])
    split_px = round(float(np.mean([one.joints_px[1, 0] for one in both.people])))
    alone = both.image.copy()
    alone[:, :split_px] = 130
    counts = [len(follower.next(alone, time_s)) for time_s in (0.0, 0.1, 0.2)]
    assert counts == [1, 1, 1]
    for time_s in (0.3, 0.4, 0.5):
        people = follower.next(both.image, time_s)
    assert len(people) == 2
    assert off(people[0], right.joints_px) < 0.2 or off(people[1], right.joints_px) < 0.2


def test_a_person_who_has_gone_is_lost_at_once(follower, side):
    assert len(follower.next(side[0].image, 0.0)) == 1
    assert len(follower.next(side[1].image, 0.1)) == 1
    assert follower.next(EMPTY, 0.2) == []
    assert len(follower.next(side[3].image, 0.3)) == 1


def test_everybody_is_searched_for_twice_a_second(follower, finder, side):
    searches = []
    for number, frame in enumerate(side[:32]):  # at 20 fps
        follower.next(frame.image, number / 20)
        searches.append(finder.searches)
    assert searches[0] == searches[9] == 1
    assert searches[11] == searches[19] == 2
    assert searches[-1] <= 4


@pytest.mark.parametrize(("gap_s", "searches"), [(0.24, 1), (0.27, 2)])
def test_a_gap_between_images_starts_anew(follower, finder, side, gap_s, searches):
    for time_s in (0.0, 0.1, 0.1 + gap_s):
        [person] = follower.next(side[0].image, time_s)
    assert finder.searches == searches
    assert off(person, side[0].joints_px) < 0.2


def test_a_collapsing_skeleton_does_not_draw_the_square_along(follower, single, side):
    image = side[20].image
    small = cv2.GaussianBlur(image, (0, 0), 80)
    small[60:420, 80:560] = cv2.resize(image, (480, 360), interpolation=cv2.INTER_AREA)
    follower.next(image, 0.0)
    single.seen.clear()
    follower.next(small, 0.1)
    [(before, collapsed)] = single.seen
    follower.next(small, 0.2)
    after, _ = single.seen[1]
    assert Square.around(collapsed, small).side_px < before.side_px / 1.3
    assert after.side_px == pytest.approx(before.side_px / 1.1)


def test_two_skeletons_of_one_person_are_one(follower, single, side):
    """One person leaves and the other moves between both places: both squares show the latter."""
    room = cv2.GaussianBlur(side[20].image, (0, 0), 80)
    lifter = side[20].image[:, 220:420]
    both, one = room.copy(), room.copy()
    both[:, 40:240], both[:, 240:440] = lifter, lifter
    one[:, 160:360] = lifter
    assert len(follower.next(both, 0.0)) == 2
    single.seen.clear()
    [person] = follower.next(one, 0.1)
    true_px = side[20].joints_px - (220 - 160, 0)
    assert [off(points, true_px) < 0.2 for _, points in single.seen[:2]] == [True, True]
    assert off(person, true_px) < 0.2


def test_what_was_seen_before_a_gap_has_no_influence(multipose, thunder, side, front):
    def seen(*images):
        follower = Follower(MultiPose(multipose), SinglePose(thunder, 256))
        people = [follower.next(image, time_s) for image, time_s in images]
        return people[-2:]

    after = [(side[0].image, 3.0), (side[1].image, 3.1)]
    fresh, used = seen(*after), seen((front[0].image, 0.0), (front[1].image, 0.1), *after)
    for one, other in zip(fresh, used, strict=True):
        np.testing.assert_array_equal(one[0].xy_px, other[0].xy_px)
        np.testing.assert_array_equal(one[0].score, other[0].score)
