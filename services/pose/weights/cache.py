"""The cache of the models' files on this machine: one folder per model in `models_dir`."""

import logging
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from services.pose.weights.files import check, hash_of
from services.pose.weights.registry import MODELS, Model
from shared.errors import ModelError, UsageError

_log = logging.getLogger(__name__)


def ensure(name: str, models_dir: Path, accept_licence: bool = False) -> dict[str, Path]:
    """Make sure that a model's files are cached and undamaged; fetch them if they are missing.

    A model with licence terms is fetched only if they are accepted. A cached one needs no further
    acceptance.

    Returns:
        File name → path.

    Raises:
        UsageError: no model has this name.
        ModelError: the licence is not accepted, the files cannot be fetched, or a hash is wrong.
    """
    model = model_of(name)
    folder = folder_of(name, models_dir)
    if not is_cached(name, models_dir):
        _require_licence(model, accept_licence)
        _fetch(model, folder)
    for file in model.files:
        check(folder / file.name, replace(file, md5=""))  # MD5 was compared when it was fetched
    return {file.name: folder / file.name for file in model.files}


def add(path: Path, models_dir: Path, accept_licence: bool = False) -> Path:
    """Copy a file from elsewhere into the cache, if its hash is registered.

    Returns:
        Its path in the cache.

    Raises:
        ModelError: its hash is unknown, its licence is not accepted, or it cannot be read or
            copied.
    """
    actual = hash_of(path, "SHA-256")
    for model in MODELS.values():
        for file in model.files:
            if file.sha256 == actual:
                check(path, file)
                _require_licence(model, accept_licence)
                return _copy(path, folder_of(model.name, models_dir) / file.name)
    known = ", ".join(file.name for model in MODELS.values() for file in model.files)
    raise ModelError(
        f"{path} (SHA-256 {actual}) is none of the known files: {known}. It is damaged or another "
        "version; COACH_OPENPOSE_WEIGHTS uses a caffemodel of your own unchecked"
    )


def use_unregistered(path: Path) -> Path:
    """Weights of an operator's own, used without a check of their hash; logs a warning.

    Raises:
        ModelError: the file does not exist.
    """
    if not path.is_file():
        raise ModelError(f"COACH_OPENPOSE_WEIGHTS is {path}, but there is no such file")
    _log.warning(
        "using %s unchecked (COACH_OPENPOSE_WEIGHTS): its SHA-256 %s is not compared, so its "
        "results may differ from those of the registered weights",
        path,
        hash_of(path, "SHA-256"),
    )
    return path


def is_cached(name: str, models_dir: Path) -> bool:
    """Whether all files of a model are in the cache (their hashes are not compared)."""
    return all((folder_of(name, models_dir) / file.name).exists() for file in MODELS[name].files)


def folder_of(name: str, models_dir: Path) -> Path:
    """Folder in the cache that holds a model's files."""
    return models_dir / name


def model_of(name: str) -> Model:
    """The model of this name.

    Raises:
        UsageError: there is none; the message lists the known ones.
    """
    if name not in MODELS:
        raise UsageError(f"no model is called {name!r}; there are: {', '.join(sorted(MODELS))}")
    return MODELS[name]


def _require_licence(model: Model, accept_licence: bool) -> None:
    if model.terms and not accept_licence:
        raise ModelError(
            f"{model.name}: {model.terms}. If your use is permitted, accept the licence with "
            f"`coach models pull {model.name} --accept-licence`, or with "
            "`coach models add PATH --accept-licence` if you have the file"
        )


def _fetch(model: Model, folder: Path) -> None:
    print(f"Fetching the weights of {model.name} ({model.licence}) …", file=sys.stderr)
    try:
        folder.mkdir(0o755, parents=True, exist_ok=True)
        model.source.fetch(model.files, folder)
    except ModelError as error:
        raise ModelError(
            f"the weights of {model.name} could not be fetched: {error}. "
            f"{model.source.remedy}, or run `coach models pull {model.name}` on a machine "
            f"where that works and copy its files to {folder}"
        ) from error
    except OSError as error:
        raise _not_writable(folder, error) from error


def _copy(path: Path, place: Path) -> Path:
    staged = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(0o755, parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, staged)
            os.replace(staged, place)
        finally:
            staged.unlink(missing_ok=True)
    except OSError as error:
        raise _not_writable(place.parent, error) from error
    return place


def _not_writable(folder: Path, error: OSError) -> ModelError:
    return ModelError(
        f"cannot write the weights to {folder}: {error.strerror}; "
        "set COACH_MODELS_DIR to a folder that can be written"
    )
