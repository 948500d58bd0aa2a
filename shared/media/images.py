"""Reads a picture, a folder of pictures, or an animation (WebP, PNG) as a clip.

Videos are read by PyAV. Pictures are read by Pillow, which turns them by their EXIF tag.
"""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as pillow
from PIL import ImageCms, ImageOps

from shared.errors import SourceError
from shared.media.frames import Image, Source, SourceFrame, SourceInfo
from shared.media.resize import fit

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

#: Kinds of pictures that Pillow may read.
_FORMATS = ("BMP", "JPEG", "PNG", "TIFF", "WEBP")

#: Those that may be animations. Several pictures of a TIFF or of a phone's JPEG are none.
_ANIMATED = {"PNG", "WEBP"}

#: Frame rate of a folder of pictures, 1/s. The pictures have no times of their own; at 10 a second
#: they can be watched as a slide show.
IMAGES_PER_S = 10

#: Unit of an animation's times: they are in milliseconds.
_MS = Fraction(1, 1000)

#: Duration of an animation's frame that states none, in milliseconds, as browsers assume.
_UNSTATED_MS = 100


class ImageSource(Source):
    """Pictures as a clip, in the natural order of their names; the first one gives the size."""

    def __init__(self, path: Path, images: list[Path], max_frame_px: int) -> None:
        self._images = images
        self._max_frame_px = max_frame_px
        first = self._read(images[0])
        self.info = _describe(path, first, IMAGES_PER_S, len(images), Fraction(1, IMAGES_PER_S))

    def frames(self) -> Iterator[SourceFrame]:
        """Yield one frame per picture; see `Source.frames`."""
        for index, path in enumerate(self._images):
            image = fit(self._read(path), self.info.width_px, self.info.height_px)
            self.frames_read = index + 1
            yield SourceFrame(index, index, index / IMAGES_PER_S, image)

    def close(self) -> None:
        """Do nothing: no file stays open between pictures."""

    def _read(self, path: Path) -> Image:
        with _opened(path, self._max_frame_px) as picture:
            return _bgr(picture)


class AnimationSource(Source):
    """An animated WebP or PNG as a clip, with its own times."""

    def __init__(self, path: Path, max_frame_px: int) -> None:
        self._path, self._max_frame_px = path, max_frame_px
        with _opened(path, max_frame_px) as picture:
            count, first = picture.n_frames, _bgr(picture)
            durations_ms = [_duration_ms(picture, index) for index in range(count)]
        fps = 1000 * count / sum(durations_ms)
        self._durations_ms = durations_ms
        self.info = _describe(path, first, fps, count, _MS)

    def frames(self) -> Iterator[SourceFrame]:
        """Yield every frame of the animation; see `Source.frames`."""
        at_ms = 0
        with _opened(self._path, self._max_frame_px) as picture:
            for index, duration_ms in enumerate(self._durations_ms):
                picture.seek(index)
                self.frames_read = index + 1
                yield SourceFrame(index, at_ms, at_ms / 1000, _bgr(picture))
                at_ms += duration_ms

    def close(self) -> None:
        """Do nothing: the file is open only while frames are read."""


def open_images(path: Path, images: list[Path], max_frame_px: int) -> Source:
    """A source of pictures.

    Args:
        path: a picture or a folder of pictures.
        images: the picture, or the pictures of the folder.
        max_frame_px: largest frame accepted, in pixels.

    Raises:
        SourceError: a picture cannot be read, or is too large.
    """
    if len(images) == 1:
        with _opened(images[0], max_frame_px) as picture:
            is_animation = picture.format in _ANIMATED and picture.is_animated
        if is_animation:
            return AnimationSource(path, max_frame_px)
    return ImageSource(path, images, max_frame_px)


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
        images = [p for p in path.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES and p.is_file()]
        if not images:
            raise SourceError(f"the folder {path} holds no pictures; give a video or picture files")
        return sorted(images, key=_natural_order)
    if not path.is_file():
        raise SourceError(f"{path} is neither a file nor a folder")
    if path.stat().st_size == 0:
        raise SourceError(f"{path} is empty; copy or record it again")
    return [path] if path.suffix.lower() in IMAGE_SUFFIXES else []


def _describe(path: Path, first: Image, fps: float, frames: int, time_base: Fraction) -> SourceInfo:
    return SourceInfo(
        path=str(path),
        width_px=first.shape[1],
        height_px=first.shape[0],
        fps=float(fps),
        frames_estimate=frames,
        time_base=time_base,
        has_audio=False,
    )


@contextmanager
def _opened(path: Path, max_frame_px: int) -> Iterator[Any]:
    """Open a picture; its size is checked before its pixels are read."""
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")  # about oddities of damaged files; the size is checked
            with pillow.open(file, formats=_FORMATS) as picture:
                if picture.width * picture.height > max_frame_px:
                    raise SourceError(
                        f"{path} has {picture.width}×{picture.height} pixels, over the limit of "
                        f"{max_frame_px} pixels; scale it down, or raise COACH_MAX_FRAME_PX"
                    )
                yield picture
    except SourceError:
        raise
    except Exception as error:  # Pillow's readers raise whatever damaged data leads them to
        raise SourceError(
            f"{path} cannot be read as a picture ({error}); export it again as JPEG or PNG"
        ) from error


def _bgr(picture: Any) -> Image:
    """The picture's current frame, upright, in sRGB: uint8 (height, width, 3)."""
    turned: Any = ImageOps.exif_transpose(picture)
    if turned.mode.startswith(("I", "F")):  # one channel of 16 bits; Pillow would cut it off at 255
        grey = np.asarray(turned, np.float64)
        turned = pillow.fromarray((grey / 257).clip(0, 255).astype(np.uint8))
    image = np.asarray(_in_srgb(turned).convert("RGB"))
    return np.ascontiguousarray(image[:, :, ::-1])


def _in_srgb(picture: Any) -> Any:
    """The picture with the colours of its ICC profile, such as a phone's Display P3, in sRGB."""
    profile = picture.info.get("icc_profile")
    if profile and picture.mode == "RGB":
        with suppress(ImageCms.PyCMSError, OSError, ValueError):  # damaged: its colours as they are
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"))
    return picture


def _duration_ms(picture: Any, index: int) -> int:
    picture.seek(index)
    picture.load()  # WebP tells a frame's duration when it is decoded
    return round(picture.info.get("duration", 0)) or _UNSTATED_MS


def _natural_order(path: Path) -> list[tuple[int, str]]:
    """Sort key that puts frame_10 after frame_9."""
    parts = re.findall(r"\d+|\D+", path.name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
