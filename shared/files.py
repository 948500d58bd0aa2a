"""Writes files whole or not at all."""

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
    partial = path.with_name(f".{path.name}.partial")
    if path.is_dir():
        raise OutputError(f"cannot write {path}: it is a folder; give a file")
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        raise OutputError(
            f"cannot write {path} ({error.strerror}); choose another place"
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
