"""Which engine runs a network: the one that was asked for, or what suits this machine."""

import logging
from collections.abc import Iterable
from pathlib import Path

from services.pose.engines import onnx_runtime
from services.pose.engines.interface import OPENVINO_PRECISIONS, Engine, ImageInput, int8_file
from services.pose.runtime import Runtime
from services.pose.weights.derived import are_undamaged
from services.pose.weights.private import is_private
from shared.errors import CoachError, ModelError, UsageError

_log = logging.getLogger(__name__)


def load(model: Path, runtime: Runtime, image_input: ImageInput | None = None) -> Engine:
    """Compile a network for a runtime's engine and precision.

    With `auto`, a device that does not start is replaced by the processor, with a warning.

    Args:
        model: .onnx, .tflite or .pb.
        runtime: engine, precision and threads; its `engine_loader` replaces all of this, if given.
        image_input: with it, the engine takes uint8 images and converts them on its device.

    Raises:
        UsageError: the engine that was asked for is not available, or cannot read this network.
        ModelError: the file is not a network, or has no int8 form where int8 is asked for.
    """
    if runtime.engine_loader is not None:
        return runtime.engine_loader(model, runtime, image_input)
    check(runtime, [model])
    name = choose_engine(runtime, [model])
    try:
        return _compile(name, model, runtime, image_input)
    except CoachError as error:
        if name in (_requested_engine(runtime), "openvino"):
            raise
        _log.warning("%s; running on the processor instead, with OpenVINO", error)
        return _compile("openvino", model, runtime, image_input)


def check(runtime: Runtime, models: Iterable[Path] = ()) -> None:
    """Make sure that a runtime's engine is available, has the precision and reads the networks.

    Raises:
        UsageError: it does not; the message has the remedy.
        ModelError: int8 is asked for, and a network has not been quantized.
    """
    name, precision = _requested_engine(runtime), runtime.precision
    if name in ("auto", "openvino") and precision not in ("f32", "f16"):
        from services.pose.engines import openvino_cpu

        reason = openvino_cpu.why_unavailable(precision)
        if reason:
            raise UsageError(reason)
    if name in ("auto", "openvino") and precision == "int8":
        for model in models:
            _existing_int8_file(model)
    if name == "auto":
        return
    if precision not in precisions_of(name):
        raise UsageError(
            f"engine {name} computes in {', '.join(precisions_of(name))}, not in {precision}: "
            "choose another with --precision or COACH_PRECISION"
        )
    if name != "openvino":
        _check_onnx_runtime(name, models)


def choose_engine(runtime: Runtime, models: Iterable[Path]) -> str:
    """Name of the engine that runs these networks: `auto` becomes one of the others."""
    name = _requested_engine(runtime)
    if name != "auto":
        return name
    suits_nvidia = all(_suits_nvidia(model, runtime.precision) for model in models)
    return "cuda" if suits_nvidia else "openvino"


def precisions_of(name: str) -> tuple[str, ...]:
    """Precisions of an engine, on hardware that supports them."""
    if name == "openvino":
        return tuple(OPENVINO_PRECISIONS)
    return onnx_runtime.PROVIDERS[name].precisions


def _requested_engine(runtime: Runtime) -> str:
    """The engine that was asked for; `auto` is `cuda` in f16, which no other engine offers."""
    return "cuda" if runtime.engine == "auto" and runtime.precision == "f16" else runtime.engine


def _check_onnx_runtime(name: str, models: Iterable[Path]) -> None:
    reason = onnx_runtime.why_unavailable(name)
    if reason:
        raise UsageError(reason)
    unreadable = [m.name for m in models if m.suffix not in onnx_runtime.READABLE_SUFFIXES]
    if unreadable:
        raise UsageError(
            f"engine {name} reads ONNX networks only, and this backend's are "
            f"{', '.join(unreadable)}: use --engine openvino, or auto"
        )


def _suits_nvidia(model: Path, precision: str) -> bool:
    """Whether `auto` picks the NVIDIA device; logs a warning if only the device is missing."""
    if model.suffix not in onnx_runtime.READABLE_SUFFIXES or precision not in precisions_of("cuda"):
        return False
    reason = onnx_runtime.why_unavailable("cuda")
    if reason and onnx_runtime.has_nvidia_library():
        _log.warning("%s; running on the processor instead, with OpenVINO", reason)
    return not reason


def _existing_int8_file(model: Path) -> Path:
    file = int8_file(model)
    if not file.exists():
        raise ModelError(
            f"{model.name} has not been quantized on this machine ({file} does not exist): run "
            "`coach models quantize BACKEND --pose-stages N` with this job's backend and stages "
            "(without --pose-stages if the job has none), or choose another --precision"
        )
    return file


def _checked_int8_file(model: Path) -> Path:
    file = _existing_int8_file(model)
    if not (is_private(file.parent) and are_undamaged([file, file.with_suffix(".bin")])):
        raise ModelError(
            f"{file} is damaged, or other users can change it: run `coach models quantize` again, "
            "in a COACH_MODELS_DIR of your own"
        )
    return file


def _compile(name: str, model: Path, runtime: Runtime, image_input: ImageInput | None) -> Engine:
    precision, threads = runtime.precision, runtime.threads
    engine: Engine
    if name == "openvino":
        from services.pose.engines.openvino_cpu import OpenVinoEngine

        file = _checked_int8_file(model) if precision == "int8" else model
        cache_dir = runtime.models_dir / "openvino"
        engine = OpenVinoEngine(file, threads, precision, image_input, cache_dir)
    else:
        cache_dir = runtime.models_dir / "tensorrt"
        engine = onnx_runtime.OnnxRuntimeEngine(
            model, name, threads, precision, image_input, cache_dir
        )
    _log.info("%s runs on %s", model.name, engine.description)
    return engine
