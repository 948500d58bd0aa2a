"""Runs an ONNX network with ONNX Runtime: on an NVIDIA device, or on the processor.

ONNX Runtime is an optional extra, so it is imported only when it is used.
"""

import contextlib
import importlib
import sys
from pathlib import Path
from typing import Any, NamedTuple

from services.pose.engines.devices import nvidia_devices
from services.pose.engines.interface import Batch, ImageInput, as_input_array, weights_label
from services.pose.weights.private import is_private
from shared.data.skeleton import F32
from shared.errors import DeviceError, ModelError, UsageError

#: Suffixes of readable networks; caffemodels are converted to ONNX first.
READABLE_SUFFIXES = (".onnx", ".caffemodel")


class Provider(NamedTuple):
    """One of ONNX Runtime's execution providers: its name, its memory, and its precisions."""

    name: str
    device: str
    precisions: tuple[str, ...]


#: Engine → its execution provider. The processor's provider has no faster arithmetic than float32
#: for these networks. TensorRT has no exact float32: it computes in TF32, and no option of its
#: provider turns that off.
PROVIDERS = {
    "cuda": Provider("CUDAExecutionProvider", "cuda", ("f32", "f16")),
    "tensorrt": Provider("TensorrtExecutionProvider", "cuda", ("f16",)),
    "onnxruntime": Provider("CPUExecutionProvider", "cpu", ("f32",)),
}

#: Images per call on a device. Chosen: one chunk of a job, since a single image leaves most of a
#: device idle.
_DEVICE_BATCH_SIZE = 16

#: ONNX Runtime's severity "error", by its definition; its warnings concern nobody but its
#: developers.
_LOG_ERRORS = 3


class OnnxRuntimeEngine:
    """A network in ONNX Runtime, with input and output bound to the device's memory."""

    def __init__(
        self,
        model: Path,
        name: str,
        threads: int = 1,
        precision: str = "f32",
        image_input: ImageInput | None = None,
        tensorrt_cache: Path | None = None,
    ) -> None:
        """Read and compile `model` for the engine `name`, a key of `PROVIDERS`.

        `tensorrt_cache` is the folder that keeps what TensorRT compiles, which takes minutes.

        Raises:
            UsageError: the library or the device is not available.
            ModelError: the file is not a network that ONNX Runtime reads.
        """
        reason = why_unavailable(name)
        if reason:
            raise UsageError(reason)
        library = _library()
        provider = PROVIDERS[name]
        self._device = provider.device
        options = library.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = _LOG_ERRORS
        # What a session prints must not get between the lines of `--json`.
        with contextlib.redirect_stdout(sys.stderr):
            if self._device != "cpu":
                library.preload_dlls()  # CUDA's libraries may be Python packages
            try:
                self._session = library.InferenceSession(
                    _network(model, precision, image_input),
                    options,
                    providers=_providers(name, tensorrt_cache),
                )
            except Exception as error:  # ONNX Runtime's errors have no common base class
                raise ModelError(
                    f"{model} is not a network that ONNX Runtime can run: {error}"
                ) from error
        if self._session.get_providers()[0] != provider.name:
            raise UsageError(
                f"ONNX Runtime cannot start its {provider.name} (its own message is above): "
                "install the libraries it names, or choose another engine with --engine or "
                "COACH_ENGINE"
            )
        self._image_input, self._library = image_input, library
        self.batch_size = 1 if self._device == "cpu" else _DEVICE_BATCH_SIZE
        self._binding = self._session.io_binding()
        self._input: Any = None
        self._input_name: str = self._session.get_inputs()[0].name
        self.output_names = tuple(str(output.name) for output in self._session.get_outputs())
        where = "processor" if self._device == "cpu" else str(nvidia_devices()[0])
        on = f"ONNX Runtime {library.__version__}, {name} on {where}"
        self.description = f"{on}, {precision}, {weights_label(model)}"

    def infer(self, batch: Batch) -> list[F32]:
        """See `Engine.infer`."""
        data = as_input_array(batch, self._image_input)
        try:
            if self._input is None or tuple(self._input.shape()) != data.shape:
                self._bind(data)
            else:
                self._input.update_inplace(data)
            self._session.run_with_iobinding(self._binding)
            return list(self._binding.copy_outputs_to_cpu())
        except Exception as error:  # ONNX Runtime's errors have no common base class
            raise DeviceError(
                f"{self.description} failed while it ran the network: {error}; if this happens "
                "again, check what else uses the device's memory, or choose another --engine"
            ) from error

    def _bind(self, data: Any) -> None:
        """Allocate device memory for batches of this shape and copy this one there."""
        self._input = self._library.OrtValue.ortvalue_from_numpy(data, self._device, 0)
        self._binding.clear_binding_inputs()
        self._binding.clear_binding_outputs()
        self._binding.bind_ortvalue_input(self._input_name, self._input)
        for name in self.output_names:
            self._binding.bind_output(name, self._device)


def why_unavailable(name: str) -> str:
    """Why an engine cannot run here, with the remedy; empty if it can."""
    library = _library()
    extra = "onnxruntime" if name == "onnxruntime" else "'weightlifting-coach[nvidia]'"
    if library is None:
        return f"engine {name} needs ONNX Runtime, which is not installed: pip install {extra}"
    if PROVIDERS[name].name not in library.get_available_providers():
        return (
            f"engine {name} needs ONNX Runtime for NVIDIA, but another one is installed: "
            f"pip uninstall onnxruntime, then pip install {extra}"
        )
    if PROVIDERS[name].device != "cpu" and not nvidia_devices():
        return (
            f"engine {name} needs an NVIDIA device, and none is found (nvidia-smi lists none): "
            "check the driver, or choose --engine openvino"
        )
    return ""


def has_nvidia_library() -> bool:
    """Whether the extra `nvidia` is installed, with or without a device."""
    library = _library()
    return library is not None and PROVIDERS["cuda"].name in library.get_available_providers()


def _library() -> Any:
    """ONNX Runtime; None if it is not installed."""
    try:
        return importlib.import_module("onnxruntime")
    except ImportError:
        return None


def _network(model: Path, precision: str, image_input: ImageInput | None) -> str | bytes:
    """The network to compile: the file itself, or a rewritten copy in memory."""
    if precision == "f32" and image_input is None:
        return str(model)
    from services.pose.engines.onnx_input import rewrite_network  # slow to import

    return rewrite_network(model, precision, image_input)


def _providers(name: str, tensorrt_cache: Path | None) -> list[tuple[str, dict[str, Any]]]:
    """Execution providers in order of preference, with their options."""
    cuda = (
        PROVIDERS["cuda"].name,
        {"device_id": 0, "use_tf32": 0},  # TF32 has 10 bits of mantissa: not float32
    )
    if name == "cuda":
        return [cuda]
    if name != "tensorrt":
        return [(PROVIDERS[name].name, {})]
    options: dict[str, Any] = {"device_id": 0, "trt_fp16_enable": True}
    if tensorrt_cache is not None:  # compiling takes minutes, once per network and device
        tensorrt_cache.mkdir(0o755, parents=True, exist_ok=True)
    if tensorrt_cache is not None and is_private(tensorrt_cache):
        options |= {"trt_engine_cache_enable": True, "trt_engine_cache_path": str(tensorrt_cache)}
    # CUDA runs the operations that TensorRT does not support.
    return [(PROVIDERS["tensorrt"].name, options), cuda]
