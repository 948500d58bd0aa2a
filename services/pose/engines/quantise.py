"""Turns a network into int8, after its training, with NNCF (an optional extra: `quantize`).

Weights and what flows between the layers get 256 levels each; their ranges come from what the
network is really given in calibration. Jacob et al. 2018, "Quantization and Training of Neural
Networks for Efficient Integer-Arithmetic-Only Inference", arXiv 1712.05877.
"""

import importlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openvino

from services.pose.engines.interface import int8_file
from services.pose.engines.recording import Recorded
from shared.errors import ModelError, UsageError
from shared.skeleton import F32


def quantise(recorded: Recorded) -> Path:
    """Write the int8 form of a network beside it, calibrated on what it was given.

    Returns:
        The file that the precision int8 then runs.

    Raises:
        UsageError: NNCF is not installed.
        ModelError: the network cannot be read or quantised, or nothing can be written there.
    """
    if not recorded.inputs:
        raise ModelError(f"{recorded.model.name} was given no picture to be calibrated on")
    try:
        network = openvino.Core().read_model(recorded.model)
        small = _int8(network, recorded.inputs)
    except RuntimeError as error:
        raise ModelError(f"{recorded.model} cannot be quantised: {error}") from error
    file = int8_file(recorded.model)
    _save(small, file)
    return file


def remove(file: Path) -> None:
    """Take a quantised network away again."""
    for suffix in (".xml", ".bin"):
        file.with_suffix(suffix).unlink(missing_ok=True)


def _int8(network: openvino.Model, inputs: Sequence[F32]) -> openvino.Model:
    try:
        nncf: Any = importlib.import_module("nncf")
    except ImportError as error:
        raise UsageError(
            "quantising needs NNCF: pip install 'weightlifting-coach[quantize]'"
        ) from error
    return nncf.quantize(
        network,
        nncf.Dataset(list(inputs)),
        preset=nncf.QuantizationPreset.PERFORMANCE,  # all symmetric: the cheapest to compute
        target_device=nncf.TargetDevice.CPU,
        subset_size=len(inputs),
    )


def _save(network: openvino.Model, file: Path) -> None:
    """Write a network's two files; the one that is looked for comes last."""
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".quantise-") as scratch:
            staged = Path(scratch) / file.name
            openvino.save_model(network, staged, compress_to_fp16=False)
            for suffix in (".bin", ".xml"):
                os.replace(staged.with_suffix(suffix), file.with_suffix(suffix))
    except (OSError, RuntimeError) as error:
        raise ModelError(
            f"cannot write the quantised network to {file.parent}: {error}; set COACH_MODELS_DIR "
            "to a folder that can be written"
        ) from error
