"""Turns a network into int8, after its training, with NNCF (an optional extra: `quantize`).

Weights and what flows between the layers get 256 levels each; their ranges come from what the
network is really given in calibration. Jacob et al. 2018, "Quantization and Training of Neural
Networks for Efficient Integer-Arithmetic-Only Inference", arXiv 1712.05877.
"""

import importlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openvino

from services.pose.engines.interface import int8_file
from services.pose.engines.recording import Recorded
from shared.data.skeleton import F32
from shared.errors import ModelError, UsageError


def quantise(recorded: Recorded, folder: Path) -> Path:
    """Write the int8 form of a network into a folder, calibrated on what it was given.

    Returns:
        The file; its weights lie beside it.

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
    file = folder / int8_file(recorded.model).name
    with _writing(folder):
        openvino.save_model(small, file, compress_to_fp16=False)
    return file


@contextmanager
def scratch_beside(model: Path) -> Iterator[Path]:
    """A folder on the same disk as a network, which goes when the block ends.

    Raises:
        ModelError: nothing can be written there.
    """
    with _writing(model.parent):
        folder = tempfile.TemporaryDirectory(dir=model.parent, prefix=".quantise-")
    with folder as name:
        yield Path(name)


def put_in_place(file: Path, model: Path) -> Path:
    """Move a network's int8 form to where the precision int8 looks for it.

    One that is there goes first and the new one's .xml, which is what is looked for, comes last:
    nobody finds the halves of two.

    Raises:
        ModelError: nothing can be written there.
    """
    place = int8_file(model)
    with _writing(place.parent):
        place.unlink(missing_ok=True)
        for suffix in (".bin", ".xml"):
            os.replace(file.with_suffix(suffix), place.with_suffix(suffix))
    return place


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


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise ModelError(
            f"cannot write the quantised network to {folder}: {error}; set COACH_MODELS_DIR "
            "to a folder that can be written"
        ) from error
