"""A backend of another package, which joins through its entry point, and options it refuses."""

import numpy as np
import pytest
from networks import write_network

from services.pose import weights
from services.pose.backends import (
    TimedImage,
    backend_names,
    check_backend,
    load_backend,
    networks_of,
    weights_of,
)
from services.pose.runtime import Runtime
from shared.data.pose_options import PoseOptions
from shared.errors import UsageError
from shared.settings import read_settings

MODULE = """
from services.pose import engines
from services.pose.backends import Plugin
from services.pose.engines import ImageInput


class MyBackend:
    def __init__(self, network):
        self._network, self.engine = network, network.description

    def people(self, images):
        for image, _time_s in images:
            self._network.infer(image[None])
            yield ()


def load(runtime, options):
    return MyBackend(engines.load(networks(runtime, options)[0], runtime, ImageInput(1 / 255)))


def networks(runtime, _options):
    return (runtime.models_dir / "small.onnx",)


PLUGIN = Plugin(load, frozenset({"region", "stages"}), stages=range(2, 5), networks=networks)
"""


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    """A runtime for the installed package `my-package`, whose backend is called `my-backend`."""
    site = tmp_path / "site"
    info = site / "my_package-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
    entry_point = "[coach.pose_backends]\nmy-backend = my_pose_backend:PLUGIN\n"
    (info / "entry_points.txt").write_text(entry_point)
    (site / "my_pose_backend.py").write_text(MODULE)
    monkeypatch.syspath_prepend(site)
    write_network(tmp_path / "small.onnx")
    return Runtime(tmp_path, engine="onnxruntime")


def test_a_backend_of_another_package_is_loaded_by_its_name(runtime):
    assert "my-backend" in backend_names()
    backend = load_backend("my-backend", runtime)
    image = np.zeros((32, 48, 3), np.uint8)
    assert list(backend.people([TimedImage(image, 0.0)])) == [()]
    assert backend.engine.startswith("ONNX Runtime")
    assert networks_of("my-backend", runtime) == (runtime.models_dir / "small.onnx",)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (PoseOptions(height_px=256), "my-backend has no --pose-height"),
        (PoseOptions(stages=5), "--pose-stages of my-backend is a whole number from 2 to 4"),
    ],
)
def test_options_that_a_plugin_does_not_name_are_refused(runtime, options, reason):
    check_backend("my-backend", PoseOptions(stages=4, region=True))
    with pytest.raises(UsageError, match=reason):
        load_backend("my-backend", runtime, options)


@pytest.mark.parametrize("name", ["movenet-fast", "blazepose-full", "openpose-mobilenet"])
def test_weights_of_a_backend_hold_its_networks(name, models):
    folders = [weights.folder_of(model, read_settings().models_dir) for model in weights_of(name)]
    assert {path.parent for path in networks_of(name)} == set(folders)


def test_an_unknown_backend_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="blazepose-full"):
        load_backend("nonsense")
