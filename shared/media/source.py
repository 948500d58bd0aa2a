"""Opens a source: a video, an animation, a picture or a folder of pictures.

The decoder and the writer both read through `open_source`, and therefore see the same frames.
"""

from pathlib import Path

from shared.media.frames import Source
from shared.media.images import image_files, open_images
from shared.media.limits import DEFAULT_LIMITS, SourceLimits, check_root
from shared.media.video import VideoSource


def open_source(path: Path, limits: SourceLimits = DEFAULT_LIMITS) -> Source:
    """Open a video file, a GIF, a picture or a folder of pictures.

    Args:
        path: the file or folder.
        limits: where it may lie, and how large its frames may be.

    Raises:
        SourceError: it is missing, empty, damaged, too large, or no video.
        UsageError: it lies outside the allowed folders.
    """
    path = path.resolve()
    check_root(path, limits.roots, "COACH_SOURCE_ROOTS")
    images = image_files(path)
    for image in images:
        check_root(image.resolve(), limits.roots, "COACH_SOURCE_ROOTS")
    if images:
        return open_images(path, images, limits)
    return VideoSource(path, limits)
