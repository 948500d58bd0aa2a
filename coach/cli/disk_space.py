"""Checks, before any work is done, that the results of clips fit on the disk."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from shared.errors import CoachError, OutputError
from shared.media.images import image_files
from shared.names import absolute
from shared.queue.job import Kind

#: Size of an annotated video relative to its clip (chosen: clips of phones gave 0.6 to 2.3).
_VIDEO_FACTOR = 2.0

#: Part of a recording that is cut out as clips of its sets. Chosen: twice that of an hour with five
#: minutes of lifting; more is found out while the sets are written, and the job can be resumed.
_LIFTING_FRACTION = 1 / 6

#: Size of a result's other files, in bytes (chosen: a minute of video takes 8 MB).
_DATA_BYTES = 16 * 2**20


def check_space(clips: Iterable[tuple[Path, Kind]], out: Path, video: bool) -> None:
    """Check that the disk of `out` has room for the results of clips.

    Args:
        clips: each clip, and whether it is a recording; those that cannot be read do not count.
        out: folder for the results; it exists.
        video: whether the results have an annotated video.

    Raises:
        OutputError: it has not.
    """
    needed = sum(_DATA_BYTES + _factor(kind, video) * _size_of(clip) for clip, kind in clips)
    free = shutil.disk_usage(out).free
    if needed > free:
        raise OutputError(
            f"the disk of {out} has {_gb(free)} GB left, and the results take about {_gb(needed)} "
            "GB; make room, choose another --out, or leave out the video with --no-video"
        )


def _factor(kind: Kind, video: bool) -> float:
    """Size of a clip's or recording's result relative to its source, without `_DATA_BYTES`."""
    annotated = _VIDEO_FACTOR if video else 0.0
    return annotated if kind == "clip" else _LIFTING_FRACTION * (1 + annotated)


def _size_of(clip: Path) -> int:
    try:
        clip = absolute(clip)
        return sum(file.stat().st_size for file in image_files(clip) or [clip])
    except (CoachError, OSError, ValueError, RuntimeError):
        return 0  # it is refused later, with the reason


def _gb(size: float) -> str:
    return f"{size / 1e9:.2f}"
