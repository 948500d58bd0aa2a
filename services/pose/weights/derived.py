"""Files that are derived from a model's own: made once, kept, and accepted by their hash.

A file beside them holds their SHA-256 and is written last; without it, or if the hash differs, or
if other users can change the folder, they are made again. Two processes that make them at once
write the same bytes.
"""

import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from services.pose.weights.files import hash_of
from services.pose.weights.private import is_private
from shared.errors import ModelError

_log = logging.getLogger(__name__)

#: Folder in the models' cache for files that cannot be written beside their source.
_FALLBACK_FOLDER = "converted"


def ensure_derived(
    source: Path,
    label: str,
    version: int,
    suffixes: Sequence[str],
    make: Callable[[], Sequence[bytes]],
    models_dir: Path,
) -> Path:
    """Return the files derived from a model's file: the kept ones, or new ones.

    They lie beside the source, or in `models_dir / "converted"` if that folder cannot be written.

    Args:
        source: a model's own file.
        label: what is derived; part of the files' names, as is the source's hash.
        version: version of the conversion; to be raised when the same source gives other files.
        suffixes: suffixes of the files that belong together, such as `.xml` and `.bin`.
        make: returns their contents, in that order.
        models_dir: cache of the models.

    Returns:
        The first of the files.

    Raises:
        ModelError: the source cannot be read, or the files cannot be written.
    """
    key = hashlib.sha256(f"{version} {hash_of(source, 'SHA-256')}".encode()).hexdigest()[:16]
    names = [f"{source.stem}-{label}-{key}{suffix}" for suffix in suffixes]
    folders = [source.parent, models_dir / _FALLBACK_FOLDER]
    places = [[folder / name for name in names] for folder in folders]
    for files in places:
        if is_private(files[0].parent) and are_undamaged(files):
            return files[0]
    contents = make()
    for files in places:
        try:
            _write_all(contents, files)
            return files[0]
        except OSError as error:
            refusal = error
    raise ModelError(
        f"cannot write {names[0]} to {folders[0]} or {folders[1]}: {refusal.strerror}; "
        "set COACH_MODELS_DIR to a folder that can be written"
    )


def are_undamaged(files: Sequence[Path]) -> bool:
    """Whether files have the hash that lies beside the first of them."""
    try:
        expected = hash_file(files[0]).read_text()
        if len(files) == 1:
            actual = hash_of(files[0], "SHA-256")
        else:
            actual = _hash([file.read_bytes() for file in files])
    except (OSError, UnicodeDecodeError, ModelError):
        return False
    if actual != expected:
        _log.warning("%s is damaged", files[0])
    return actual == expected


def _write_all(contents: Sequence[bytes], files: Sequence[Path]) -> None:
    files[0].parent.mkdir(0o755, parents=True, exist_ok=True)
    for content, file in zip(contents, files, strict=True):
        _write_atomically(content, file)
    _write_atomically(_hash(contents).encode(), hash_file(files[0]))


def _write_atomically(content: bytes, place: Path) -> None:
    staged = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        staged.write_bytes(content)
        os.replace(staged, place)
    finally:
        staged.unlink(missing_ok=True)


def _hash(contents: Sequence[bytes]) -> str:
    """SHA-256 of all files' contents in a row."""
    digest = hashlib.sha256()
    for content in contents:
        digest.update(content)
    return digest.hexdigest()


def hash_file(first: Path) -> Path:
    """The file with the hash of files that belong together, beside the first of them."""
    return first.with_name(first.name + ".sha256")


def write_hash(files: Sequence[Path]) -> None:
    """Write the hash of files that belong together."""
    _write_atomically(_hash([file.read_bytes() for file in files]).encode(), hash_file(files[0]))
