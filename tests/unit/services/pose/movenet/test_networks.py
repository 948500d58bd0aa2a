"""MoveNet's real networks: converted once, the same everywhere, and read by OpenVINO."""

import os
import subprocess
import sys

import numpy as np
import openvino
import pytest

from services.pose import weights
from services.pose.movenet.networks import network_files
from services.pose.runtime import Runtime, runtime_from_environment
from shared.errors import ModelError

NAMES = "multipose", "thunder", "lightning"


@pytest.fixture(scope="module")
def models_dir(tmp_path_factory):
    """A cache with the weights of the user's own, and nothing converted yet."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "movenet").mkdir()
    for name, path in weights.ensure("movenet", runtime_from_environment().models_dir).items():
        (folder / "movenet" / name).symlink_to(path)
    return folder


@pytest.fixture(scope="module")
def networks(models_dir):
    """The three networks, by their names."""
    return dict(zip(NAMES, network_files(Runtime(models_dir), *NAMES), strict=True))


def test_two_processes_convert_at_once_to_the_same_bytes(networks, models_dir, tmp_path):
    program = (
        "import sys; from pathlib import Path; from services.pose.runtime import Runtime;"
        "from services.pose.movenet.networks import network_files;"
        "print(*network_files(Runtime(Path(sys.argv[1])), 'lightning'))"
    )
    (tmp_path / "movenet").mkdir()
    for file in weights.MODELS["movenet"].files:
        (tmp_path / "movenet" / file.name).symlink_to(models_dir / "movenet" / file.name)
    command = [sys.executable, "-c", program, str(tmp_path)]
    processes = [
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for seed in ("1", "2")
    ]
    made = {process.communicate()[0].strip() for process in processes}
    assert made == {str(tmp_path / "movenet" / networks["lightning"].name)}
    assert (tmp_path / "movenet" / networks["lightning"].name).read_bytes() == networks[
        "lightning"
    ].read_bytes()


def test_a_converted_network_is_kept(networks, models_dir):
    before = {path: path.stat().st_mtime_ns for path in networks.values()}
    assert network_files(Runtime(models_dir), *NAMES) == tuple(networks.values())
    assert {path: path.stat().st_mtime_ns for path in networks.values()} == before


@pytest.mark.parametrize(
    ("name", "sides", "shape"),
    [
        ("multipose", (160, 256), (1, 6, 56)),
        ("multipose", (256, 256), (1, 6, 56)),
        ("thunder", (256, 256), (1, 1, 17, 3)),
        ("lightning", (192, 192), (1, 1, 17, 3)),
    ],
)
def test_a_network_gives_coordinates_and_scores(networks, name, sides, shape):
    network = openvino.Core().compile_model(networks[name], "CPU")
    image = np.random.default_rng(1).integers(0, 256, (1, *sides, 3), dtype=np.int32)
    result = network(image)[0]
    assert result.shape == shape
    scores = result[..., 2] if shape[-1] == 3 else result[..., [2, 5, 55]]
    assert 0 <= scores.min() <= scores.max() <= 1


def test_damaged_weights_are_refused(models_dir, tmp_path):
    (tmp_path / "movenet").mkdir()
    for file in weights.MODELS["movenet"].files:
        (tmp_path / "movenet" / file.name).symlink_to(models_dir / "movenet" / file.name)
    (tmp_path / "movenet" / "movenet-thunder.bin").unlink()
    (tmp_path / "movenet" / "movenet-thunder.bin").write_bytes(b"damaged")
    with pytest.raises(ModelError, match=r"movenet-thunder\.bin is damaged or another file"):
        network_files(Runtime(tmp_path), "thunder")
