"""Identifies a source by its content, and notices when that changes.

A file's fingerprint is its SHA-256, as `sha256sum` prints it. It is of the whole file: one of parts
would take two files that differ elsewhere for the same clip. It takes about a second per gigabyte,
a small part of what decoding takes. A file may still change after it, so readers compare
`version_of` before and after.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from shared.errors import SourceError
from shared.media.images import image_files

#: Size of the blocks that a file is read in, in bytes (chosen: a hundredth of a second each).
_BLOCK_BYTES = 2**22


def _go_on() -> None:
    """Let hashing continue."""


def fingerprint(path: Path, check: Callable[[], None] = _go_on) -> str:
    """SHA-256 of a source: of the file, or of the names and contents of a folder's pictures.

    Args:
        path: the file or folder.
        check: called between blocks; what it raises ends the work.

    Raises:
        SourceError: the source is missing or cannot be read.
    """
    files = image_files(path) or [path]
    try:
        if len(files) == 1:
            return _hash_of(files[0], check).hexdigest()
        digest = hashlib.sha256()
        for file in files:
            digest.update(file.name.encode(errors="surrogateescape") + b"\0")
            digest.update(_hash_of(file, check).digest())
        return digest.hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def has_fingerprint(path: Path, sha256: str, check: Callable[[], None] = _go_on) -> bool:
    """Whether a source has this fingerprint.

    Analyses that were stored before the fingerprint was the file's own SHA-256 have the SHA-256 of
    that; they are of the same content.

    Raises:
        SourceError: the source is missing or cannot be read.
    """
    now = fingerprint(path, check)
    return sha256 in (now, hashlib.sha256(bytes.fromhex(now)).hexdigest())


def version_of(path: Path) -> tuple[tuple[int, ...], ...]:
    """What the file system says of a source's files; it changes with each of their contents.

    Also a copy that keeps the time of its last change has another inode or another time of change
    of status.

    Raises:
        SourceError: the source is missing or cannot be read.
    """
    try:
        stats = [file.stat() for file in image_files(path) or [path]]
    except OSError as error:
        raise _unreadable(path, error) from error
    return tuple((s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for s in stats)


def _hash_of(file: Path, check: Callable[[], None]) -> "hashlib._Hash":
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(_BLOCK_BYTES))
    with file.open("rb", buffering=0) as stream:
        while size := stream.readinto(buffer):
            check()
            digest.update(buffer[:size])
    return digest


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(f"cannot read {path}: {error.strerror}; check its permissions")
