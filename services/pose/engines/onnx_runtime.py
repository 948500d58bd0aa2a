"""Runs an ONNX network with ONNX Runtime: on an NVIDIA device, or on the processor.

ONNX Runtime is an optional extra, so it is imported where it is needed.
"""

import contextlib
import importlib
import sys
from pathlib import Path
from typing import Any

from services.pose.engines.devices import nvidia_devices
from services.pose.engines.interface import Batch, ImageInput, input_of, weights_of
from shared.data.skeleton import F32
from shared.errors import DeviceError, ModelError, UsageError
from shared.settings import Settings

#: Suffixes of the files it reads; what is Caffe's is turned into ONNX before.
READS = (".onnx", ".caffemodel")

#: Engine → its execution provider, where its memory is, and the precisions it offers. Float32 is
#: exact everywhere; the processor's provider has no faster arithmetic for these networks, and
#: TensorRT's none so exact: it takes TF32 for float32, and no option of its provider forbids that.
PROVIDERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "cuda": ("CUDAExecutionProvider", "cuda", ("f32", "f16")),
    "tensorrt": ("TensorrtExecutionProvider", "cuda", ("f16",)),
    "onnxruntime": ("CPUExecutionProvider", "cpu", ("f32",)),
}

#: A device is idle for most of a single picture; this is a whole chunk of a job.
_DEVICE_BATCH = 16

#: ONNX Runtime's severity "error": what it warns of otherwise is its own affair.
_LOG_ERRORS = 3


class OnnxRuntimeEngine:
    """A network in ONNX Runtime, its input and output bound to the device's memory."""

    def __init__(
        self,
        model: Path,
        name: str,
        threads: int = 1,
        precision: str = "f32",
        pictures: ImageInput | None = None,
    ) -> None:
        """Read and compile `model` for the engine `name`, a key of `PROVIDERS`.

        Raises:
            UsageError: the library or the device is not there.
            ModelError: the file is no network that ONNX Runtime reads.
        """
        why = missing(name)
        if why:
            raise UsageError(why)
        library = _library()
        provider, self._device, _ = PROVIDERS[name]
        options = library.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = _LOG_ERRORS
        # Whatever a session prints must not get between the lines of `--json`.
        with contextlib.redirect_stdout(sys.stderr):
            self._session = _session(library, model, options, name, precision, pictures)
        if self._session.get_providers()[0] != provider:
            raise UsageError(
                f"ONNX Runtime cannot start its {provider} (its own message is above): install "
                "the libraries it names, or choose another engine with --engine or COACH_ENGINE"
            )
        self._pictures, self._library = pictures, library
        self.batch = 1 if self._device == "cpu" else _DEVICE_BATCH
        self._binding = self._session.io_binding()
        self._input: Any = None
        self._input_name: str = self._session.get_inputs()[0].name
        self.output_names = tuple(str(output.name) for output in self._session.get_outputs())
        where = "processor" if self._device == "cpu" else str(nvidia_devices()[0])
        on = f"ONNX Runtime {library.__version__}, {name} on {where}"
        self.about = f"{on}, {precision}, {weights_of(model)}"

    def infer(self, batch: Batch) -> list[F32]:
        """See `Engine.infer`."""
        data = input_of(batch, self._pictures)
        try:
            if self._input is None or tuple(self._input.shape()) != data.shape:
                self._bind(data)
            else:
                self._input.update_inplace(data)
            self._session.run_with_iobinding(self._binding)
            return list(self._binding.copy_outputs_to_cpu())
        except Exception as error:  # its errors have no common base of their own
            raise DeviceError(
                f"{self.about} fails while it runs the network: {error}; if it does so again, see "
                "what else takes the device's memory, or choose another --engine"
            ) from error

    def _bind(self, data: Any) -> None:
        """Take memory on the device for a batch of this shape, and put the batch there."""
        self._input = self._library.OrtValue.ortvalue_from_numpy(data, self._device, 0)
        self._binding.clear_binding_inputs()
        self._binding.clear_binding_outputs()
        self._binding.bind_ortvalue_input(self._input_name, self._input)
        for name in self.output_names:
            self._binding.bind_output(name, self._device)


def missing(name: str) -> str:
    """What keeps an engine from running here, and the remedy; empty where nothing does."""
    library = _library()
    extra = "onnxruntime" if name == "onnxruntime" else "'weightlifting-coach[nvidia]'"
    if library is None:
        return f"engine {name} needs ONNX Runtime, which is not installed: pip install {extra}"
    if PROVIDERS[name][0] not in library.get_available_providers():
        return (
            f"engine {name} needs ONNX Runtime for NVIDIA, and another one is installed: "
            f"pip uninstall onnxruntime, then pip install {extra}"
        )
    if PROVIDERS[name][1] != "cpu" and not nvidia_devices():
        return (
            f"engine {name} needs an NVIDIA device, and none is found (nvidia-smi names none): "
            "check the driver, or choose --engine openvino"
        )
    return ""


def has_nvidia_library() -> bool:
    """Whether the extra for NVIDIA is installed, be there a device or not."""
    library = _library()
    return library is not None and PROVIDERS["cuda"][0] in library.get_available_providers()


def installed_version() -> str:
    """Version of ONNX Runtime; empty where there is none."""
    library = _library()
    return "" if library is None else str(library.__version__)


def _library() -> Any:
    """ONNX Runtime; None where it is not installed."""
    try:
        return importlib.import_module("onnxruntime")
    except ImportError:
        return None


def _session(
    library: Any,
    model: Path,
    options: Any,
    name: str,
    precision: str,
    pictures: ImageInput | None,
) -> Any:
    provider, device, _ = PROVIDERS[name]
    if device != "cpu":
        library.preload_dlls()  # CUDA's libraries may lie in Python packages beside it
    wanted: list[Any] = [(provider, _provider_options(name))]
    if name == "tensorrt":  # for what it leaves over
        wanted.append((PROVIDERS["cuda"][0], _provider_options("cuda")))
    try:
        network: str | bytes = str(model)
        if precision != "f32" or pictures is not None:
            from services.pose.engines.onnx_input import changed  # its library is slow to import

            network = changed(model, precision, pictures)
        return library.InferenceSession(network, options, providers=wanted)
    except Exception as error:  # its errors have no common base of their own
        raise ModelError(f"{model} is no network that ONNX Runtime runs: {error}") from error


def _provider_options(name: str) -> dict[str, Any]:
    if name == "cuda":
        # TF32 has 10 bits of mantissa: that is not what f32 promises.
        return {"device_id": 0, "use_tf32": 0}
    if name == "tensorrt":
        cache = Settings().models_dir / "tensorrt"
        cache.mkdir(parents=True, exist_ok=True)
        return {
            "device_id": 0,
            "trt_fp16_enable": True,
            "trt_engine_cache_enable": True,  # compiling takes minutes, once a network and device
            "trt_engine_cache_path": str(cache),
        }
    return {}
