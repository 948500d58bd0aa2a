"""Decoded frames as a player shows them: upright, of square pixels, in SDR colours.

    decoder's pixels ─ (HDR: tone mapping) ─→ BGR ─ turned ─ fitted ─→ full picture
           └─ shrunk as they are ─ (the same) ─→ BGR ─ turned ─→ picture in the analysis size

To shrink the decoder's pixels instead of BGR saves the conversion of those that are averaged away.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from av.video.reformatter import Interpolation, VideoReformatter

from shared.media.colour import ColourConverter, matrix_of
from shared.media.containers import source_errors
from shared.media.deinterlace import DecodedFrame
from shared.media.frames import Image, Pixels
from shared.media.orient import orientation_of, upright
from shared.media.resize import fit, shrink, shrunk_size_px

#: Largest ratio of a pixel's sides that is believed. Anamorphic lenses and DV stay below 2.4.
_MAX_SAMPLE_ASPECT = 4

#: No turn, and not mirrored.
_UPRIGHT = (0, False)

#: Beginnings of the names of the pixel formats that are shrunk as they are: planes of luma and
#: chroma. The others are rare: RGB, palettes, alpha, grey.
_PLANAR_YUV = ("yuv4", "yuvj4")


#: Maximum scale at which the decoder's pixels are shrunk. Chosen: whole pixels are averaged, which
#: is coarse near full size: at 0.94 a correct set's back measured 5° rounder than in BGR.
_MAX_SCALE = 0.75


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """A decoded frame, and how it is to be shown.

    Attributes:
        one: The frame.
        orientation: Quarter turns to the left, and whether it is mirrored before.
    """

    one: DecodedFrame
    orientation: tuple[int, bool]

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the upright picture, in square pixels."""
        return self.turned(stored_size_px(self.one))

    def turned(self, size_px: tuple[int, int]) -> tuple[int, int]:
        """Width and height after turning, or before it: the same exchange."""
        width, height = size_px
        return (height, width) if self.orientation[0] % 2 else (width, height)


class Display:
    """Makes pictures of decoded frames."""

    def __init__(self) -> None:
        self._colours = ColourConverter()
        # To make one for each frame costs 0.6 ms, to change one's sizes about as much.
        self._to_bgr, self._shrink = VideoReformatter(), VideoReformatter()
        self._small_to_bgr = VideoReformatter()
        self._orientation = _UPRIGHT

    def shown(self, one: DecodedFrame) -> ShownFrame:
        """How a frame is to be shown; to be called for each frame of the film, in order."""
        said = orientation_of(one.frame)
        if said is not None or one.frame.key_frame:
            # What H.264 says at a key frame holds until the next one.
            self._orientation = said or _UPRIGHT
        return ShownFrame(one, self._orientation)

    def picture(self, shown: ShownFrame) -> Image:
        """Full picture, BGR uint8 (height, width, 3)."""
        width, height = stored_size_px(shown.one)
        frame: Any = self._colours.convert(shown.one.frame)
        is_resized = (width, height) != (frame.width, frame.height)
        bgr: Any = self._to_bgr.reformat(
            frame,
            width=width,
            height=height,
            format="bgr24",
            src_colorspace=matrix_of(frame),
            interpolation=Interpolation.BICUBIC if is_resized else Interpolation.BILINEAR,
            threads=1,
        )
        return upright(bgr.to_ndarray(), *shown.orientation)

    def small_picture(self, shown: ShownFrame, size_px: tuple[int, int]) -> Image:
        """Picture of a smaller size, BGR uint8 (height, width, 3); see `can_be_shrunk`.

        Args:
            shown: the frame.
            size_px: width and height of the upright result.
        """
        width, height = shown.turned(size_px)
        matrix = matrix_of(shown.one.frame)  # by the full size, where there is no tag
        small: Any = self._shrink.reformat(
            shown.one.frame,
            width=width,
            height=height,
            src_colorspace=matrix,
            dst_colorspace=matrix,
            interpolation=Interpolation.AREA,
            threads=1,
        )
        bgr: Any = self._small_to_bgr.reformat(
            self._colours.convert(small), format="bgr24", src_colorspace=matrix, threads=1
        )
        return upright(bgr.to_ndarray(), *shown.orientation)


@dataclass(frozen=True, slots=True)
class FramePixels(Pixels):
    """A decoded frame, whose pictures are made when they are asked for.

    Attributes:
        display: What makes them.
        frame: The frame.
        size_px: Width and height of the source's pictures.
        path: The file, for messages.
    """

    display: Display
    frame: ShownFrame
    size_px: tuple[int, int]
    path: Path

    def full(self) -> Image:
        """The picture, fitted into the source's size."""
        with source_errors(self.path):
            return fit(self.display.picture(self.frame), *self.size_px)

    def shrunk(self, longer_side_px: int) -> Image:
        """The picture in the analysis size."""
        size_px = shrunk_size_px(*self.size_px, longer_side_px)
        if self.frame.size_px != self.size_px or not can_be_shrunk(self.frame, size_px):
            return shrink(self.full(), longer_side_px)
        with source_errors(self.path):
            return self.display.small_picture(self.frame, size_px)


def can_be_shrunk(shown: ShownFrame, size_px: tuple[int, int]) -> bool:
    """Whether a frame's own pixels can be averaged into a picture of this upright size."""
    frame = shown.one.frame
    width, height = shown.turned(size_px)
    is_smaller: bool = max(width / frame.width, height / frame.height) <= _MAX_SCALE
    is_planar_yuv: bool = frame.format.name.startswith(_PLANAR_YUV)
    return is_smaller and is_planar_yuv


def stored_size_px(one: DecodedFrame) -> tuple[int, int]:
    """Width and height in square pixels, before turning; the smaller side is enlarged."""
    aspect, width, height = one.sample_aspect, one.frame.width, one.frame.height
    if not Fraction(1, _MAX_SAMPLE_ASPECT) <= aspect <= _MAX_SAMPLE_ASPECT:
        return width, height
    if aspect > 1:
        return round(width * aspect), height
    return width, round(height / aspect)
