"""Files that are made out of a model's own: made once, kept, and believed by their hash.

Beside them lies a file with their SHA-256, written last; without that, or with another hash, they
are made anew. Two processes that make them at once write the same bytes.
"""

import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from services.pose.weights.files import hash_of
from shared.errors import ModelError
from shared.settings import Settings

_log = logging.getLogger(__name__)


def derived(
    source: Path,
    what: str,
    version: int,
    suffixes: Sequence[str],
    make: Callable[[], Sequence[bytes]],
) -> Path:
    """Give what is made out of a model's file: as it is kept, or made now.

    It lies beside the source, or in `converted` of the cache where that folder cannot be written.

    Args:
        source: a model's own file.
        what: what is made, for its name; the source's hash goes into the name too.
        version: of what makes it: to be raised when the same source gives other files.
        suffixes: of the files that belong together, such as `.xml` and `.bin`.
        make: gives their contents, in that order.

    Returns:
        The first of the files.

    Raises:
        ModelError: the source cannot be read, or the files cannot be written.
    """
    key = hashlib.sha256(f"{version} {hash_of(source, 'SHA-256')}".encode()).hexdigest()[:16]
    names = [f"{source.stem}-{what}-{key}{suffix}" for suffix in suffixes]
    folders = [source.parent, Settings().models_dir / "converted"]
    places = [[folder / name for name in names] for folder in folders]
    for files in places:
        if _are_sound(files):
            return files[0]
    contents = make()
    for files in places:
        try:
            _write(contents, files)
            return files[0]
        except OSError as error:
            refusal = error
    raise ModelError(
        f"cannot write {names[0]} to {folders[0]} or {folders[1]}: {refusal.strerror}; "
        "set COACH_MODELS_DIR to a folder that can be written"
    )


def _are_sound(files: Sequence[Path]) -> bool:
    try:
        expected = _hash_file(files).read_text()
        if len(files) == 1:
            actual = hash_of(files[0], "SHA-256")
        else:
            actual = _hash([file.read_bytes() for file in files])
    except (OSError, UnicodeDecodeError, ModelError):
        return False
    if actual != expected:
        _log.warning("%s is damaged; it is made anew", files[0])
    return actual == expected


def _write(contents: Sequence[bytes], files: Sequence[Path]) -> None:
    files[0].parent.mkdir(parents=True, exist_ok=True)
    for content, file in zip(contents, files, strict=True):
        _put(content, file)
    _put(_hash(contents).encode(), _hash_file(files))


def _put(content: bytes, place: Path) -> None:
    """Write a file whole or not at all."""
    staged = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        staged.write_bytes(content)
        os.replace(staged, place)
    finally:
        staged.unlink(missing_ok=True)


def _hash(contents: Sequence[bytes]) -> str:
    """Of all files together, one after the other."""
    digest = hashlib.sha256()
    for content in contents:
        digest.update(content)
    return digest.hexdigest()


def _hash_file(files: Sequence[Path]) -> Path:
    return files[0].with_name(files[0].name + ".sha256")
