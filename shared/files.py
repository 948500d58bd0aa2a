"""Writes files whole or not at all, and keeps other processes out of a folder meanwhile."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shared.errors import OutputError


@contextmanager
def replace_when_complete(path: Path) -> Iterator[Path]:
    """Give a file beside `path` to write to; it takes the place of `path` when the block ends.

    If the block raises, the file is removed and `path` stays as it was.

    Raises:
        OutputError: the file cannot be written.
    """
    # Not the name itself: with an addition it may be too long for the file system.
    digest = hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]
    partial = path.with_name(f".{digest}.partial")
    try:
        if path.is_dir():
            raise OutputError(f"cannot write {path}: it is a folder; give a file")
        yield partial
        partial.replace(path)
    except OSError as error:
        raise OutputError(
            f"cannot write {path} ({error.strerror}); choose another place"
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a folder during the block: other processes of this machine wait for it.

    The lock is no file, and ends with its process. On a file system without locks, the block runs
    without one.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
