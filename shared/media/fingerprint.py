"""Identifies a source by its content."""

import hashlib
from pathlib import Path

from shared.errors import SourceError
from shared.media.images import image_files


def fingerprint(path: Path) -> str:
    """SHA-256 of a source's content: the file, or the names and contents of a folder's pictures.

    Raises:
        SourceError: the source is missing or cannot be read.
    """
    files = image_files(path) or [path]
    digest = hashlib.sha256()
    try:
        for file in files:
            if len(files) > 1:
                digest.update(file.name.encode(errors="surrogateescape") + b"\0")
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}; check its permissions") from error
    return digest.hexdigest()
