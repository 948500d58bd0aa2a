"""The MobileNet with fewer stages: the same network, ended earlier."""

from contextlib import contextmanager

import numpy as np
import openvino
import pytest

from services.pose import weights
from services.pose.backends import TimedImage, load_backend
from services.pose.openpose.mobilenet_cut import cut
from services.pose.runtime import Runtime, runtime_from_environment
from shared.data.pose_options import PoseOptions
from shared.data.skeleton import trunk_length_px
from shared.errors import ModelError, UsageError
from synthetic import Lift, render


@pytest.fixture(scope="module")
def graph():
    models_dir = runtime_from_environment().models_dir
    return weights.ensure("openpose-mobilenet", models_dir)["graph_opt.pb"]


@pytest.fixture(scope="module")
def frame():
    return next(iter(render(Lift(reps=1, fps=10, width_px=640, height_px=480))))


def maps(network, picture):
    compiled = openvino.Core().compile_model(network, "CPU")
    return next(iter(compiled([picture]).values()))


def test_six_stages_equal_the_whole_network_and_fewer_differ_more(graph, frame):
    picture = frame.image[None, :256, :256].astype(np.float32)
    whole = maps(openvino.Core().read_model(graph), picture)
    assert whole.shape == (1, 32, 32, 57)
    far = []
    for stages in (6, 4, 1):
        shortened = maps(cut(graph, stages), picture)
        assert shortened.shape == whole.shape
        far.append(float(np.abs(shortened - whole).mean()))
    assert far[0] < 1e-4
    assert 5e-4 < far[1] < far[2]  # 0.0009 in float32; processors differ


@pytest.fixture
def runtime(graph, tmp_path):
    """A runtime whose cache of models has the whole network only."""
    runtime = Runtime(tmp_path / "models")
    folder = weights.folder_of("openpose-mobilenet", runtime.models_dir)
    folder.mkdir(parents=True)
    (folder / graph.name).write_bytes(graph.read_bytes())
    return runtime


@pytest.fixture
def folder(runtime):
    return runtime.models_dir / "openpose-mobilenet"


def shortened(runtime):
    """The backend with two stages."""
    return load_backend("openpose-mobilenet", runtime, PoseOptions(stages=2))


def test_fewer_stages_find_the_same_lifter_and_are_made_once(runtime, frame, folder):
    found, made = [], []
    for stages in (0, 3, 3):
        backend = load_backend("openpose-mobilenet", runtime, PoseOptions(stages=stages))
        [[person]] = backend.people([TimedImage(frame.image, 0.0)])
        found.append(person.xy_px)
        made.append({path.name: path.stat().st_mtime_ns for path in folder.iterdir()})
    assert made[1] == made[2]
    new = made[1].keys() - made[0].keys()
    assert {name.partition(".")[2] for name in new} == {"xml", "bin", "xml.sha256"}
    assert all(name.startswith("graph_opt-3-stages-") for name in new)
    off = np.linalg.norm(found[1] - found[0], axis=-1) / trunk_length_px(frame.joints_px)
    assert 0 < np.nanmedian(off) < 0.1
    np.testing.assert_array_equal(found[1], found[2])


@pytest.mark.parametrize("suffix", [".xml", ".bin", ".sha256"])
@pytest.mark.parametrize("harm", ["cut", "gone"])
def test_a_damaged_shortened_network_is_made_again(runtime, folder, suffix, harm):
    shortened(runtime)
    whole = {path: path.read_bytes() for path in folder.iterdir()}
    [damaged] = [path for path in whole if path.suffix == suffix]
    if harm == "cut":
        damaged.write_bytes(whole[damaged][: len(whole[damaged]) // 2])
    else:
        damaged.unlink()
    shortened(runtime)
    assert {path: path.read_bytes() for path in folder.iterdir()} == whole


def test_a_read_only_folder_puts_the_shortened_network_in_the_cache(runtime, folder):
    """A folder in the way stands for one that is closed: the tests may run as root."""
    shortened(runtime)
    [network] = folder.glob("*.xml")
    network.unlink()
    network.mkdir()
    shortened(runtime)
    [elsewhere] = (runtime.models_dir / "converted").glob("*.xml")
    elsewhere.unlink()
    elsewhere.mkdir()
    with pytest.raises(ModelError, match="cannot write graph_opt-2-stages.*COACH_MODELS_DIR"):
        shortened(runtime)


def test_a_full_temporary_folder_is_reported_with_the_remedy(runtime, tmp_path, monkeypatch):
    """OpenVINO cannot open the file that it is to write, and has its own kind of error for that."""
    (tmp_path / "network.xml").mkdir()

    @contextmanager
    def taken():
        yield str(tmp_path)

    monkeypatch.setattr("tempfile.TemporaryDirectory", taken)
    with pytest.raises(ModelError, match=r"(?s)cut \(2-stages\): .* leave out --pose-stages"):
        shortened(runtime)


def test_an_unsupported_number_of_stages_is_refused():
    with pytest.raises(UsageError, match="from 2 to 6, not 1"):
        load_backend("openpose-mpi", options=PoseOptions(stages=1))
    with pytest.raises(UsageError, match="has no --original"):
        load_backend("openpose-mobilenet", options=PoseOptions(original=True))
