"""What every kind of source gives: a description of itself, and frames with their times."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shared.data.messages import EndReason
from shared.media.sound import Sound

Image = NDArray[np.uint8]

#: H.273's code of BT.709, for primaries and transfer.
BT709 = 1


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Description of a source, as far as it is known before its frames are read.

    Attributes:
        path: The file or folder.
        width_px: Width of the upright picture, in square pixels.
        height_px: Height of the upright picture, in square pixels.
        fps: Average frame rate. It is for display and for choosing frames; frame times come from
            the frames themselves.
        frames_estimate: Number of frames the container states, or its length suggests; 0 if
            unknown.
        time_base: Unit of `SourceFrame.pts`, seconds.
        sound: The source's sound; None if it has none.
        primaries: Colour primaries of the pictures, as H.273's code: BT.709's, or SD's own.
        duration_s: Time from the start to the end, as far as it is known; 0 if it is not.
        can_be_entered: Whether parts can be read and cut out without reading all: a video file of
            one take, with times.
    """

    path: str
    width_px: int
    height_px: int
    fps: float
    frames_estimate: int
    time_base: Fraction
    sound: Sound | None = None
    primaries: int = BT709
    duration_s: float = 0.0
    can_be_entered: bool = False


class Pixels(ABC):
    """What the pictures of a frame are made from; each is made when it is asked for."""

    @abstractmethod
    def full(self) -> Image:
        """The picture in full size; see `SourceFrame.image`."""

    @abstractmethod
    def shrunk(self, longer_side_px: int) -> Image:
        """The picture in the analysis size; see `SourceFrame.shrunk`."""


@dataclass(frozen=True, eq=False)
class SourceFrame:
    """One frame.

    Its pictures are made when they are first asked for: a frame that nobody looks at costs nothing
    but its decoding. All frames of a source are to be looked at in one thread.

    Attributes:
        index: Number of the frame among the frames of the source, from 0.
        pts: Presentation time, in `SourceInfo.time_base`, counted from the start of picture and
            sound.
        time_s: The same time in seconds.
        pixels: What its pictures are made from.
    """

    index: int
    pts: int
    time_s: float
    pixels: Pixels

    @cached_property
    def image(self) -> Image:
        """BGR uint8 (height, width, 3), upright, of square pixels, SDR; it may be drawn on.

        Raises:
            SourceError: the file's kind of pixels cannot be shown.
        """
        return self.pixels.full()

    def shrunk(self, longer_side_px: int) -> Image:
        """The same picture in the analysis size, from the decoder's pixels where that is cheaper.

        It is to be asked for before `image` is drawn on.

        Args:
            longer_side_px: maximum of the result's width and height.

        Returns:
            BGR uint8 (height, width, 3), no larger than `image`.

        Raises:
            SourceError: the file's kind of pixels cannot be shown.
        """
        return self.pixels.shrunk(longer_side_px)


class Source(ABC):
    """The frames of one source, to be read once, inside `with`.

    Attributes:
        info: Description of the source.
        end_reason: Why the frames ended; valid once they have.
        frames_read: Number of frames yielded so far.
    """

    info: SourceInfo
    end_reason = EndReason.COMPLETE
    frames_read = 0

    @abstractmethod
    def frames(self) -> Iterator[SourceFrame]:
        """Yield every frame that can be decoded, in order of time, with strictly rising pts."""

    @abstractmethod
    def close(self) -> None:
        """Close the file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
