"""Opens media containers through PyAV, and names their errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import av.subtitles.stream  # PyAV imports it with the first file, in each task's process

from shared.errors import SourceError
from shared.media.limits import SourceLimits, pinned_name

#: Containers that are opened. Playlists and the like are not: they name other files. Pictures are
#: read by `images`.
FORMATS = (
    "asf,avi,dhav,dv,flv,gif,h264,hevc,ivf,m4v,matroska,mjpeg,mov,mpeg,mpegts,mpegvideo,mxf,obu,ogg"
)

#: Most streams of a kind that are looked at in one file (chosen: far more than any camera's; a
#: hostile file may have thousands).
MAX_STREAMS = 32

#: What PyAV raises when FFmpeg cannot read or write.
FFMPEG_ERRORS = (av.error.FFmpegError, OSError)

#: First bytes of a JPEG.
_JPEG = b"\xff\xd8\xff"

_OPTIONS = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}


def open_input(path: Path, limits: SourceLimits) -> Any:
    """Open a local file of an allowed format for reading, with PyAV's own errors."""
    with limits.open(path) as file:
        is_jpeg = file.read(len(_JPEG)) == _JPEG
        kind = "mjpeg" if is_jpeg else None  # FFmpeg would take a film of JPEGs for one picture
        name = pinned_name(file, path)
        return av.open(name, format=kind, options=_OPTIONS, metadata_errors="replace")


def open_container(path: Path, limits: SourceLimits) -> Any:
    """Open a source's container.

    Raises:
        SourceError: it cannot be read as a video.
        UsageError: it lies outside the allowed folders.
    """
    with source_errors(path):
        return open_input(path, limits)


@contextmanager
def source_errors(path: Path) -> Iterator[None]:
    """Raise whatever PyAV raises within the block as SourceError.

    Args:
        path: the file, for the message.
    """
    try:
        yield
    except (*FFMPEG_ERRORS, ValueError, OverflowError, MemoryError) as error:
        raise SourceError(
            f"{path} cannot be read as a video ({reason_of(error)}); it may be damaged, cut short "
            "or of another kind: record or export it again as MP4"
        ) from error


def reason_of(error: Exception) -> str:
    """FFmpeg's own words for an error."""
    if isinstance(error, av.error.ArgumentError):
        return "not of a kind that is read"  # it is not among `FORMATS`
    return getattr(error, "strerror", None) or str(error)
