"""Which engine is chosen; an unavailable one is refused, or replaced with a warning."""

import logging

import pytest

from services.pose import engines
from services.pose.runtime import Runtime
from shared.errors import ModelError, UsageError


def test_auto_is_openvino_without_an_nvidia_library(network, tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    assert engines.load(network, Runtime(tmp_path)).description.startswith("OpenVINO")
    assert not caplog.records


def test_an_unquantized_network_is_refused_with_the_remedy(network, tmp_path):
    with pytest.raises(ModelError, match="coach models quantize"):
        engines.load(network, Runtime(tmp_path, precision="int8"))


@pytest.mark.parametrize(
    ("engine", "precision", "suffix", "reason"),
    [
        ("cuda", "f32", ".onnx", r"weightlifting-coach\[nvidia\]"),  # the extra is not installed
        ("tensorrt", "f16", ".onnx", r"weightlifting-coach\[nvidia\]"),
        ("auto", "f16", ".onnx", r"weightlifting-coach\[nvidia\]"),  # only NVIDIA has f16
        ("onnxruntime", "f32", ".tflite", "reads ONNX networks only"),
        ("onnxruntime", "f32", ".pb", "reads ONNX networks only"),
        ("onnxruntime", "bf16", ".onnx", "not in bf16"),
        ("tensorrt", "f32", ".onnx", "not in f32"),  # it would be TF32
        ("openvino", "f16", ".onnx", "not in f16"),
    ],
)
def test_an_unavailable_explicit_choice_is_refused(tmp_path, engine, precision, suffix, reason):
    runtime = Runtime(tmp_path, engine=engine, precision=precision)
    with pytest.raises(UsageError, match=reason):
        engines.load(tmp_path / f"net{suffix}", runtime)


def test_auto_without_a_device_falls_back_with_a_warning(
    network, tmp_path, with_nvidia_library, nvidia_smi, caplog
):
    nvidia_smi("NVIDIA-SMI has failed", status=9)
    assert engines.load(network, Runtime(tmp_path)).description.startswith("OpenVINO")
    assert "needs an NVIDIA device" in caplog.text
    with pytest.raises(UsageError, match="needs an NVIDIA device"):
        engines.load(network, Runtime(tmp_path, engine="cuda"))


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_auto_with_a_broken_device_falls_back_with_a_warning(
    network, tmp_path, with_nvidia_library, nvidia_smi, caplog
):
    nvidia_smi("NVIDIA H200, 143771 MiB, 580.65.06")
    assert engines.load(network, Runtime(tmp_path)).description.startswith("OpenVINO")
    assert "running on the processor instead" in caplog.text
    with pytest.raises(UsageError, match="cannot start its CUDAExecutionProvider"):
        engines.load(network, Runtime(tmp_path, engine="cuda"))


def test_the_environment_does_not_change_a_given_runtime(network, tmp_path, monkeypatch):
    monkeypatch.setenv("COACH_ENGINE", "onnxruntime")
    assert engines.load(network, Runtime(tmp_path)).description.startswith("OpenVINO")
