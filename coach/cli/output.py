"""stdout of a command, whose errors are told as what they are: a full disk, for example.

An OSError alone does not say which file it is of, and what is still buffered is written only as the
process ends, when nothing can be told any more.
"""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from shared.errors import OutputError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

#: Exit status where the reader of a pipe has gone, as Typer has it.
_CLOSED_PIPE = 1


class _Output(io.FileIO):
    """The file behind stdout."""

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write what it takes.

        Raises:
            OutputError: it takes nothing.
            BrokenPipeError: nobody reads it any more, as with `coach status | head`.
        """
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"cannot write the output: {error.strerror}") from error


@contextmanager
def checked_output() -> Iterator[None]:
    """Have stdout raise OutputError where it cannot be written, at the latest at the end.

    A letter that it cannot show is written as its code.
    """
    if not isinstance(sys.stdout, io.TextIOWrapper) or sys.stdout is not sys.__stdout__:
        yield  # it is closed, or somebody's who calls this
        return
    given = sys.stdout
    raw = _Output(given.fileno(), "wb", closefd=False)
    sys.stdout = io.TextIOWrapper(
        raw if given.write_through else io.BufferedWriter(raw),
        encoding=given.encoding,
        errors="backslashreplace",
        line_buffering=given.line_buffering,
        write_through=given.write_through,
    )
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OutputError:
        _discard(raw)
        raise
    except BrokenPipeError:
        _discard(raw)
        sys.exit(_CLOSED_PIPE)


def _discard(file: io.FileIO) -> None:
    """Have the rest of the output go nowhere, so that the end of the process can write it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, file.fileno())
    os.close(nowhere)
