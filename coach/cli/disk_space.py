"""Checks, before any work is done, that the results of clips fit on the disk."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from shared.errors import CoachError, OutputError
from shared.media.images import image_files
from shared.names import absolute

#: Size of an annotated video relative to its clip (chosen: clips of phones gave 0.6 to 2.3).
_VIDEO_FACTOR = 2.0

#: Size of a result's other files, in bytes (chosen: a minute of video takes 8 MB).
_DATA_BYTES = 16 * 2**20


def check_space(clips: Iterable[Path], out: Path, video: bool) -> None:
    """Check that the disk of `out` has room for the results of clips.

    Args:
        clips: the clips; those that cannot be read do not count.
        out: folder for the results; it exists.
        video: whether the results have an annotated video.

    Raises:
        OutputError: it has not.
    """
    needed = sum(_DATA_BYTES + (_VIDEO_FACTOR * _size_of(clip) if video else 0) for clip in clips)
    free = shutil.disk_usage(out).free
    if needed > free:
        raise OutputError(
            f"the disk of {out} has {_gb(free)} GB left, and the results take about {_gb(needed)} "
            "GB; make room, choose another --out, or leave out the video with --no-video"
        )


def _size_of(clip: Path) -> int:
    try:
        clip = absolute(clip)
        return sum(file.stat().st_size for file in image_files(clip) or [clip])
    except (CoachError, OSError, ValueError, RuntimeError):
        return 0  # it is refused later, with the reason


def _gb(size: float) -> str:
    return f"{size / 1e9:.2f}"
