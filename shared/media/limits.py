"""Which files may be opened: the allowed folders and the largest frame."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from shared.errors import UsageError
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
    def of(cls, settings: Settings) -> Self:
        """The limits that an operator has set."""
        return cls(tuple(settings.source_roots), settings.max_frame_px)


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
