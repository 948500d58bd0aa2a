"""A model's file, how it is checked, and how it gets to its place whole or not at all."""

import hashlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Protocol

from shared.errors import ModelError

#: No file of a registered model is larger (OpenPose's is 206 MB); more than this is an attack or a
#: mistake, and is not written to the disk.
MAX_FILE_BYTES = 256 * 1024**2

#: Bytes that are read and hashed at a time.
BLOCK_BYTES = 1024**2

#: Time stamps of files are coarse: a file that was just changed may change again and bear the same.
_AT_REST_S = 2.0


@dataclass(frozen=True)
class File:
    """One file of a model.

    Args:
        name: its name in the cache.
        sha256: the hash by which it is believed.
        member: its path inside the archive that it comes in, if it comes in one.
        md5: a second hash, where its makers published that; it must be right as well.
    """

    name: str
    sha256: str
    member: str = ""
    md5: str = ""


class Source(Protocol):
    """A kind of place that a model's files come from; `remedy` says what to do if it fails."""

    @property
    def remedy(self) -> str: ...  # noqa: D102

    def fetch(self, files: Sequence[File], folder: Path) -> None:
        """Bring files into a folder; each appears there checked and whole, or not at all.

        Raises:
            ModelError: they cannot be had from here; the message says why.
            OSError: the folder cannot be written.
        """


def check(path: Path, file: File) -> None:
    """Compare a file's hashes with the registered ones.

    Raises:
        ModelError: it cannot be read, or is another file.
    """
    for name, expected in (("SHA-256", file.sha256), ("MD5", file.md5)):
        if expected and (actual := hash_of(path, name)) != expected:
            raise ModelError(
                f"{path} is damaged or another file ({name} {actual}, expected {expected}): "
                "delete it and run `coach models pull` again"
            )


def hash_of(path: Path, name: str) -> str:
    """A file's SHA-256 or MD5, in hexadecimal digits; of a file that stays as it is, once.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        about = path.stat()
        stamp = (about.st_dev, about.st_ino, about.st_size, about.st_ctime_ns)
        if time.time() - about.st_ctime < _AT_REST_S:
            return _hash(path, name)
        return _remembered(path, name, stamp)
    except OSError as error:
        raise ModelError(f"cannot read the weights {path}: {error.strerror}") from error


@lru_cache
def _remembered(path: Path, name: str, _stamp: tuple[int, ...]) -> str:
    return _hash(path, name)


def _hash(path: Path, name: str) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, name.replace("-", "").lower()).hexdigest()


def unpack(packed: IO[bytes], file: File, scratch: Path, folder: Path) -> None:
    """Copy one file out of an opened archive, by way of a scratch folder on the same disk.

    Raises:
        ModelError: it is larger than any model's file, or not the file expected.
    """
    staged = scratch / file.name
    left = MAX_FILE_BYTES
    with staged.open("wb") as copy:
        while block := packed.read(BLOCK_BYTES):
            left -= len(block)
            if left < 0:
                raise ModelError(f"{file.member} is larger than {MAX_FILE_BYTES} bytes")
            copy.write(block)
    check(staged, file)
    os.replace(staged, folder / file.name)
