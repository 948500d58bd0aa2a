from functools import cache

import numpy as np
import pytest

from services.pose.backends import TimedImage, load_backend, networks_of
from services.pose.runtime import runtime_from_environment
from shared.data.skeleton import trunk_length_px

#: Minimum time between two frames at which the second network looks, in s.
LOOK_S = 0.1


@cache
def _loaded(name):
    return load_backend(name)


@pytest.fixture(params=["movenet", "movenet-fast"])
def either(request, models):
    return _loaded(request.param)


@pytest.fixture
def backend(models):
    return _loaded("movenet")


def people(backend, frames, fps=10):
    images = [TimedImage(frame.image, number / fps) for number, frame in enumerate(frames)]
    return list(backend.people(images))


def test_joints_of_the_lifter_are_near_the_truth(either, side):
    far = []
    for [person], frame in zip(people(either, side[:24]), side, strict=False):
        off_px = np.linalg.norm(person.xy_px - frame.joints_px, axis=-1)
        far.append(off_px / trunk_length_px(frame.joints_px))
        assert person.xy_px[~np.isnan(person.xy_px[:, 0])].min() >= 0
        assert 0.4 < person.detection_confidence <= 1
        left, top, right, bottom = person.box_px
        assert left < np.nanmin(frame.joints_px[:, 0]) + 20
        assert right > np.nanmax(frame.joints_px[:, 0]) - 20
        assert bottom - top > trunk_length_px(frame.joints_px)
    far = np.array(far)[:, 1:]  # the crown is derived
    assert np.nanmedian(far) < 0.1
    assert (far < 0.25).mean() > 0.9  # joints behind the plate as well


def test_the_second_network_gives_outline_and_turn(either, side):
    looked = [one for [one] in people(either, side[:24]) if np.isfinite(one.disagreement)]
    assert len(looked) >= 10
    believed = [one for one in looked if one.disagreement <= 0.25]
    assert len(believed) > 0.8 * len(looked)
    for person in looked:
        is_believed = person.disagreement <= 0.25
        assert np.isfinite(person.turn_deg) == is_believed
        assert np.isfinite(person.outline_px).any() == is_believed


@pytest.mark.parametrize("fps", [5, 20, 30])
def test_the_second_network_looks_ten_times_a_second(backend, side, fps):
    found = people(backend, side[:16], fps)
    looks = [n / fps for n, [one] in enumerate(found) if np.isfinite(one.disagreement)]
    assert looks[0] == 0
    between = np.diff(looks)
    assert between.min() > LOOK_S - 1e-6
    assert between.max() < max(LOOK_S, 1 / fps) + 1 / fps + 1e-6


def test_the_second_network_looks_at_the_two_largest(backend, crowd):
    [found] = people(backend, crowd[:1])
    assert len(found) == 3
    heights = [float(one.box_px[3] - one.box_px[1]) for one in found]
    looked = [bool(np.isfinite(one.disagreement)) for one in found]
    assert sum(looked) == 2
    assert not looked[int(np.argmin(heights))]


def test_former_calls_have_no_influence(either, side, front):
    first = people(either, side[:6])
    people(either, front)
    for [one], [other] in zip(first, people(either, side[:6]), strict=True):
        np.testing.assert_array_equal(one.xy_px, other.xy_px)
        np.testing.assert_array_equal(one.confidence, other.confidence)
        np.testing.assert_array_equal(one.outline_px, other.outline_px)


def test_networks_of_both_differ_in_what_follows(models):
    runtime = runtime_from_environment()
    usual, fast = networks_of("movenet", runtime), networks_of("movenet-fast", runtime)
    assert [a == b for a, b in zip(usual, fast, strict=True)] == [True, False, True]
    assert "thunder" in usual[1].name
    assert "lightning" in fast[1].name
    assert usual[2].name == "pose_landmark_full.tflite"
