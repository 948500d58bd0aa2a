"""Runs a network on the processor, with OpenVINO."""

from importlib.metadata import version
from pathlib import Path

import openvino
from openvino import properties
from openvino.preprocess import PrePostProcessor
from openvino.properties import hint

from services.pose.engines.interface import (
    OPENVINO_PRECISIONS,
    Batch,
    ImageInput,
    input_of,
    weights_of,
)
from shared.data.skeleton import F32
from shared.errors import ModelError, UsageError

#: int8 is a property of the file, which was quantised; what is not int8 in it stays float32.
_ELEMENTS = {"f32": openvino.Type.f32, "bf16": openvino.Type.bf16, "int8": openvino.Type.f32}


class OpenVinoEngine:
    """A network on the processor. Results do not depend on how many engines run beside it."""

    #: A batch gains nothing on a processor, and a picture alone is done sooner.
    batch = 1

    def __init__(
        self, model: Path, threads: int, precision: str = "f32", pictures: ImageInput | None = None
    ) -> None:
        """Read and compile `model` for `threads` processor threads.

        Raises:
            UsageError: this processor gains nothing by the precision.
            ModelError: the file is no network that OpenVINO reads.
        """
        core = openvino.Core()
        why = missing(precision)
        if why:
            raise UsageError(why)
        config = {
            properties.inference_num_threads: threads,
            properties.hint.execution_mode: hint.ExecutionMode.ACCURACY,
            properties.hint.inference_precision: _ELEMENTS[precision],
            properties.hint.enable_cpu_pinning: False,
        }
        try:
            network = core.read_model(model)
            if pictures is not None:
                network = _taking_pictures(network, pictures)
            compiled = core.compile_model(network, "CPU", config)
        except RuntimeError as error:
            raise ModelError(f"{model} is no network that can be run: {error}") from error
        self._pictures = pictures
        self._request = compiled.create_infer_request()
        self.output_names = tuple(_name(output) for output in compiled.outputs)
        on = f"OpenVINO {version('openvino')}, {processor(core)}"
        self.about = f"{on}, {precision}, {weights_of(model)}"

    def infer(self, batch: Batch) -> list[F32]:
        """See `Engine.infer`."""
        self._request.infer([input_of(batch, self._pictures)], share_inputs=True)
        return [tensor.data for tensor in self._request.output_tensors]


def missing(precision: str) -> str:
    """What keeps the processor from computing in a precision; empty where nothing does."""
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
    """What the processor gains by: OpenVINO's names, such as `BF16` and `INT8`."""
    return list((core or openvino.Core()).get_property("CPU", "OPTIMIZATION_CAPABILITIES"))


def _taking_pictures(network: openvino.Model, pictures: ImageInput) -> openvino.Model:
    """The network with uint8 (n, height, width, 3) as its input."""
    steps = PrePostProcessor(network)
    steps.input().tensor().set_element_type(openvino.Type.u8)
    steps.input().tensor().set_layout(openvino.Layout("NHWC"))
    steps.input().model().set_layout(openvino.Layout("NCHW" if pictures.channels_first else "NHWC"))
    steps.input().preprocess().convert_element_type(openvino.Type.f32).scale(1 / pictures.scale)
    return steps.build()


def _name(output: openvino.ConstOutput) -> str:
    return str(output.get_any_name()) if output.get_names() else ""
