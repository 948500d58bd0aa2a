"""Checks what the pose stage needs: devices, engines and models. For `coach doctor`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from coach.cli.finding import Finding, State
from services.pose import engines, weights
from services.pose.backends import backend_names, networks_of, weights_of
from services.pose.engines.inventory import take_inventory
from services.pose.runtime import Runtime
from services.pose.weights.files import check, hash_of
from shared.errors import CoachError, ModelError
from shared.settings import Settings


def check_devices() -> Iterator[Finding]:
    """Processor, NVIDIA devices, and the engines that can run on them."""
    try:
        found = take_inventory()
    except (ImportError, RuntimeError) as error:
        yield Finding(
            "devices", "processor", f"OpenVINO does not start: {error}", "wrong",
            "reinstall it: pip install --force-reinstall openvino",
        )  # fmt: skip
        return
    yield Finding("devices", "processor", f"{found.processor}, {found.cores} cores for Coach")
    yield Finding("devices", "precisions of the processor", ", ".join(found.precisions))
    for device in found.nvidia:
        described = f"{device.name}, {device.memory}, driver {device.driver}"
        yield Finding("devices", "NVIDIA", described)
    if not found.nvidia:
        yield Finding("devices", "NVIDIA", "none")
    for name, reason in found.unavailable.items():
        yield Finding("engines", name, reason or "ready")


def check_engine(settings: Settings) -> Iterator[Finding]:
    """The engine that a pose worker with these settings would use."""
    runtime = Runtime.of(settings)
    asked = f"{settings.engine}, {settings.precision}, {settings.pose_threads} threads a worker"
    try:
        files = _networks(settings.backend, runtime)
        engines.check(runtime, files)
        chosen = engines.choose_engine(runtime, files)
    except CoachError as error:
        yield Finding("engines", "chosen", asked, "wrong", str(error))
        return
    yield Finding("engines", "chosen", f"{chosen} (asked for: {asked})")


def _networks(backend: str, runtime: Runtime) -> Sequence[Path]:
    """The networks that a backend runs, or the weights that they are made of.

    int8 forms lie beside the networks, which may be converted weights; with int8 these are located,
    unless that would fetch something.
    """
    files = [
        weights.folder_of(model, runtime.models_dir) / file.name
        for model in weights_of(backend)
        for file in weights.MODELS[model].files
    ]
    is_here = _own_weights_of(backend, runtime) or all(file.exists() for file in files)
    return networks_of(backend, runtime) if runtime.precision == "int8" and is_here else files


def check_models(settings: Settings) -> Iterator[Finding]:
    """Each file of each model; only files that the backend in use needs can be wrong."""
    used = weights_of(settings.backend) if settings.backend in backend_names() else ()
    for name, model in weights.MODELS.items():
        is_used = name in used
        own = _own_weights_of(name, Runtime.of(settings))
        if own is not None:
            yield _own_weights(own, is_used)
            continue
        for file in model.files:
            path = weights.folder_of(name, settings.models_dir) / file.name
            if path.exists():
                yield _cached(model, file, path, is_used)
            else:
                yield _not_cached(model, file, is_used)


def _cached(model: weights.Model, file: weights.File, path: Path, is_used: bool) -> Finding:
    label = f"{model.name}/{file.name}"
    try:
        check(path, file)
    except ModelError as error:
        return Finding("models", label, "damaged", "wrong" if is_used else "note", str(error))
    return Finding("models", label, f"cached and sound, SHA-256 {file.sha256}")


def _not_cached(model: weights.Model, file: weights.File, is_used: bool) -> Finding:
    label, value = f"{model.name}/{file.name}", f"not cached, SHA-256 {file.sha256}"
    if not is_used:
        return Finding("models", label, value)
    pull = f"coach models pull {model.name}"
    if model.terms:  # a model with licence terms is not fetched on first use
        return Finding("models", label, value, "wrong", f"fetch it: {pull} --accept-licence")
    return Finding("models", label, value, "note", f"fetched on first use, or now: {pull}")


def _own_weights_of(model: str, runtime: Runtime) -> Path | None:
    return runtime.openpose_weights if model == "openpose-mpi" else None


def _own_weights(path: Path, is_used: bool) -> Finding:
    name = "openpose-mpi (COACH_OPENPOSE_WEIGHTS)"
    try:
        value = f"{path}, SHA-256 {hash_of(path, 'SHA-256')}"
    except ModelError as error:
        state: State = "wrong" if is_used else "note"
        return Finding("models", name, str(error), state, "set it to a caffemodel")
    remedy = "these weights are used unchecked: their hash is not compared"
    return Finding("models", name, value, "note", remedy)
