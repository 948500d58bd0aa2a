"""Opens a picture through Pillow, and gives it as a screen shows it."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as pillow
from PIL import ImageCms, ImageOps, UnidentifiedImageError

from shared.errors import SourceError, UsageError
from shared.media.frames import Image
from shared.media.limits import SourceLimits

#: Kinds of pictures that Pillow may read.
_FORMATS = ("BMP", "JPEG", "PNG", "TIFF", "WEBP")

#: Those that may be animations. Several pictures of a TIFF or of a phone's JPEG are none.
_ANIMATED = {"PNG", "WEBP"}


@contextmanager
def opened_picture(path: Path, limits: SourceLimits) -> Iterator[Any]:
    """Open a picture; its size is checked before its pixels are read.

    Raises:
        SourceError: it cannot be read, or is too large.
        UsageError: it lies outside the allowed folders.
    """
    max_frame_px = limits.max_frame_px
    try:
        with limits.open(path) as file:
            with _without_warnings():
                opened = pillow.open(file, formats=_FORMATS)
            with opened as picture:
                if picture.width * picture.height > max_frame_px:
                    raise SourceError(
                        f"{path} has {picture.width}×{picture.height} pixels, over the limit of "
                        f"{max_frame_px} pixels; scale it down, or raise COACH_MAX_FRAME_PX"
                    )
                yield picture
    except (SourceError, UsageError):
        raise
    except pillow.DecompressionBombError as error:
        raise SourceError(
            f"{path} has far too many pixels, over the limit of {max_frame_px}; scale it down"
        ) from error
    except Exception as error:  # Pillow's readers raise whatever damaged data leads them to
        is_other = isinstance(error, UnidentifiedImageError)
        reason = "its content is of another kind than its name says" if is_other else str(error)
        raise SourceError(
            f"{path} cannot be read as a picture ({reason}); export it again as JPEG or PNG"
        ) from error


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Silence Pillow about oddities of damaged files: what matters raises an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def is_animation(picture: Any) -> bool:
    """Whether an opened picture is an animated WebP or PNG."""
    return picture.format in _ANIMATED and bool(picture.is_animated)


def bgr_of(picture: Any) -> Image:
    """An opened picture's current frame: BGR uint8 (height, width, 3), upright, in sRGB.

    What is transparent shows white.
    """
    with _without_warnings():
        turned: Any = ImageOps.exif_transpose(picture)
    if turned.mode.startswith("F"):
        raise ValueError("its pixels are fractions without a stated range")
    if turned.mode.startswith("I"):  # one channel of 16 bits; Pillow would cut it off at 255
        grey = np.asarray(turned, np.float64)
        turned = pillow.fromarray((grey / 257).clip(0, 255).astype(np.uint8))
    profile = turned.info.get("icc_profile")
    if turned.has_transparency_data:
        paper = pillow.new("RGBA", turned.size, "white")
        paper.alpha_composite(turned.convert("RGBA"))
        turned = paper
    image = np.asarray(_in_srgb(turned.convert("RGB"), profile))
    return np.ascontiguousarray(image[:, :, ::-1])


def _in_srgb(picture: Any, profile: bytes | None) -> Any:
    """An RGB picture with the colours of its ICC profile, such as Display P3, in sRGB."""
    if profile:
        with suppress(ImageCms.PyCMSError, OSError, ValueError):  # damaged, or not of RGB
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"))
    return picture
