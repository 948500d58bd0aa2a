"""What backends of OpenPose's kind share, on a network that finds painted figures."""

import cv2
import numpy as np
import pattern
import pytest

from services.pose import engines
from services.pose.backends import TimedImage
from services.pose.openpose.backend import OpenPose, classify_view
from services.pose.openpose.layouts import MPI
from services.pose.openpose.mpi import PICTURES, CaffeNetwork
from services.pose.openpose.network import network_file
from services.pose.openpose.original import OriginalOpenPose
from services.pose.openpose.region import FollowingOpenPose, parts_of
from shared.data.pose_options import PoseOptions
from shared.data.skeleton import HEAD

LOW = PoseOptions(height_px=256)
LEFT, RIGHT = pattern.FIGURE + (4, 6), pattern.FIGURE + (190, 4)


class Counting(CaffeNetwork):
    """Remembers the sizes of what it was shown."""

    def __init__(self, engine):
        super().__init__(engine)
        self.shown, self.calls = [], []

    def stages(self, pictures):
        self.shown += [picture.shape[:2] for picture in pictures]
        self.calls.append(len(pictures))
        return super().stages(pictures)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    weights = pattern.write(tmp_path_factory.mktemp("weights") / "painted.caffemodel", stages=2)
    return engines.load(network_file(weights, "mpi", 2), 1, PICTURES)


@pytest.fixture
def network(engine):
    return Counting(engine)


def found(backend, *images):
    return list(backend.people(TimedImage(image, n / 10) for n, image in enumerate(images)))


def off(people, figure):
    """Largest distance of the nearest person's joints from a figure's."""
    return min(float(np.abs(person.xy_px - figure).max()) for person in people)


@pytest.mark.parametrize(
    ("size", "height", "shape"),
    [
        ((640, 480), 368, (368, 496)),  # 490.7 wide, padded to cells
        ((480, 640), 368, (368, 280)),  # portrait
        ((100, 92), 184, (184, 200)),  # enlarged
        ((4000, 400), 368, (96, 920)),  # a panorama is shrunk further
    ],
)
def test_the_aspect_is_kept(size, height, shape):
    view = classify_view(np.zeros((*size[::-1], 3), np.uint8), height)
    assert view.pixels.shape == (*shape, 3)
    assert view.scale[0] == pytest.approx(view.scale[1], rel=0.02)
    first, last = view.in_picture(
        np.array([(-0.5, -0.5), (shape[1] / 8 - 0.5, shape[0] / 8 - 0.5)])
    )
    assert first.tolist() == [0, 0]  # corners of the maps are corners of the picture
    assert (last > np.array(size) - 0.01).all()  # but for the padding
    assert (last < np.array(size) + 8 * view.scale).all()


def test_pictures_of_any_size_give_their_people_in_their_own_pixels(network):
    small = pattern.paint([LEFT, RIGHT], (340, 256))
    large = cv2.resize(small, None, fx=2.5, fy=2.5, interpolation=cv2.INTER_CUBIC)
    answers = found(OpenPose(network, MPI, LOW), small, large, small)
    assert [len(people) for people in answers] == [2, 2, 2]
    for people, factor in zip(answers, (1, 2.5, 1), strict=True):
        for figure in (LEFT, RIGHT):
            assert off(people, factor * figure) < 4 * factor
        assert all((person.confidence > 0.5).all() for person in people)
        assert all(np.isnan(person.feet_px).all() for person in people)
    for one, other in zip(answers[0], answers[2], strict=True):
        np.testing.assert_array_equal(one.xy_px, other.xy_px)


def test_a_batch_gives_each_picture_its_own_people_in_order(network):
    walked = [LEFT + (9 * n, 2 * n) for n in range(5)]
    images = [pattern.paint([figure], (240, 264)) for figure in walked]
    other = pattern.paint([LEFT], (170, 262))  # of another size: it cannot join a batch
    network.batch = 3
    answers = found(OpenPose(network, MPI, LOW), *images[:4], other, images[4])
    assert network.calls == [3, 1, 1, 1]
    for people, figure in zip(answers, [*walked[:4], LEFT, walked[4]], strict=True):
        assert len(people) == 1
        assert off(people, figure) < 4


def test_around_the_people_of_before_the_same_is_seen_for_less(network):
    images = [pattern.paint([LEFT + (180 + 2 * n, 0)], (520, 256)) for n in range(4)]
    whole = found(OpenPose(network, MPI, LOW), *images)
    network.shown.clear()
    around = found(FollowingOpenPose(network, MPI, LOW), *images)
    assert network.shown[0] == (256, 520)
    assert all(width < 280 for _, width in network.shown[1:])
    for n, ([one], [other]) in enumerate(zip(whole, around, strict=True)):
        assert off([other], LEFT + (180 + 2 * n, 0)) < 4
        np.testing.assert_allclose(one.xy_px, other.xy_px, atol=0.5)


def test_who_comes_is_noticed_and_who_is_lost_is_looked_for_everywhere(network):
    alone = pattern.paint([LEFT], (420, 256))
    both = pattern.paint([LEFT, RIGHT + (60, 0)], (420, 256))
    away = pattern.paint([RIGHT + (60, 0)], (420, 256))
    answers = found(FollowingOpenPose(network, MPI, LOW), alone, *[both] * 8, away)
    assert [len(people) for people in answers] == [1] * 8 + [2, 1]
    assert off(answers[9], RIGHT + (60, 0)) < 4


def test_parts_lie_in_the_picture_on_its_grid_and_apart():
    boxes = [(10, 10, 60, 200), (40, 20, 100, 190), (400, 5, 430, 90)]
    parts = parts_of([np.array(box, np.float32) for box in boxes], 656, 368)
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


def test_the_originals_way_squashes_and_takes_the_highest_of_all(network):
    image = pattern.paint([LEFT], (170, 262))
    backend = OriginalOpenPose(network)
    [[person]] = found(backend, image)
    assert network.shown == [(368, 368)]
    cells = person.xy_px / np.array([170, 262]) * 46
    np.testing.assert_allclose(cells, np.rint(cells), atol=1e-3)
    assert (np.abs(person.xy_px - LEFT) < 1.2 * np.array([170, 262]) / 46).all()
    [[mixed]] = found(backend, pattern.paint([LEFT, RIGHT], (340, 256)))  # one, whoever it is
    assert mixed.xy_px.shape == (15, 2)


def test_in_the_originals_way_a_low_map_is_an_unseen_joint(network):
    image = pattern.paint([LEFT], (170, 262))
    cv2.circle(image, tuple(map(int, LEFT[HEAD])), 14, (0, 0, 0), -1)
    [[person]] = found(OriginalOpenPose(network), image)
    assert np.isnan(person.xy_px[HEAD]).all()
    assert person.confidence[HEAD] == 0
    assert (person.confidence[1:] > 0.1).all()
    assert found(OriginalOpenPose(network), np.zeros_like(image)) == [()]
