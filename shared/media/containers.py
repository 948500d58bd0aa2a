"""Opens media containers through PyAV, and names their errors."""

from pathlib import Path
from typing import Any

import av

from shared.errors import SourceError

#: Containers that are opened. Playlists and the like are not: they name other files.
FORMATS = (
    "apng,asf,avi,flv,gif,h264,hevc,ivf,jpeg_pipe,matroska,webm,mjpeg,mov,mp4,mpeg,mpegts,"
    "mpegvideo,mxf,ogg,png_pipe,bmp_pipe,tiff_pipe,webp_pipe,image2"
)

#: What PyAV raises when FFmpeg cannot read or write.
FFMPEG_ERRORS = (av.error.FFmpegError, OSError)

_OPTIONS = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}


def open_input(path: Path) -> Any:
    """Open a local file of an allowed format for reading, with PyAV's own errors."""
    return av.open(str(path), options=_OPTIONS)


def open_container(path: Path) -> Any:
    """Open a source's container.

    Raises:
        SourceError: it cannot be read as a video.
    """
    try:
        return open_input(path)
    except (*FFMPEG_ERRORS, ValueError) as error:
        raise SourceError(
            f"{path} cannot be read as a video ({reason_of(error)}); it may be damaged, cut short "
            "or of another kind: record or export it again as MP4"
        ) from error


def reason_of(error: Exception) -> str:
    """FFmpeg's own words for an error."""
    return getattr(error, "strerror", None) or str(error)
