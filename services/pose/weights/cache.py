"""The models' files on this machine: the user's cache folder, or `COACH_MODELS_DIR`."""

import logging
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from services.pose.weights.files import check, hash_of
from services.pose.weights.registry import MODELS, Model
from shared.errors import ModelError, UsageError
from shared.settings import Settings

_log = logging.getLogger(__name__)


def ensure(name: str, accept_licence: bool = False) -> dict[str, Path]:
    """Make sure that a model's files are cached and sound.

    A model whose licence asks for something is fetched only with that accepted; once it is cached,
    nobody is asked again. `COACH_OPENPOSE_WEIGHTS` takes the place of `openpose-mpi`'s file.

    Returns:
        File name → path.

    Raises:
        UsageError: no model has this name.
        ModelError: the licence is not accepted, the files cannot be fetched, or a hash is wrong.
    """
    model = model_of(name)
    own = Settings().openpose_weights
    if name == "openpose-mpi" and own is not None:
        return {model.files[0].name: _as_it_is(own)}
    folder = folder_of(name)
    if not is_cached(name):
        _ask(model, accept_licence)
        _fetch(model, folder)
    for file in model.files:
        check(folder / file.name, replace(file, md5=""))  # compared when it came; SHA-256 says more
    return {file.name: folder / file.name for file in model.files}


def add(path: Path, accept_licence: bool = False) -> Path:
    """Copy a file that was got elsewhere into the cache, if it is one that is known by its hash.

    Returns:
        Its path in the cache.

    Raises:
        ModelError: it is not known, its licence is not accepted, or it cannot be read or copied.
    """
    actual = hash_of(path, "SHA-256")
    for model in MODELS.values():
        for file in model.files:
            if file.sha256 == actual:
                check(path, file)
                _ask(model, accept_licence)
                return _copy(path, folder_of(model.name) / file.name)
    known = ", ".join(file.name for model in MODELS.values() for file in model.files)
    raise ModelError(
        f"{path} (SHA-256 {actual}) is none of the files that are known: {known}. It is damaged or "
        "another version; COACH_OPENPOSE_WEIGHTS uses a caffemodel of your own as it is"
    )


def is_cached(name: str) -> bool:
    """Whether all files of a model are in the cache (their hashes are not looked at)."""
    return all((folder_of(name) / file.name).exists() for file in MODELS[name].files)


def folder_of(name: str) -> Path:
    """Folder in the cache that holds a model's files."""
    return Settings().models_dir / name


def model_of(name: str) -> Model:
    """The model of this name.

    Raises:
        UsageError: there is none; the message names those that there are.
    """
    if name not in MODELS:
        raise UsageError(f"no model is called {name!r}; there are: {', '.join(sorted(MODELS))}")
    return MODELS[name]


def _as_it_is(weights: Path) -> Path:
    if not weights.is_file():
        raise ModelError(f"COACH_OPENPOSE_WEIGHTS names {weights}, where there is no file")
    _log.warning(
        "using %s as it is (COACH_OPENPOSE_WEIGHTS): its hash is not checked, so nobody vouches "
        "for what it finds",
        weights,
    )
    return weights


def _ask(model: Model, accept_licence: bool) -> None:
    if model.terms and not accept_licence:
        raise ModelError(
            f"{model.name}: {model.terms}. If you may use it so, accept that with "
            f"`coach models pull {model.name} --accept-licence`, or with "
            "`coach models add PATH --accept-licence` if you have the file"
        )


def _fetch(model: Model, folder: Path) -> None:
    print(f"Fetching the weights of {model.name} ({model.licence}) …", file=sys.stderr)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        model.source.fetch(model.files, folder)
    except ModelError as error:
        raise ModelError(
            f"the weights of {model.name} could not be fetched: {error}. "
            f"{model.source.remedy}, or run `coach models pull {model.name}` on a machine "
            f"where that works and copy its files to {folder}"
        ) from error
    except OSError as error:
        raise _closed(folder, error) from error


def _copy(path: Path, place: Path) -> Path:
    staged = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, staged)
            os.replace(staged, place)
        finally:
            staged.unlink(missing_ok=True)
    except OSError as error:
        raise _closed(place.parent, error) from error
    return place


def _closed(folder: Path, error: OSError) -> ModelError:
    return ModelError(
        f"cannot write the weights to {folder}: {error.strerror}; "
        "set COACH_MODELS_DIR to a folder that can be written"
    )
