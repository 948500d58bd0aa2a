"""Runs a network on the processor, with OpenVINO."""

import io
import logging
from importlib.metadata import version
from pathlib import Path
from typing import Any

import openvino
from openvino import properties
from openvino.preprocess import PrePostProcessor
from openvino.properties import hint

from services.pose.engines.compiled import CompiledFile
from services.pose.engines.interface import (
    OPENVINO_PRECISIONS,
    Batch,
    ImageInput,
    as_input_array,
    weights_label,
)
from services.pose.weights.files import hash_of
from shared.data.skeleton import F32
from shared.errors import ModelError, UsageError

#: Precision → inference precision. int8 is a property of the quantized file; layers that were not
#: quantized stay float32.
_INFERENCE_TYPES = {
    "f32": openvino.Type.f32,
    "bf16": openvino.Type.bf16,
    "int8": openvino.Type.f32,
}


_log = logging.getLogger(__name__)


class OpenVinoEngine:
    """A network on the processor. Results do not depend on how many engines run beside it."""

    #: Batches are no faster on a processor, and a single image is finished sooner.
    batch_size = 1

    def __init__(
        self,
        model: Path,
        threads: int,
        precision: str = "f32",
        image_input: ImageInput | None = None,
        cache_dir: Path | None = None,
    ) -> None:
        """Read and compile `model` for `threads` processor threads.

        `cache_dir` is the folder that keeps what OpenVINO compiles, which takes half a second.

        Raises:
            UsageError: this processor does not have the precision.
            ModelError: the file is not a network that OpenVINO reads.
        """
        core = openvino.Core()
        reason = why_unavailable(precision)
        if reason:
            raise UsageError(reason)
        config = {
            properties.inference_num_threads: threads,
            properties.hint.execution_mode: hint.ExecutionMode.ACCURACY,
            properties.hint.inference_precision: _INFERENCE_TYPES[precision],
            properties.hint.enable_cpu_pinning: False,
        }
        kept = None
        if cache_dir is not None:
            kept = _compiled_file(cache_dir, core, model, (threads, precision, image_input))
        compiled = _read_compiled(core, kept, config)
        if compiled is None:
            try:
                network = core.read_model(model)
                if image_input is not None:
                    network = _with_image_input(network, image_input)
                compiled = core.compile_model(network, "CPU", config)
            except RuntimeError as error:
                raise ModelError(f"{model} is not a network that can be run: {error}") from error
            if kept is not None:
                kept.write(compiled.export_model().getvalue())
        self._image_input = image_input
        self._request = compiled.create_infer_request()
        self.output_names = tuple(_name(output) for output in compiled.outputs)
        on = f"OpenVINO {version('openvino')}, {processor(core)}"
        self.description = f"{on}, {precision}, {weights_label(model)}"

    def infer(self, batch: Batch) -> list[F32]:
        """See `Engine.infer`."""
        self._request.infer([as_input_array(batch, self._image_input)], share_inputs=True)
        return [tensor.data for tensor in self._request.output_tensors]


def why_unavailable(precision: str) -> str:
    """Why this processor cannot compute in a precision, with the remedy; empty if it can."""
    if OPENVINO_PRECISIONS[precision] in capabilities():
        return ""
    return (
        f"this processor ({processor()}) does not compute in {precision}; choose another with "
        "--precision or COACH_PRECISION: `coach doctor` lists them"
    )


def processor(core: openvino.Core | None = None) -> str:
    """Name of the processor."""
    return str((core or openvino.Core()).get_property("CPU", "FULL_DEVICE_NAME")).strip()


def capabilities(core: openvino.Core | None = None) -> list[str]:
    """Precisions in which the processor is efficient, in OpenVINO's terms (`BF16`, `INT8`)."""
    return list((core or openvino.Core()).get_property("CPU", "OPTIMIZATION_CAPABILITIES"))


def _compiled_file(
    cache_dir: Path, core: openvino.Core, model: Path, options: tuple[object, ...]
) -> CompiledFile:
    """Where a network is kept compiled for this library, this processor and these options."""
    files = [model, model.with_suffix(".bin")] if model.suffix == ".xml" else [model]
    hashes = [hash_of(file, "SHA-256") for file in files]
    library, device = openvino.get_version(), (processor(core), capabilities(core))
    return CompiledFile(cache_dir, model.stem, hashes, library, device, options)


def _read_compiled(
    core: openvino.Core, kept: CompiledFile | None, config: dict[Any, Any]
) -> openvino.CompiledModel | None:
    """The kept network; None if there is none that this OpenVINO reads."""
    content = kept.read() if kept is not None else None
    if content is None:
        return None
    try:
        return core.import_model(io.BytesIO(content), "CPU", config)
    except RuntimeError as error:
        _log.warning("a compiled network cannot be read, compiling it again: %s", error)
        return None


def _with_image_input(network: openvino.Model, image_input: ImageInput) -> openvino.Model:
    """The network with uint8 (n, height, width, 3) as its input."""
    layout = "NCHW" if image_input.channels_first else "NHWC"
    steps = PrePostProcessor(network)
    steps.input().tensor().set_element_type(openvino.Type.u8)
    steps.input().tensor().set_layout(openvino.Layout("NHWC"))
    steps.input().model().set_layout(openvino.Layout(layout))
    preprocess = steps.input().preprocess()
    preprocess.convert_element_type(openvino.Type.f32).scale(1 / image_input.scale)
    return steps.build()


def _name(output: openvino.ConstOutput) -> str:
    return str(output.get_any_name()) if output.get_names() else ""
