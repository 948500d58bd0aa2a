"""OpenPose's network out of Caffe's files, against OpenCV's own importer of them."""

import caffe
import numpy as np
import onnx
import opencv4
import openvino
import pytest

from services.pose.openpose.network import network_file
from services.pose.openpose.network.building import build
from shared.errors import ModelError, UsageError


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Random weights of six stages, of which a test runs as many as it needs."""
    return caffe.write_openpose(tmp_path_factory.mktemp("weights") / "mpi.caffemodel", "mpi", 6)


@pytest.fixture
def small(tmp_path):
    """Random weights of one stage."""
    return caffe.write_openpose(tmp_path / "small.caffemodel", "mpi", 1)


def pictures(count, height, width):
    rng = np.random.default_rng(height)
    return rng.integers(0, 256, (count, height, width, 3), np.uint8)


def compiled(network):
    """A network file, ready to run in OpenVINO in full precision."""
    return openvino.Core().compile_model(network, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})


def run(network, images):
    """Run a network on BGR pictures, all at once; returns its outputs by name."""
    blob = np.ascontiguousarray(images.transpose(0, 3, 1, 2), np.float32) / 255
    outputs = network(blob)
    return {output.any_name: outputs[output] for output in network.outputs}


def reference(weights, layout, stages, image, scratch):
    """What OpenCV's Caffe importer gives: heat maps, then fields."""
    return opencv4.maps_of(
        caffe.prototxt(layout, stages, *image.shape[:2]), weights, image, scratch
    )


@pytest.mark.parametrize("stages", [pytest.param(4, marks=pytest.mark.thorough), 6])
def test_maps_equal_opencvs_at_any_size(weights, stages, tmp_path):
    network = compiled(network_file(weights, "mpi", stages, weights.parent))
    for height, width in [(96, 128), (184, 184), (128, 96)]:
        (image,) = pictures(1, height, width)
        expected = reference(weights, "mpi", stages, image, tmp_path)
        given = run(network, image[None])
        assert set(given) == {"heatmaps", "fields"}
        assert given["heatmaps"].shape == (1, 16, height // 8, width // 8)
        assert given["fields"].shape == (1, 28, height // 8, width // 8)
        assert expected.std() > 0.1  # neither vanished nor exploded: the comparison says something
        np.testing.assert_allclose(given["heatmaps"][0], expected[:16], rtol=0, atol=1e-3)
        np.testing.assert_allclose(given["fields"][0], expected[16:], rtol=0, atol=1e-3)


def test_the_same_description_serves_coco(tmp_path):
    weights = caffe.write_openpose(tmp_path / "coco.caffemodel", "coco", 2)
    (image,) = pictures(1, 64, 96)
    given = run(compiled(network_file(weights, "coco", 2, weights.parent)), image[None])
    expected = reference(weights, "coco", 2, image, tmp_path)
    assert given["heatmaps"].shape == (1, 19, 8, 12)
    np.testing.assert_allclose(given["heatmaps"][0], expected[:19], rtol=0, atol=1e-3)
    np.testing.assert_allclose(given["fields"][0], expected[19:], rtol=0, atol=1e-3)


def test_images_of_a_batch_are_independent_and_sizes_may_change(weights):
    network = compiled(network_file(weights, "mpi", 2, weights.parent))
    images = pictures(3, 64, 80)
    together = run(network, images)
    for index in range(3):
        alone = run(network, images[index : index + 1])
        np.testing.assert_allclose(together["fields"][index], alone["fields"][0], atol=1e-4)
    assert np.abs(together["fields"][0] - together["fields"][1]).max() > 0.01


def test_the_network_is_valid_onnx(small):
    network = onnx.load(network_file(small, "mpi", 1, small.parent))
    onnx.checker.check_model(network, full_check=True)
    assert [output.name for output in network.graph.output] == ["heatmaps", "fields"]


def test_weights_with_fewer_stages_are_refused_by_layer(small):
    with pytest.raises(ModelError, match=r"small\.caffemodel: .* no layer Mconv1_stage2_L1"):
        network_file(small, "mpi", 2, small.parent)


def test_weights_of_another_layout_are_refused_by_layer(small):
    with pytest.raises(ModelError, match="conv5_5_CPM_L1 has blobs of 28×512×1×1 and 28 numbers"):
        network_file(small, "coco", 1, small.parent)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused_by_layer(tmp_path, bad):
    layers = caffe.random_weights("mpi", 1)
    layers["conv3_2"][1][7] = bad
    path = caffe.write_caffemodel(tmp_path / "bad.caffemodel", layers)
    with pytest.raises(ModelError, match="conv3_2 has biases that are not finite"):
        network_file(path, "mpi", 1, path.parent)


def test_weights_in_old_caffe_form_give_the_same_network(tmp_path):
    layers = caffe.random_weights("mpi", 1)
    flat = {name: [k, b.reshape(1, 1, 1, -1)] for name, (k, b) in layers.items()}
    new = build(layers, "mpi", 1)
    assert build(flat, "mpi", 1) == new


@pytest.mark.parametrize(
    ("layout", "stages", "told"),
    [
        ("body_25", 4, "coco, mpi"),
        ("mpi", 0, "1 to 6 stages"),
        ("mpi", 7, "1 to 6 stages"),
    ],
)
def test_unknown_layouts_and_stages_are_refused(small, layout, stages, told):
    with pytest.raises(UsageError, match=told):
        network_file(small, layout, stages, small.parent)


def test_a_conversion_is_made_once_beside_the_weights(small):
    network = network_file(small, "mpi", 1, small.parent)
    assert network.parent == small.parent
    first = network.stat()
    assert network_file(small, "mpi", 1, small.parent) == network
    again = network.stat()  # of the same file: not even replaced by its like
    assert (again.st_ino, again.st_mtime_ns) == (first.st_ino, first.st_mtime_ns)


def test_changed_weights_are_converted_again(small):
    network = network_file(small, "mpi", 1, small.parent)
    caffe.write_openpose(small, "mpi", 1, seed=1)
    assert network_file(small, "mpi", 1, small.parent) != network


@pytest.mark.parametrize("harm", ["cut", "changed", "no hash"])
def test_a_damaged_conversion_is_made_again(small, harm):
    network = network_file(small, "mpi", 1, small.parent)
    whole = network.read_bytes()
    match harm:
        case "cut":
            network.write_bytes(whole[:-100])
        case "changed":
            network.write_bytes(whole[:-100] + bytes(100))
        case "no hash":
            network.with_name(network.name + ".sha256").unlink()
            network.write_bytes(b"half")
    assert network_file(small, "mpi", 1, small.parent) == network
    assert network.read_bytes() == whole
    assert {path.suffix for path in small.parent.iterdir()} == {".caffemodel", ".onnx", ".sha256"}


def test_a_read_only_folder_puts_conversions_in_the_cache(small, tmp_path):
    """A folder in the way stands for one that is closed: the tests may run as root."""
    models_dir = tmp_path / "models"
    network = network_file(small, "mpi", 1, models_dir)
    network.unlink()
    network.mkdir()
    elsewhere = network_file(small, "mpi", 1, models_dir)
    assert elsewhere.parent == models_dir / "converted"
    elsewhere.unlink()
    elsewhere.mkdir()
    with pytest.raises(ModelError, match="COACH_MODELS_DIR"):
        network_file(small, "mpi", 1, models_dir)
