"""Decoded frames as a player shows them: upright, of square pixels, in SDR colours."""

from fractions import Fraction
from typing import Any

from av.video.reformatter import Interpolation, VideoReformatter

from shared.media.colour import ColourConverter, matrix_of
from shared.media.deinterlace import DecodedFrame
from shared.media.frames import Image
from shared.media.orient import orientation_of, upright

#: Largest ratio of a pixel's sides that is believed. Anamorphic lenses and DV stay below 2.4.
_MAX_SAMPLE_ASPECT = 4

#: No turn, and not mirrored.
_UPRIGHT = (0, False)


class Display:
    """Makes pictures of decoded frames, one after the other."""

    def __init__(self) -> None:
        self._colours = ColourConverter()
        self._reformatter = VideoReformatter()  # to make one for each frame costs 0.6 ms
        self._orientation = _UPRIGHT

    def picture(self, one: DecodedFrame) -> Image:
        """BGR picture, uint8 (height, width, 3)."""
        width, height = stored_size_px(one)
        frame: Any = self._colours.convert(one.frame)
        is_resized = (width, height) != (frame.width, frame.height)
        shown: Any = self._reformatter.reformat(
            frame,
            width=width,
            height=height,
            format="bgr24",
            src_colorspace=matrix_of(frame),
            interpolation=Interpolation.BICUBIC if is_resized else Interpolation.BILINEAR,
        )
        return upright(shown.to_ndarray(), *self._orientation_of(one.frame))

    def _orientation_of(self, frame: Any) -> tuple[int, bool]:
        """What H.264 says at a key frame holds until the next one."""
        said = orientation_of(frame)
        if said is not None or frame.key_frame:
            self._orientation = said or _UPRIGHT
        return self._orientation


def stored_size_px(one: DecodedFrame) -> tuple[int, int]:
    """Width and height in square pixels, before turning; the smaller side is enlarged."""
    aspect, width, height = one.sample_aspect, one.frame.width, one.frame.height
    if not Fraction(1, _MAX_SAMPLE_ASPECT) <= aspect <= _MAX_SAMPLE_ASPECT:
        return width, height
    if aspect > 1:
        return round(width * aspect), height
    return width, round(height / aspect)
