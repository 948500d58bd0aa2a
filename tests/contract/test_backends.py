"""What every pose backend guarantees: these tests run on every installed backend.

A backend of another package is tested as well, as soon as its entry point is installed (see
`services/pose/backends.py`).
"""

from functools import cache

import numpy as np
import pytest
from builders import run_coach

from services.pose import weights
from services.pose.backends import TimedImage, backend_names, load_backend
from services.pose.runtime import runtime_from_environment
from shared.data.pose_options import PoseOptions
from shared.data.skeleton import JOINTS, trunk_length_px
from synthetic import Lift, render


@pytest.fixture(scope="module")
def lift():
    return [f for f in render(Lift(reps=1, fps=10)) if f.index < 16]


#: Every installed backend, and backends with options that change how they search, which have
#: tests of their own in `tests/unit`.
CONFIGURATIONS = [(name, PoseOptions()) for name in backend_names()]
CONFIGURATIONS.append(("openpose-mobilenet", PoseOptions(region=True)))
CONFIGURATIONS.append(("openpose-mobilenet", PoseOptions(auto_stages=True)))


def _marks(configuration):
    return pytest.mark.thorough if configuration[1].changed() else ()


def _label(configuration):
    name, options = configuration
    return "-".join([name, *options.changed()])


#: Configurations and the views they look from; `make test` has one of these.
SEEN_FROM = [
    pytest.param(
        configuration,
        view,
        id=f"{_label(configuration)}-{view}",
        marks=_marks(configuration) if view == "oblique" else pytest.mark.thorough,
    )
    for configuration in CONFIGURATIONS
    for view in ("side", "oblique", "front")
]


@pytest.fixture(
    scope="module",
    params=[pytest.param(one, marks=_marks(one)) for one in CONFIGURATIONS],
    ids=_label,
)
def backend(request, models):
    name, options = request.param
    runtime = runtime_from_environment()
    if name == "openpose-mpi" and not weights.is_cached(name, runtime.models_dir):
        pytest.skip("openpose-mpi's weights are not cached: they need `coach models pull`")
    return load_backend(name, runtime, options)


def people(backend, images):
    return list(backend.people(TimedImage(image, i / 10) for i, image in enumerate(images)))


def test_each_image_has_one_result_with_unseen_joints_as_nan(backend, lift):
    found = people(backend, [f.image for f in lift])
    assert len(found) == len(lift)
    for persons, frame in zip(found, lift, strict=True):
        assert len(persons) == 1
        person = persons[0]
        assert person.xy_px.shape == (JOINTS, 2)
        unseen = np.isnan(person.xy_px).any(-1)
        assert (person.confidence[unseen] == 0).all()
        assert (person.confidence[~unseen] > 0).all()
        far = np.linalg.norm(person.xy_px - frame.joints_px, axis=-1)
        assert np.nanmedian(far) < 0.2 * trunk_length_px(frame.joints_px)


def test_calls_are_independent(backend, lift):
    images = [f.image for f in lift[:4]]
    first, again = people(backend, images), people(backend, images)
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a[0].xy_px, b[0].xy_px)


@pytest.mark.parametrize("shape", [(480, 640), (1, 1), (3, 900), (640, 40)])
def test_an_image_without_people_has_none(backend, shape):
    noise = np.random.default_rng(0).integers(90, 120, (*shape, 3), dtype=np.uint8)
    assert people(backend, [noise]) == [()]


def test_two_lifters_are_two(backend, lift):
    image = np.hstack([lift[0].image[:, 300:1000], lift[12].image[:, 300:1000]])
    assert len(people(backend, [image])[0]) == 2


@cache
def _scene(view, **who):
    """A rendered set with more people in it, which all backends share."""
    frames = list(render(Lift(reps=1, fps=6, width_px=640, height_px=480, view=view, **who)))
    for frame in frames:
        frame.image.flags.writeable = False
    return frames


def _found(backend, frames):
    """Fraction of frames in which each person is found within 0.3 trunk lengths: (people,)."""
    count = len(frames[0].people)
    truths = [[frame.people[who].joints_px for who in range(count)] for frame in frames]
    upright_px = [
        max(float(trunk_length_px(there[who])) for there in truths) for who in range(count)
    ]
    hits = []
    for begin in range(0, len(frames), 16):  # chunks, as the decoder sends them
        seen = people(backend, [frame.image for frame in frames[begin : begin + 16]])
        for persons, there in zip(seen, truths[begin : begin + 16], strict=True):
            far = [[np.linalg.norm(p.xy_px - joints, axis=-1) for p in persons] for joints in there]
            near = [min((float(np.nanmedian(d)) for d in one), default=np.inf) for one in far]
            hits.append([px < 0.3 * trunk for px, trunk in zip(near, upright_px, strict=True)])
    return np.mean(hits, axis=0)


@pytest.mark.parametrize(("backend", "view"), SEEN_FROM, indirect=["backend"], scope="module")
def test_bystanders_do_not_hide_the_lifter(backend, view):
    found = _found(backend, _scene(view, bystanders=2))
    assert (found >= 0.9).tolist() == [True] * 3


@pytest.mark.parametrize(("backend", "view"), SEEN_FROM, indirect=["backend"], scope="module")
def test_both_of_two_lifters_are_found(backend, view):
    found = _found(backend, _scene(view, second_lifter=True))
    assert (found >= 0.9).tolist() == [True] * 2


@pytest.mark.parametrize("command", ["analyze", "submit"])
@pytest.mark.parametrize("option", ["--original", "--pose-stages auto"])
def test_an_unsupported_option_is_refused_before_anything_runs(command, option, clip, tmp_path):
    out = tmp_path / "out"
    asked = ("--backend", "blazepose-full", *option.split())
    done = run_coach(command, str(clip), "--out", str(out), "--redis", "unix:///nowhere", *asked)
    assert done.returncode == 2
    assert f"blazepose-full has no {option}" in done.stderr
    assert not out.exists()
