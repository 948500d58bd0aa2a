"""Which files may be opened: the allowed folders and the largest frame.

A path is checked after its symbolic links are resolved. A user who can write to an allowed folder
could put a link there between the check and the opening; so the opened file is checked.
"""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from shared.errors import OutputError, SourceError, UsageError
from shared.settings import MAX_FRAME_PX, Settings


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """Limits on the sources that a process opens.

    Attributes:
        roots: Folders below which sources must lie.
        max_frame_px: Largest frame accepted, in pixels; it bounds the memory of decoding.
    """

    roots: tuple[Path, ...] = (Path("/"),)
    max_frame_px: int = MAX_FRAME_PX

    @classmethod
    def of(cls, settings: Settings, is_set: bool = False) -> Self:
        """The limits that an operator has set.

        Args:
            settings: the operator's settings.
            is_set: whether the source is a set's clip, which the decoder cut out of a recording
                into the set's result folder.
        """
        roots = (*settings.source_roots, *(settings.out_roots if is_set else ()))
        return cls(roots, settings.max_frame_px)

    def open(self, path: Path) -> BinaryIO:
        """Open a file for reading.

        Raises:
            UsageError: what was opened lies outside the allowed folders.
            SourceError: it is no file.
            OSError: it cannot be read.
        """
        file = open(path, "rb", opener=_open_without_waiting)
        try:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SourceError(f"{path} is not a file")
            check_root(_opened_path(file, path), self.roots, "COACH_SOURCE_ROOTS")
        except BaseException:
            file.close()
            raise
        return file


#: Limits where nothing was set: any folder, and the built-in maximum frame size.
DEFAULT_LIMITS = SourceLimits()


def check_root(path: Path, roots: Iterable[Path], setting: str) -> None:
    """Raise UsageError if a resolved path lies below none of the allowed folders.

    Args:
        path: resolved path to check.
        roots: the allowed folders.
        setting: the setting that holds them, for the message.
    """
    if not any(path.is_relative_to(root.resolve()) for root in roots):
        raise UsageError(f"{path} lies outside the folders that {setting} allows")


def allowed_folder(folder: Path, roots: Iterable[Path], setting: str) -> Path:
    """Resolve the links above a folder that is to be written; it need not exist.

    Args:
        folder: the folder; if it is a link itself, what it leads to is checked as well.
        roots: the allowed folders.
        setting: the setting that holds them, for the message.

    Raises:
        UsageError: it lies below none of the allowed folders.
        OutputError: its links run in a circle.
    """
    roots = tuple(roots)
    try:
        resolved = folder.parent.resolve() / folder.name
        target = resolved.resolve()
    except (OSError, RuntimeError) as error:
        raise OutputError(f"cannot write to {folder}: {error}; choose another --out") from error
    if folder.name in ("", ".."):
        raise UsageError(f"{folder} is no folder for a result; choose another --out")
    for path in (resolved, target):
        check_root(path, roots, setting)
    return resolved


def check_unmoved(folder: Path, roots: Iterable[Path], setting: str) -> None:
    """Raise UsageError if links have taken the place of folders since `allowed_folder`."""
    if allowed_folder(folder, roots, setting) != folder:
        raise UsageError(f"{folder} was replaced by a link while the result was made")


def pinned_name(file: BinaryIO, path: Path) -> str:
    """A name that opens an opened file again, whatever has become of its path meanwhile."""
    name = f"/proc/self/fd/{file.fileno()}"
    return name if os.path.exists(name) else str(path)  # not all systems have it


def _open_without_waiting(path: str, flags: int) -> int:
    """Open a path; a pipe, whose opening waits for a writer, is opened at once."""
    return os.open(path, flags | os.O_NONBLOCK)


def _opened_path(file: BinaryIO, path: Path) -> Path:
    """Where an opened file lies."""
    name = pinned_name(file, path)
    return path.resolve() if name == str(path) else Path(os.readlink(name))
