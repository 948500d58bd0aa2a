"""Mirror images of the lifter are no second lifter."""

from dataclasses import replace

import numpy as np
import pytest

from services.scorer.lifter.find import find_lifters
from services.scorer.lifter.mirror import is_mirror_image
from services.scorer.lifter.tracks import find_shots
from shared.data.skeleton import MIRRORED
from synthetic import Lift, render_poses


@pytest.fixture(scope="module")
def alone():
    return render_poses(Lift(reps=2, fps=10))


def mirrored(person, size=0.7):
    """The person's image in a mirror to the left."""
    xy = person.xy_px[list(MIRRORED)] * size
    xy[:, 0] = 400 - xy[:, 0]
    left, top, right, bottom = person.box_px * size
    box = np.array([400 - right, top, 400 - left, bottom], np.float32)
    return replace(person, xy_px=xy.astype(np.float32), box_px=box)


def test_mirror_image_does_not_lift(alone):
    frames = [replace(frame, people=(mirrored(frame.people[0]), *frame.people)) for frame in alone]
    [lifter] = find_lifters(frames, find_shots(frames))
    assert all(lifter.people[row] is frame.people[0] for row, frame in enumerate(alone))


def test_image_of_the_lifters_size_is_no_mirror_image(alone):
    lifter = {row: frame.people[0] for row, frame in enumerate(alone)}
    assert is_mirror_image({row: mirrored(one) for row, one in lifter.items()}, lifter)
    assert not is_mirror_image({row: mirrored(one, 0.95) for row, one in lifter.items()}, lifter)


def test_smaller_person_who_lifts_later_is_no_mirror_image(alone):
    lifter = {row: frame.people[0] for row, frame in enumerate(alone)}
    later = {row: mirrored(lifter[row - 15]) for row in range(15, len(alone))}
    assert not is_mirror_image(later, lifter)


def test_too_few_common_rows_show_no_mirror_image(alone):
    lifter = {row: frame.people[0] for row, frame in enumerate(alone)}
    assert not is_mirror_image({row: mirrored(lifter[row]) for row in range(4)}, lifter)
