"""Engines of the processor agree with each other and with their libraries."""

from hashlib import sha256

import numpy as np
import onnx
import onnxruntime
import openvino
import pytest
from networks import write_network
from openvino import properties
from openvino.properties import hint

from services.pose import engines
from services.pose.engines import ImageInput, openvino_cpu
from services.pose.engines.onnx_input import rewrite_network
from services.pose.engines.onnx_runtime import OnnxRuntimeEngine
from services.pose.engines.openvino_cpu import OpenVinoEngine
from services.pose.runtime import Runtime
from shared.errors import DeviceError, ModelError, UsageError

ON_PROCESSOR = ("openvino", "onnxruntime")


def made(name, network, **options):
    if name == "openvino":
        return OpenVinoEngine(network, 1, **options)
    return OnnxRuntimeEngine(network, name, **options)


def batch(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


@pytest.mark.parametrize("name", ON_PROCESSOR)
def test_outputs_are_named_and_in_the_networks_order(network, name):
    engine = made(name, network)
    assert engine.output_names == ("second", "first")
    second, first = engine.infer(batch(2, 3, 12, 16))
    assert second.shape == (2, 4, 6, 8)
    assert first.shape == (2, 2, 12, 16)
    assert second.dtype == first.dtype == np.float32
    assert engine.description.endswith(
        f", f32, weights {sha256(network.read_bytes()).hexdigest()[:12]}"
    )


def test_a_description_names_the_weights_beside_a_network(tmp_path):
    core, descriptions = openvino.Core(), set()
    for seed in range(2):
        file = tmp_path / f"{seed}.xml"
        whole = core.read_model(write_network(tmp_path / f"{seed}.onnx", seed=seed))
        openvino.save_model(whole, file, compress_to_fp16=False)
        descriptions.add(made("openvino", file).description)
    assert len(descriptions) == 2


def test_the_engines_agree_in_any_order_of_sizes(network):
    one, other = (made(name, network) for name in ON_PROCESSOR)
    for number, shape in enumerate([(1, 3, 8, 8), (3, 3, 8, 8), (1, 3, 8, 8), (1, 3, 20, 6)]):
        given = batch(*shape, seed=number)
        expected = [output.copy() for output in one.infer(given)]
        for a, b in zip(expected, other.infer(given), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("name", ON_PROCESSOR)
def test_engines_convert_uint8_images(network, name):
    images = np.random.default_rng(1).integers(0, 256, (2, 12, 16, 3), dtype=np.uint8)
    by_hand = np.ascontiguousarray(images.transpose(0, 3, 1, 2), np.float32) / 255
    expected = [output.copy() for output in made(name, network).infer(by_hand)]
    engine = made(name, network, image_input=ImageInput(1 / 255))
    for a, b in zip(expected, engine.infer(images), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    again = engine.infer(images[:, ::-1])  # not in one piece of memory, and of the same shape
    assert not np.allclose(expected[0], again[0], atol=1e-3)


def test_half_precision_is_near_and_keeps_the_types(network):
    weights = onnx.load_from_string(rewrite_network(network, "f16", None)).graph.initializer
    assert {weight.data_type for weight in weights} == {onnx.TensorProto.FLOAT16}
    core = openvino.Core()
    half = core.compile_model(
        core.read_model(rewrite_network(network, "f16", ImageInput(1 / 255))), "CPU"
    )
    images = np.random.default_rng(1).integers(0, 256, (1, 12, 16, 3), dtype=np.uint8)
    outputs = list(half([images]).values())
    exact = made("onnxruntime", network, image_input=ImageInput(1 / 255)).infer(images)
    for a, b in zip(exact, outputs, strict=True):
        assert b.dtype == np.float32
        np.testing.assert_allclose(a, b, atol=2e-2)


def test_the_default_engine_computes_bit_for_bit_in_float32(models, tmp_path):
    """Compared with a request in the configuration of the first version."""
    path = models["pose_landmark_full.tflite"]
    config = {
        properties.inference_num_threads: 1,
        properties.hint.execution_mode: hint.ExecutionMode.ACCURACY,
        properties.hint.inference_precision: openvino.Type.f32,
        properties.hint.enable_cpu_pinning: False,
    }
    core = openvino.Core()
    request = core.compile_model(core.read_model(path), "CPU", config).create_infer_request()
    given = batch(1, 256, 256, 3)
    request.infer([given])
    engine = engines.load(path, Runtime(tmp_path))
    for tensor, output in zip(request.output_tensors, engine.infer(given), strict=True):
        np.testing.assert_array_equal(tensor.data, output)


def test_bf16_is_close_to_float32_or_refused(network):
    if "BF16" in openvino_cpu.capabilities():
        engine, exact = made("openvino", network, precision="bf16"), made("openvino", network)
        given = batch(1, 3, 64, 64)
        for a, b in zip(exact.infer(given), engine.infer(given), strict=True):
            assert 0 < np.abs(a - b).max() < 0.05
        assert ", bf16, weights " in engine.description
    else:
        with pytest.raises(UsageError, match="does not compute in bf16"):
            made("openvino", network, precision="bf16")


@pytest.mark.parametrize("name", ON_PROCESSOR)
def test_a_file_that_is_not_a_network_is_reported_by_path(tmp_path, name):
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"no network" * 100)
    with pytest.raises(ModelError, match=r"broken\.onnx"):
        made(name, path)


def test_an_engine_works_again_after_a_failed_run(network):
    engine = made("onnxruntime", network)
    with pytest.raises(DeviceError, match="onnxruntime on processor"):
        engine.infer(batch(1, 5, 8, 8))  # the network takes 3 channels
    assert engine.infer(batch(1, 3, 8, 8))[0].shape == (1, 4, 4, 4)


def test_operations_unsupported_by_tensorrt_avoid_tf32(network, nvidia_smi, monkeypatch, tmp_path):
    """No device, so no more can be seen than what the library is asked for."""
    nvidia_smi("NVIDIA H200, 143771 MiB, 580.65.06")
    asked = {}

    def session(_network, _options, providers):
        asked.update(providers)
        raise RuntimeError("no device")

    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    monkeypatch.setattr(
        onnxruntime, "get_available_providers", lambda: ["TensorrtExecutionProvider"]
    )
    with pytest.raises(ModelError, match="no device"):
        made("tensorrt", network, precision="f16", tensorrt_cache=tmp_path)
    assert list(asked) == ["TensorrtExecutionProvider", "CUDAExecutionProvider"]
    assert asked["CUDAExecutionProvider"]["use_tf32"] == 0
