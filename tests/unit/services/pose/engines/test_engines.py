"""Engines agree with each other; a choice that cannot be had is told, or falls back visibly."""

import logging
import os
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
from services.pose.engines.devices import nvidia_devices
from services.pose.engines.onnx_input import changed
from services.pose.engines.onnx_runtime import OnnxRuntimeEngine
from services.pose.engines.openvino_cpu import OpenVinoEngine
from shared.errors import DeviceError, ModelError, UsageError

ON_PROCESSOR = ("openvino", "onnxruntime")


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return write_network(tmp_path_factory.mktemp("net") / "small.onnx")


def made(name, network, **options):
    if name == "openvino":
        return OpenVinoEngine(network, 1, **options)
    return OnnxRuntimeEngine(network, name, **options)


def batch(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


@pytest.fixture
def nvidia_smi(tmp_path, monkeypatch):
    """Puts a program called nvidia-smi on the path that says what it is told to."""

    def tells(text, status=0):
        program = tmp_path / "nvidia-smi"
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {status}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return tells


@pytest.fixture
def with_nvidia_library(monkeypatch):
    """The ONNX Runtime here says that it has what the one for NVIDIA has; it has not."""
    has = [*onnxruntime.get_available_providers(), "CUDAExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: has)


@pytest.mark.parametrize("name", ON_PROCESSOR)
def test_outputs_come_in_the_networks_order_under_their_names(network, name):
    engine = made(name, network)
    assert engine.output_names == ("second", "first")
    second, first = engine.infer(batch(2, 3, 12, 16))
    assert second.shape == (2, 4, 6, 8)
    assert first.shape == (2, 2, 12, 16)
    assert second.dtype == first.dtype == np.float32
    assert engine.about.endswith(f", f32, weights {sha256(network.read_bytes()).hexdigest()[:12]}")


def test_weights_that_lie_beside_a_network_tell_it_from_others(tmp_path):
    core, told = openvino.Core(), set()
    for seed in range(2):
        file = tmp_path / f"{seed}.xml"
        whole = core.read_model(write_network(tmp_path / f"{seed}.onnx", seed=seed))
        openvino.save_model(whole, file, compress_to_fp16=False)
        told.add(made("openvino", file).about)
    assert len(told) == 2


def test_the_engines_agree_in_any_order_of_sizes(network):
    one, other = (made(name, network) for name in ON_PROCESSOR)
    for number, shape in enumerate([(1, 3, 8, 8), (3, 3, 8, 8), (1, 3, 8, 8), (1, 3, 20, 6)]):
        given = batch(*shape, seed=number)
        expected = [output.copy() for output in one.infer(given)]
        for a, b in zip(expected, other.infer(given), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("name", ON_PROCESSOR)
def test_pictures_are_prepared_by_the_engine(network, name):
    pictures = np.random.default_rng(1).integers(0, 256, (2, 12, 16, 3), dtype=np.uint8)
    by_hand = np.ascontiguousarray(pictures.transpose(0, 3, 1, 2), np.float32) / 255
    expected = [output.copy() for output in made(name, network).infer(by_hand)]
    engine = made(name, network, pictures=ImageInput(1 / 255))
    for a, b in zip(expected, engine.infer(pictures), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    again = engine.infer(pictures[:, ::-1])  # not in one piece of memory, and of the same shape
    assert not np.allclose(expected[0], again[0], atol=1e-3)


def test_half_precision_is_near_and_keeps_the_types(network):
    weights = onnx.load_from_string(changed(network, "f16", None)).graph.initializer
    assert {weight.data_type for weight in weights} == {onnx.TensorProto.FLOAT16}
    core = openvino.Core()
    half = core.compile_model(core.read_model(changed(network, "f16", ImageInput(1 / 255))), "CPU")
    pictures = np.random.default_rng(1).integers(0, 256, (1, 12, 16, 3), dtype=np.uint8)
    outputs = list(half([pictures]).values())
    exact = made("onnxruntime", network, pictures=ImageInput(1 / 255)).infer(pictures)
    for a, b in zip(exact, outputs, strict=True):
        assert b.dtype == np.float32
        np.testing.assert_allclose(a, b, atol=2e-2)


def test_the_default_computes_as_it_always_has(models):
    """Bit for bit what a request in the configuration of the first version gives."""
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
    engine = engines.load(path, 1)
    for tensor, output in zip(request.output_tensors, engine.infer(given), strict=True):
        np.testing.assert_array_equal(tensor.data, output)


def test_bf16_is_near_where_the_processor_has_it_and_refused_where_not(network):
    if "BF16" in openvino_cpu.capabilities():
        engine, exact = made("openvino", network, precision="bf16"), made("openvino", network)
        given = batch(1, 3, 64, 64)
        for a, b in zip(exact.infer(given), engine.infer(given), strict=True):
            assert 0 < np.abs(a - b).max() < 0.05
        assert ", bf16, weights " in engine.about
    else:
        with pytest.raises(UsageError, match="does not compute in bf16"):
            made("openvino", network, precision="bf16")


@pytest.mark.parametrize("name", ON_PROCESSOR)
def test_what_is_no_network_is_told_with_its_path(tmp_path, name):
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"no network" * 100)
    with pytest.raises(ModelError, match=r"broken\.onnx"):
        made(name, path)


def test_a_run_that_fails_may_be_tried_again(network):
    engine = made("onnxruntime", network)
    with pytest.raises(DeviceError, match="onnxruntime on processor"):
        engine.infer(batch(1, 5, 8, 8))  # the network takes 3 channels
    assert engine.infer(batch(1, 3, 8, 8))[0].shape == (1, 4, 4, 4)


def test_auto_is_openvino_where_there_is_no_nvidia_library(network, caplog):
    caplog.set_level(logging.WARNING)
    assert engines.load(network, 1).about.startswith("OpenVINO")
    assert not caplog.records


def test_a_network_that_was_not_quantised_is_refused_with_the_remedy(network, monkeypatch):
    monkeypatch.setenv("COACH_PRECISION", "int8")
    with pytest.raises(ModelError, match="coach models quantize"):
        engines.load(network, 1)


@pytest.mark.parametrize(
    ("engine", "precision", "suffix", "told"),
    [
        ("cuda", "f32", ".onnx", r"weightlifting-coach\[nvidia\]"),  # the extra is not there
        ("tensorrt", "f16", ".onnx", r"weightlifting-coach\[nvidia\]"),
        ("auto", "f16", ".onnx", r"weightlifting-coach\[nvidia\]"),  # only NVIDIA has f16
        ("onnxruntime", "f32", ".tflite", "reads ONNX networks only"),
        ("onnxruntime", "f32", ".pb", "reads ONNX networks only"),
        ("onnxruntime", "bf16", ".onnx", "not in bf16"),
        ("tensorrt", "f32", ".onnx", "not in f32"),  # it would be TF32
        ("openvino", "f16", ".onnx", "not in f16"),
    ],
)
def test_an_explicit_choice_that_cannot_be_had_is_refused(
    tmp_path, monkeypatch, engine, precision, suffix, told
):
    monkeypatch.setenv("COACH_ENGINE", engine)
    monkeypatch.setenv("COACH_PRECISION", precision)
    with pytest.raises(UsageError, match=told):
        engines.load(tmp_path / f"net{suffix}", 1)


def test_the_library_without_a_device_falls_back_with_a_warning(
    network, with_nvidia_library, nvidia_smi, caplog, monkeypatch
):
    nvidia_smi("NVIDIA-SMI has failed", status=9)
    assert engines.load(network, 1).about.startswith("OpenVINO")
    assert "needs an NVIDIA device" in caplog.text
    monkeypatch.setenv("COACH_ENGINE", "cuda")
    with pytest.raises(UsageError, match="needs an NVIDIA device"):
        engines.load(network, 1)


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_device_that_does_not_start_falls_back_with_a_warning(
    network, with_nvidia_library, nvidia_smi, caplog, monkeypatch
):
    nvidia_smi("NVIDIA H200, 143771 MiB, 580.65.06")
    assert engines.load(network, 1).about.startswith("OpenVINO")
    assert "running on the processor instead" in caplog.text
    monkeypatch.setenv("COACH_ENGINE", "cuda")
    with pytest.raises(UsageError, match="cannot start its CUDAExecutionProvider"):
        engines.load(network, 1)


def test_what_tensorrt_leaves_over_is_computed_without_tf32(
    network, nvidia_smi, monkeypatch, tmp_path
):
    """No device, so no more can be seen than what the library is asked for."""
    nvidia_smi("NVIDIA H200, 143771 MiB, 580.65.06")
    monkeypatch.setenv("COACH_MODELS_DIR", str(tmp_path))
    asked = {}

    def session(_network, _options, providers):
        asked.update(providers)
        raise RuntimeError("no device")

    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    monkeypatch.setattr(
        onnxruntime, "get_available_providers", lambda: ["TensorrtExecutionProvider"]
    )
    with pytest.raises(ModelError, match="no device"):
        made("tensorrt", network, precision="f16")
    assert list(asked) == ["TensorrtExecutionProvider", "CUDAExecutionProvider"]
    assert asked["CUDAExecutionProvider"]["use_tf32"] == 0


def test_devices_are_what_the_driver_tells(nvidia_smi):
    nvidia_smi("NVIDIA H200, 143771 MiB, 580.65.06\nNVIDIA L4, 23034 MiB, 580.65.06")
    assert [(d.name, d.memory) for d in nvidia_devices()] == [
        ("NVIDIA H200", "143771 MiB"),
        ("NVIDIA L4", "23034 MiB"),
    ]
    nvidia_smi("a line that says something else")
    assert nvidia_devices() == []
