"""Which engine runs a network: what was asked for, or what suits this machine."""

import logging
from collections.abc import Iterable
from pathlib import Path

from services.pose.engines import onnx_runtime
from services.pose.engines.interface import OPENVINO_PRECISIONS, Engine, ImageInput
from services.pose.engines.recording import is_recording, recorded
from services.pose.engines.trial import int8_form
from shared.errors import CoachError, ModelError, UsageError
from shared.settings import Settings

_log = logging.getLogger(__name__)


def load(model: Path, threads: int, pictures: ImageInput | None = None) -> Engine:
    """Compile a network for the engine and in the precision of this process's settings.

    Args:
        model: .onnx, .tflite or .pb.
        threads: processor threads that it may use.
        pictures: with it, the engine takes uint8 pictures and prepares them on its device.

    Raises:
        UsageError: what was asked for explicitly is not there, or cannot read this network.
        ModelError: the file is no network.
    """
    if is_recording():
        return recorded(_made("openvino", model, threads, "f32", pictures), model, pictures)
    settings = Settings()
    precision = settings.precision
    name = _meant(settings.engine, precision)
    check(name, precision, [model])
    suited = chosen(name, precision, [model])
    try:
        return _made(suited, model, threads, precision, pictures)
    except CoachError as error:
        if name == suited or suited == "openvino":
            raise
        _log.warning("%s; running on the processor instead, with OpenVINO", error)
        return _made("openvino", model, threads, precision, pictures)


def check(name: str, precision: str, models: Iterable[Path] = ()) -> None:
    """Make sure that an engine is there, computes in a precision and reads the networks.

    Raises:
        UsageError: it does not; the message has the remedy.
        ModelError: int8 is asked for, and a network has not been quantised.
    """
    name = _meant(name, precision)
    if name in ("auto", "openvino") and precision not in ("f32", "f16"):
        from services.pose.engines import openvino_cpu

        why = openvino_cpu.missing(precision)
        if why:
            raise UsageError(why)
    if name in ("auto", "openvino") and precision == "int8":
        for model in models:
            _quantised(model)
    if name == "auto":
        return
    if precision not in precisions(name):
        raise UsageError(
            f"engine {name} computes in {', '.join(precisions(name))}, not in {precision}: choose "
            "another with --precision or COACH_PRECISION"
        )
    if name == "openvino":
        return
    why = onnx_runtime.missing(name)
    if why:
        raise UsageError(why)
    unread = [model.name for model in models if model.suffix not in onnx_runtime.READS]
    if unread:
        raise UsageError(
            f"engine {name} reads ONNX networks only, and this backend's are "
            f"{', '.join(unread)}: use --engine openvino, or auto"
        )


def chosen(name: str, precision: str, models: Iterable[Path]) -> str:
    """What an engine's name comes to here: `auto` is one of the others."""
    name = _meant(name, precision)
    if name != "auto":
        return name
    return "cuda" if all(_suits_nvidia(model, precision) for model in models) else "openvino"


def precisions(name: str) -> tuple[str, ...]:
    """What an engine can compute in, on a processor or device that can."""
    if name == "openvino":
        return tuple(OPENVINO_PRECISIONS)
    return onnx_runtime.PROVIDERS[name][2]


def _meant(name: str, precision: str) -> str:
    """`auto` leaves no choice where only one engine has the precision."""
    return "cuda" if name == "auto" and precision == "f16" else name


def _suits_nvidia(model: Path, precision: str) -> bool:
    """Whether `auto` takes the NVIDIA device; says so where only the device is wanting."""
    if model.suffix not in onnx_runtime.READS or precision not in precisions("cuda"):
        return False
    why = onnx_runtime.missing("cuda")
    if why and onnx_runtime.has_nvidia_library():
        _log.warning("%s; running on the processor instead, with OpenVINO", why)
    return not why


def _quantised(model: Path) -> Path:
    file = int8_form(model)
    if not file.exists():
        raise ModelError(
            f"{model.name} has not been quantised on this machine ({file} is not there): run "
            "`coach models quantize BACKEND --pose-stages N` with this job's backend and stages "
            "(without --pose-stages where the job has none), or choose another --precision"
        )
    return file


def _made(
    name: str, model: Path, threads: int, precision: str, pictures: ImageInput | None
) -> Engine:
    engine: Engine
    if name == "openvino":
        from services.pose.engines.openvino_cpu import OpenVinoEngine

        file = _quantised(model) if precision == "int8" else model
        engine = OpenVinoEngine(file, threads, precision, pictures)
    else:
        engine = onnx_runtime.OnnxRuntimeEngine(model, name, threads, precision, pictures)
    _log.info("%s runs on %s", model.name, engine.about)
    return engine
