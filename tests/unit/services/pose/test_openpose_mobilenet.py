"""The MobileNet with fewer stages: the same network, ended earlier."""

import numpy as np
import openvino
import pytest

from coach.rendering import Lift, render
from services.pose import weights
from services.pose.backends import TimedImage, load_backend
from services.pose.backends.openpose_mobilenet import cut
from shared.errors import UsageError
from shared.pose_options import PoseOptions
from shared.skeleton import torso_px


@pytest.fixture(scope="module")
def graph():
    return weights.ensure("openpose-mobilenet")["graph_opt.pb"]


@pytest.fixture(scope="module")
def frame():
    return next(iter(render(Lift(reps=1, fps=10, width_px=640, height_px=480))))


def maps(network, picture):
    compiled = openvino.Core().compile_model(network, "CPU")
    return next(iter(compiled([picture]).values()))


def test_all_six_stages_are_the_whole_and_each_one_refines_the_last(graph, frame):
    picture = frame.image[None, :256, :256].astype(np.float32)
    whole = maps(openvino.Core().read_model(graph), picture)
    assert whole.shape == (1, 32, 32, 57)
    far = []
    for stages in (6, 4, 1):
        shortened = maps(cut(graph, stages), picture)
        assert shortened.shape == whole.shape
        far.append(float(np.abs(shortened - whole).mean()))
    assert far[0] < 1e-4
    assert 0.001 < far[1] < far[2]


def test_fewer_stages_find_the_same_lifter_and_are_made_once(graph, frame, tmp_path, monkeypatch):
    monkeypatch.setenv("COACH_MODELS_DIR", str(tmp_path))
    folder = weights.folder_of("openpose-mobilenet")
    folder.mkdir(parents=True)
    (folder / graph.name).write_bytes(graph.read_bytes())
    found, made = [], []
    for stages in (0, 3, 3):
        backend = load_backend("openpose-mobilenet", 1, PoseOptions(stages=stages))
        [[person]] = backend.people([TimedImage(frame.image, 0.0)])
        found.append(person.xy_px)
        made.append({path.name: path.stat().st_mtime_ns for path in folder.iterdir()})
    assert made[1] == made[2]
    assert set(made[1]) == {graph.name, "graph_opt-3-stages.xml", "graph_opt-3-stages.bin"}
    off = np.linalg.norm(found[1] - found[0], axis=-1) / torso_px(frame.joints_px)
    assert 0 < np.nanmedian(off) < 0.1
    np.testing.assert_array_equal(found[1], found[2])


def test_a_stage_that_a_network_has_not_is_refused():
    with pytest.raises(UsageError, match="from 2 to 6, not 1"):
        load_backend("openpose-mpi", 1, PoseOptions(stages=1))
    with pytest.raises(UsageError, match="knows no --original"):
        load_backend("openpose-mobilenet", 1, PoseOptions(original=True))
