"""Reads a picture, or a folder of pictures, as a clip."""

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from shared.errors import SourceError
from shared.media.animation import AnimationSource
from shared.media.frames import Image, Source, SourceFrame, SourceInfo
from shared.media.limits import SourceLimits
from shared.media.picture_file import bgr_of, is_animation, opened_picture
from shared.media.resize import ReadyPixels, fit

IMAGE_SUFFIXES = {
    ".apng",
    ".bmp",
    ".jfif",
    ".jpe",
    ".jpeg",
    ".jpg",
    ".png",
    ".tif",
    ".tiff",
    ".webp",
}

#: Frame rate of a folder of pictures, 1/s. The pictures have no times of their own; at 10 a second
#: they can be watched as a slide show.
IMAGES_PER_S = 10


class ImageSource(Source):
    """Pictures as a clip, in the natural order of their names; the first one gives the size."""

    def __init__(self, path: Path, images: list[Path], limits: SourceLimits) -> None:
        self._images = images
        self._limits = limits
        first = self._read(images[0])
        self.info = SourceInfo(
            path=str(path),
            width_px=first.shape[1],
            height_px=first.shape[0],
            fps=float(IMAGES_PER_S),
            frames_estimate=len(images),
            time_base=Fraction(1, IMAGES_PER_S),
        )

    def frames(self) -> Iterator[SourceFrame]:
        """Yield one frame per picture; see `Source.frames`."""
        for index, path in enumerate(self._images):
            image = fit(self._read(path), self.info.width_px, self.info.height_px)
            self.frames_read = index + 1
            yield SourceFrame(index, index, index / IMAGES_PER_S, ReadyPixels(image))

    def close(self) -> None:
        """Do nothing: no file stays open between pictures."""

    def _read(self, path: Path) -> Image:
        with opened_picture(path, self._limits) as picture:
            return bgr_of(picture)


def open_images(path: Path, images: list[Path], limits: SourceLimits) -> Source:
    """A source of pictures.

    Args:
        path: a picture or a folder of pictures.
        images: the picture, or the pictures of the folder.
        limits: where they may lie, and how large they may be.

    Raises:
        SourceError: a picture cannot be read, or is too large.
    """
    if len(images) == 1:
        with opened_picture(images[0], limits) as picture:
            is_animated = is_animation(picture)
        if is_animated:
            return AnimationSource(path, images[0], limits)
    return ImageSource(path, images, limits)


def image_files(path: Path) -> list[Path]:
    """List the pictures of a folder, or the picture itself; empty for a video.

    Raises:
        SourceError: the path is missing, empty, or a folder without pictures; or the system
            refuses its name.
    """
    try:
        return _image_files(path)
    except OSError as error:
        raise SourceError(
            f"cannot read {path}: {error.strerror}; check its name and its permissions"
        ) from error


def _image_files(path: Path) -> list[Path]:
    if not path.exists():
        raise SourceError(f"{path} does not exist; check the name")
    if path.is_dir():
        images = [p for p in path.iterdir() if _is_picture(p)]
        if not images:
            raise SourceError(f"the folder {path} holds no pictures; give a video or picture files")
        return sorted(images, key=_natural_order)
    if not path.is_file():
        raise SourceError(f"{path} is neither a file nor a folder")
    if path.stat().st_size == 0:
        raise SourceError(f"{path} is empty; copy or record it again")
    return [path] if path.suffix.lower() in IMAGE_SUFFIXES else []


def _is_picture(path: Path) -> bool:
    """Whether a file of a folder is a picture; hidden ones, which macOS leaves, are none."""
    is_hidden = path.name.startswith(".")
    return path.suffix.lower() in IMAGE_SUFFIXES and not is_hidden and path.is_file()


def _natural_order(path: Path) -> list[tuple[int, str]]:
    """Sort key that puts frame_10 after frame_9."""
    parts = re.findall(r"\d+|\D+", path.name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
