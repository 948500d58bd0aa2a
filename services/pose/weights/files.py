"""A model's file: how it is checked, and how it is put in place atomically."""

import hashlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Protocol

from shared.errors import ModelError

#: Maximum size of a model's file, in bytes. Chosen: the largest registered one, OpenPose's, has 206
#: MB. A larger download is a mistake or an attack and is not written to the disk.
MAX_FILE_BYTES = 256 * 1024**2

#: Bytes that are read at a time. Chosen: it bounds the memory.
BLOCK_BYTES = 1024**2

#: Age from which a file's hash is remembered, in s. Chosen: time stamps are coarse, up to 2 s on
#: some file systems, and a file that has just changed may change again without a new stamp.
_MIN_AGE_S = 2.0


@dataclass(frozen=True)
class File:
    """One file of a model.

    Args:
        name: its name in the cache.
        sha256: hash that it must have.
        member: its path inside the archive that contains it, if there is one.
        md5: a second hash that it must have, if its authors published one.
    """

    name: str
    sha256: str
    member: str = ""
    md5: str = ""


class Source(Protocol):
    """A kind of source of a model's files; `remedy` says what to do if fetching fails."""

    @property
    def remedy(self) -> str: ...  # noqa: D102

    def fetch(self, files: Sequence[File], folder: Path) -> None:
        """Fetch files into a folder; each appears there complete and checked, or not at all.

        Raises:
            ModelError: the files cannot be fetched; the message says why.
            OSError: the folder cannot be written.
        """


def check(path: Path, file: File) -> None:
    """Compare a file's hashes with the registered ones.

    Raises:
        ModelError: the file cannot be read, or has another hash.
    """
    for name, expected in (("SHA-256", file.sha256), ("MD5", file.md5)):
        if expected and (actual := hash_of(path, name)) != expected:
            raise ModelError(
                f"{path} is damaged or another file ({name} {actual}, expected {expected}): "
                "delete it and run `coach models pull` again"
            )


def hash_of(path: Path, name: str) -> str:
    """A file's SHA-256 or MD5, in hexadecimal digits; remembered while the file is unchanged.

    Raises:
        ModelError: the file cannot be read.
    """
    try:
        status = path.stat()
        stamp = (status.st_dev, status.st_ino, status.st_size, status.st_ctime_ns)
        if time.time() - status.st_ctime < _MIN_AGE_S:
            return _hash(path, name)
        return _remembered_hash(path, name, stamp)
    except OSError as error:
        raise ModelError(f"cannot read the weights {path}: {error.strerror}") from error


@lru_cache
def _remembered_hash(path: Path, name: str, _stamp: tuple[int, ...]) -> str:
    return _hash(path, name)


def _hash(path: Path, name: str) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, name.replace("-", "").lower()).hexdigest()


def unpack(packed: IO[bytes], file: File, scratch: Path, folder: Path) -> None:
    """Extract one file from an opened archive, through a scratch folder on the same disk.

    Raises:
        ModelError: it exceeds `MAX_FILE_BYTES`, or is not the expected file.
    """
    staged = scratch / file.name
    remaining = MAX_FILE_BYTES
    with staged.open("wb") as copy:
        while block := packed.read(BLOCK_BYTES):
            remaining -= len(block)
            if remaining < 0:
                raise ModelError(f"{file.member} is larger than {MAX_FILE_BYTES} bytes")
            copy.write(block)
    check(staged, file)
    os.replace(staged, folder / file.name)
