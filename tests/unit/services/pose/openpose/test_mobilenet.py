"""The MobileNet with fewer stages: the same network, ended earlier."""

from contextlib import contextmanager

import numpy as np
import openvino
import pytest

from services.pose import weights
from services.pose.backends import TimedImage, load_backend
from services.pose.openpose.mobilenet_cut import cut
from shared.data.pose_options import PoseOptions
from shared.data.skeleton import trunk_length_px
from shared.errors import ModelError, UsageError
from synthetic import Lift, render


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


@pytest.fixture
def folder(graph, tmp_path, monkeypatch):
    """A cache of models that holds the whole network alone."""
    monkeypatch.setenv("COACH_MODELS_DIR", str(tmp_path / "models"))
    folder = weights.folder_of("openpose-mobilenet")
    folder.mkdir(parents=True)
    (folder / graph.name).write_bytes(graph.read_bytes())
    return folder


def shortened():
    """The backend with two stages."""
    return load_backend("openpose-mobilenet", 1, PoseOptions(stages=2))


def test_fewer_stages_find_the_same_lifter_and_are_made_once(graph, frame, folder):
    found, made = [], []
    for stages in (0, 3, 3):
        backend = load_backend("openpose-mobilenet", 1, PoseOptions(stages=stages))
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
def test_a_damaged_shortened_network_is_made_anew(folder, suffix, harm):
    shortened()
    whole = {path: path.read_bytes() for path in folder.iterdir()}
    [damaged] = [path for path in whole if path.suffix == suffix]
    if harm == "cut":
        damaged.write_bytes(whole[damaged][: len(whole[damaged]) // 2])
    else:
        damaged.unlink()
    shortened()
    assert {path: path.read_bytes() for path in folder.iterdir()} == whole


def test_where_its_folder_is_closed_the_shortened_network_lies_in_the_cache(folder, tmp_path):
    """A folder in the way stands for one that is closed: the tests may run as root."""
    shortened()
    [network] = folder.glob("*.xml")
    network.unlink()
    network.mkdir()
    shortened()
    [elsewhere] = (tmp_path / "models" / "converted").glob("*.xml")
    elsewhere.unlink()
    elsewhere.mkdir()
    with pytest.raises(ModelError, match="cannot write graph_opt-2-stages.*COACH_MODELS_DIR"):
        shortened()


def test_no_room_to_shorten_the_network_is_told_with_a_remedy(folder, tmp_path, monkeypatch):
    """OpenVINO cannot open the file that it is to write, and has its own kind of error for that."""
    (tmp_path / "network.xml").mkdir()

    @contextmanager
    def taken():
        yield str(tmp_path)

    monkeypatch.setattr("tempfile.TemporaryDirectory", taken)
    with pytest.raises(ModelError, match=r"(?s)cut \(2-stages\): .* leave out --pose-stages"):
        shortened()


def test_a_stage_that_a_network_has_not_is_refused():
    with pytest.raises(UsageError, match="from 2 to 6, not 1"):
        load_backend("openpose-mpi", 1, PoseOptions(stages=1))
    with pytest.raises(UsageError, match="knows no --original"):
        load_backend("openpose-mobilenet", 1, PoseOptions(original=True))
