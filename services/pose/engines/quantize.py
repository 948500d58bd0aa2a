"""Quantizes a trained network to int8, with NNCF (an optional extra: `quantize`).

Weights and activations get 256 levels each; the ranges of activations come from calibration inputs.
Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference", arXiv 1712.05877.
"""

import importlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openvino

from services.pose.engines.interface import Engine, ImageInput, int8_file
from services.pose.engines.openvino_cpu import OpenVinoEngine
from services.pose.engines.recording import RecordedInputs
from services.pose.runtime import EngineLoader, Runtime
from services.pose.weights.derived import hash_file, write_hash
from shared.data.skeleton import F32
from shared.errors import ModelError, UsageError


def quantize(recorded: RecordedInputs, folder: Path) -> Path:
    """Write the int8 form of a network into a folder, calibrated on the network's inputs.

    Returns:
        The file; its weights lie beside it.

    Raises:
        UsageError: NNCF is not installed.
        ModelError: the network cannot be read or quantized, or the folder cannot be written.
    """
    if not recorded.inputs:
        raise ModelError(f"{recorded.model.name} was given no image to calibrate on")
    try:
        network = openvino.Core().read_model(recorded.model)
        quantized = _to_int8(network, recorded.inputs)
    except RuntimeError as error:
        raise ModelError(f"{recorded.model} cannot be quantized: {error}") from error
    file = folder / int8_file(recorded.model).name
    with _writing_to(folder):
        openvino.save_model(quantized, file, compress_to_fp16=False)
    return file


def trial_loader(int8_files: Mapping[Path, Path]) -> EngineLoader:
    """Make a `Runtime.engine_loader` that runs int8 forms before they are put in place.

    Args:
        int8_files: network → its int8 form.
    """

    def load(model: Path, runtime: Runtime, image_input: ImageInput | None = None) -> Engine:
        return OpenVinoEngine(int8_files[model], runtime.threads, "int8", image_input)

    return load


@contextmanager
def scratch_beside(model: Path) -> Iterator[Path]:
    """A temporary folder on the same disk as a network, removed when the block ends.

    Raises:
        ModelError: the network's folder cannot be written.
    """
    with _writing_to(model.parent):
        folder = tempfile.TemporaryDirectory(dir=model.parent, prefix=".quantize-")
    with folder as name:
        yield Path(name)


def put_in_place(file: Path, model: Path) -> Path:
    """Move a network's int8 form to where the precision int8 looks for it.

    An old .xml is removed first and the new one, whose existence is checked, is moved last, so that
    no process combines the files of two forms.

    Raises:
        ModelError: the network's folder cannot be written.
    """
    place = int8_file(model)
    with _writing_to(place.parent):
        place.unlink(missing_ok=True)
        write_hash([file, file.with_suffix(".bin")])
        os.replace(hash_file(file), hash_file(place))
        for suffix in (".bin", ".xml"):
            os.replace(file.with_suffix(suffix), place.with_suffix(suffix))
    return place


def _to_int8(network: openvino.Model, inputs: Sequence[F32]) -> openvino.Model:
    try:
        nncf: Any = importlib.import_module("nncf")
    except ImportError as error:
        raise UsageError(
            "quantizing needs NNCF: pip install 'weightlifting-coach[quantize]'"
        ) from error
    return nncf.quantize(
        network,
        nncf.Dataset(list(inputs)),
        preset=nncf.QuantizationPreset.PERFORMANCE,  # symmetric ranges are the fastest
        target_device=nncf.TargetDevice.CPU,
        subset_size=len(inputs),
    )


@contextmanager
def _writing_to(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise ModelError(
            f"cannot write the quantized network to {folder}: {error}; set COACH_MODELS_DIR "
            "to a folder that can be written"
        ) from error
