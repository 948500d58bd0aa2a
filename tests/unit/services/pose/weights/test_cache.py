"""What gets into the cache of models, and what a licence asks for first."""

import hashlib
import logging
from pathlib import Path

import pytest
from builders import run_coach

from services.pose import weights
from services.pose.weights.files import File
from services.pose.weights.registry import MODELS, Model
from shared.errors import ModelError

CONTENT = b"kernels and biases"
FILE = File(
    "net.caffemodel", hashlib.sha256(CONTENT).hexdigest(), md5=hashlib.md5(CONTENT).hexdigest()
)


class Shelf:
    """A place that has the file."""

    remedy = "Look on the shelf"
    visits = 0

    def fetch(self, files, folder: Path) -> None:
        self.visits += 1
        (folder / files[0].name).write_bytes(CONTENT)


@pytest.fixture
def shelf(monkeypatch):
    """Where the model `licensed` comes from."""
    shelf = Shelf()
    model = Model("licensed", "For monks", shelf, (FILE,), terms="Only monks may use it")
    monkeypatch.setitem(MODELS, "licensed", model)
    return shelf


def test_nothing_is_fetched_before_the_licence_is_accepted(shelf, tmp_path):
    with pytest.raises(ModelError, match="Only monks may use it.*pull licensed --accept-licence"):
        weights.ensure("licensed", tmp_path)
    assert shelf.visits == 0


def test_a_cached_model_needs_no_further_acceptance(shelf, tmp_path):
    (path,) = weights.ensure("licensed", tmp_path, accept_licence=True).values()
    assert path.read_bytes() == CONTENT
    assert weights.ensure("licensed", tmp_path) == {"net.caffemodel": path}
    assert shelf.visits == 1


def test_a_file_from_elsewhere_is_recognised_by_its_hash(shelf, tmp_path):
    (tmp_path / "download (1)").write_bytes(CONTENT)
    place = weights.add(tmp_path / "download (1)", tmp_path, accept_licence=True)
    assert place == weights.folder_of("licensed", tmp_path) / "net.caffemodel"
    assert weights.ensure("licensed", tmp_path) == {"net.caffemodel": place}
    assert [path.name for path in place.parent.iterdir()] == ["net.caffemodel"]
    assert shelf.visits == 0


def test_adding_a_file_requires_its_licence(shelf, tmp_path):
    (tmp_path / "net").write_bytes(CONTENT)
    with pytest.raises(ModelError, match="Only monks"):
        weights.add(tmp_path / "net", tmp_path)
    assert not weights.is_cached("licensed", tmp_path)


@pytest.mark.parametrize("content", [CONTENT[:-1], b""])
def test_an_unknown_file_is_refused(shelf, tmp_path, content):
    (tmp_path / "net").write_bytes(content)
    with pytest.raises(ModelError, match="none of the known files.*OPENPOSE_WEIGHTS"):
        weights.add(tmp_path / "net", tmp_path, accept_licence=True)
    with pytest.raises(ModelError, match="cannot read the weights"):
        weights.add(tmp_path / "absent", tmp_path, accept_licence=True)
    assert not weights.is_cached("licensed", tmp_path)


def test_a_read_only_cache_is_reported_with_the_remedy(shelf, tmp_path):
    file = tmp_path / "net"
    file.write_bytes(CONTENT)
    for attempt in (
        lambda: weights.add(file, models_dir=file, accept_licence=True),
        lambda: weights.ensure("licensed", models_dir=file, accept_licence=True),
    ):
        with pytest.raises(ModelError, match="set COACH_MODELS_DIR"):
            attempt()


def test_own_weights_are_used_unchecked_with_a_warning(tmp_path, caplog):
    own = tmp_path / "mine.caffemodel"
    own.write_bytes(b"trained at home")
    with caplog.at_level(logging.WARNING):
        assert weights.use_unregistered(own) == own
    digest = hashlib.sha256(b"trained at home").hexdigest()
    assert f"its SHA-256 {digest} is not compared" in caplog.text
    assert str(own) in caplog.text
    own.unlink()
    with pytest.raises(ModelError, match="COACH_OPENPOSE_WEIGHTS is"):
        weights.use_unregistered(own)


def test_damaged_weights_are_refused(models, tmp_path):
    folder = tmp_path / "blazepose-full"
    folder.mkdir()
    for file in weights.MODELS["blazepose-full"].files:
        (folder / file.name).write_bytes(models[file.name].read_bytes())
    assert weights.ensure("blazepose-full", tmp_path)
    broken = folder / "pose_detection.tflite"
    broken.write_bytes(broken.read_bytes()[:-1] + b"\0\0")
    with pytest.raises(ModelError, match=r"pose_detection\.tflite") as refusal:
        weights.ensure("blazepose-full", tmp_path)
    assert hashlib.sha256(broken.read_bytes()).hexdigest() in str(refusal.value)


def test_the_real_openpose_asks_for_its_licence(tmp_path):
    refusal = run_coach("models", "pull", "openpose-mpi", COACH_MODELS_DIR=str(tmp_path))
    assert refusal.returncode == 2
    assert "non-commercial research only" in refusal.stderr
    assert "coach models pull openpose-mpi --accept-licence" in refusal.stderr
    assert list(tmp_path.iterdir()) == []


def test_pull_without_a_name_gets_all_that_the_default_backend_needs(models):
    done = run_coach("models", "pull")
    assert done.returncode == 0, done.stderr
    for path in models.values():
        assert f"{path.parent.name}: {path}" in done.stderr


def test_a_file_is_added_on_the_command_line(models, tmp_path):
    file = tmp_path / "some.tflite"
    file.write_bytes(models["pose_detection.tflite"].read_bytes())
    cache = tmp_path / "cache"
    added = run_coach("models", "add", str(file), COACH_MODELS_DIR=str(cache))
    assert added.returncode == 0, added.stderr
    assert (cache / "blazepose-full" / "pose_detection.tflite").exists()
    file.write_bytes(b"another")
    assert run_coach("models", "add", str(file), COACH_MODELS_DIR=str(cache)).returncode == 2
