"""Networks, and NVIDIA drivers and libraries that are not there, for the tests of the engines."""

import os

import onnxruntime
import pytest
from networks import write_network


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return write_network(tmp_path_factory.mktemp("net") / "small.onnx")


@pytest.fixture
def nvidia_smi(tmp_path, monkeypatch):
    """Puts a program called nvidia-smi on the path that prints a given text."""

    def prints(text, status=0):
        program = tmp_path / "nvidia-smi"
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {status}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return prints


@pytest.fixture
def with_nvidia_library(monkeypatch):
    """Makes ONNX Runtime list the provider for NVIDIA, which it does not have."""
    providers = [*onnxruntime.get_available_providers(), "CUDAExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: providers)
