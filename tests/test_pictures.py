"""Who is found in real images and clips, which lie beside the checkout if their use is allowed."""

import cv2
import numpy as np
import pytest

from services.pose.backends import TimedImage, load_backend
from shared.data.pose_options import PoseOptions
from shared.data.skeleton import NECK
from shared.media.source import open_source

pytestmark = pytest.mark.clips

#: The original's training images; each shows one lifter.
LIFTS = [f"good/{n}.jpg" for n in range(1, 7)] + [f"bad/{n}.jpg" for n in range(1, 6)]

#: The lifters' necks, as fractions of width and height (checked by eye).
NECKS = {
    "good/1.jpg": (0.6, 0.23), "good/2.jpg": (0.37, 0.25), "good/3.jpg": (0.47, 0.21),
    "good/4.jpg": (0.38, 0.33), "good/5.jpg": (0.53, 0.18), "good/6.jpg": (0.49, 0.23),
    "bad/1.jpg": (0.5, 0.17), "bad/2.jpg": (0.5, 0.35), "bad/3.jpg": (0.37, 0.3),
    "bad/4.jpg": (0.44, 0.26), "bad/5.jpg": (0.59, 0.18),
}  # fmt: skip


@pytest.fixture(scope="module")
def backend():
    return load_backend("openpose-mobilenet")


@pytest.fixture(scope="module")
def pictures(clips):
    return clips.parent / "postures" / "sravb"


def seen(backend, path):
    image = cv2.imread(str(path))
    [people] = backend.people([TimedImage(image, 0.0)])
    return image, people


@pytest.mark.parametrize(("name", "number"), [("multiple.jpeg", 4), ("single.jpeg", 1)])
def test_everyone_in_an_image_is_one_person(backend, pictures, name, number):
    image, people = seen(backend, pictures / name)
    assert len(people) == number
    middles = sorted(float(np.nanmean(person.xy_px[:, 0])) / image.shape[1] for person in people)
    assert (np.diff(middles) > 0.15).all()  # side by side
    for person in people:
        assert (person.confidence > 0).sum() >= 12
        width = np.nanmax(person.xy_px[:, 0]) - np.nanmin(person.xy_px[:, 0])
        assert width < 0.35 * image.shape[1]  # no limb reaches over to the next one


@pytest.mark.parametrize("name", LIFTS)
def test_each_lift_has_its_lifter(backend, pictures, name):
    """Some images have false detections in the racks, of lower confidence than the lifter."""
    image, people = seen(backend, pictures / name)
    lifter = people[0]
    neck = lifter.xy_px[NECK] / image.shape[1::-1]
    assert np.abs(neck - NECKS[name]).max() < 0.06
    assert (lifter.confidence > 0).sum() >= 7


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [PoseOptions(), pytest.param(PoseOptions(region=True), marks=pytest.mark.thorough)],
    ids=str,
)
def test_bystanders_stay_apart_from_the_lifter(clips, options):
    """The lifter's neck stays in one strip of the image; somebody walks past right beside it."""
    backend = load_backend("openpose-mobilenet", options=options)
    with open_source(clips / "mattiolato98_bad_000002.mp4") as source:
        images = [
            TimedImage(cv2.resize(f.image, (800, 450), interpolation=cv2.INTER_AREA), f.time_s)
            for f in source.frames()
            if f.index % 4 == 0
        ]
    frames = [p for at in range(0, len(images), 16) for p in backend.people(images[at : at + 16])]
    lifters = [
        [person for person in people if 375 < person.xy_px[NECK][0] < 460] for people in frames
    ]
    alone = np.mean([len(there) == 1 for there in lifters])
    assert alone >= 0.95
    others = [len(people) - len(there) for people, there in zip(frames, lifters, strict=True)]
    assert np.mean(np.array(others) > 0) >= 0.9
    for people, there in zip(frames, lifters, strict=True):
        for person in people:
            low, high = person.box_px[0], person.box_px[2]
            if any(person is lifter for lifter in there):
                assert low > 315  # no limb of those on the left
            else:
                assert high - low < 90  # nobody else reaches over to the bar
