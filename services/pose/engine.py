"""Runs one network on the processor, with OpenVINO."""

from pathlib import Path

import numpy as np
import openvino
from openvino import properties
from openvino.properties import hint

from shared.errors import ModelError
from shared.skeleton import F32


class Engine:
    """One network, compiled. Results do not depend on how many engines run beside it."""

    def __init__(self, model: Path, threads: int) -> None:
        """Read and compile `model` (.onnx or .tflite) for `threads` processor threads.

        Raises:
            ModelError: the file is no network that OpenVINO reads.
        """
        core = openvino.Core()
        config = {
            properties.inference_num_threads: threads,
            properties.hint.execution_mode: hint.ExecutionMode.ACCURACY,
            properties.hint.inference_precision: openvino.Type.f32,
            properties.hint.enable_cpu_pinning: False,
        }
        try:
            network = core.read_model(model)
            compiled = core.compile_model(network, "CPU", config)
        except RuntimeError as error:
            raise ModelError(f"{model} is no network that can be run: {error}") from error
        self._request = compiled.create_infer_request()

    def infer(self, batch: F32) -> list[F32]:
        """Outputs of the network for its one input, in the network's order.

        The arrays are views that the next call overwrites.
        """
        self._request.infer([np.ascontiguousarray(batch, np.float32)], share_inputs=True)
        return [tensor.data for tensor in self._request.output_tensors]
