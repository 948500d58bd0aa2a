"""Looks into a long recording here and there, without reading it all, and cuts parts out of it.

Times are counted from the recording's first picture, by the container's clock. A clock that starts
anew within the file (joined takes) has no such times, see `SourceInfo.takes`.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, Self

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from shared.data.gate import GREY_PX
from shared.errors import SourceError
from shared.media.containers import open_container, source_errors
from shared.media.deinterlace import DecodedFrame
from shared.media.display import Display, FramePixels
from shared.media.frames import SourceFrame
from shared.media.limits import SourceLimits
from shared.media.streams import choose_picture, playable_streams

#: How far before a wanted time reading begins, in seconds (chosen: a transport stream is entered
#: anywhere, and its next key frame comes within ten seconds).
_LEAD_S = 12.0

#: `AVFMT_TS_DISCONT`: containers that are entered anywhere, not at key frames.
_TS_DISCONT = 0x0200

#: Smallest step between times that counts, in seconds: time stamps are rounded.
_EPSILON_S = 1e-3


class KeyFrame(NamedTuple):
    """A key frame's time in seconds, and its grey picture, uint8 (height, width) of `GREY_PX`."""

    time_s: float
    grey: NDArray[np.uint8]


class Recording:
    """A long video file, opened for looking into it; a context manager.

    Args:
        path: the file.
        limits: where it may lie, and how large its frames may be.

    Raises:
        SourceError: it cannot be read as a video, or cannot be entered in its middle.
    """

    def __init__(self, path: Path, limits: SourceLimits) -> None:
        self.path, self._limits = path, limits
        self.container: Any = open_container(path, limits)
        with source_errors(path):
            counts = {stream.index: 2 for stream in playable_streams(self.container)}
            self.stream = choose_picture(self.container, counts, str(path))
            self.start_s = Fraction(self.stream.start_time or 0) * self.stream.time_base
            self.stream.thread_type = "AUTO"
            self._display = Display()
            self._to_grey = VideoReformatter()

    def close(self) -> None:
        """Close the file."""
        self.container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def creation_time(self) -> str:
        """When it was recorded, as the container says; "" if it does not."""
        metadata = {**self.container.metadata, **self.stream.metadata}
        return str(metadata.get("creation_time", ""))

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the coded pictures."""
        return self.stream.codec_context.width, self.stream.codec_context.height

    @property
    def duration_s(self) -> float:
        """Duration that the container states, in seconds; 0 if it states none."""
        if self.stream.duration:
            return float(self.stream.duration * self.stream.time_base)
        return float(self.container.duration or 0) / av.time_base

    @property
    def fps(self) -> float:
        """Frame rate that the container states, 1/s; 0 if it states none."""
        return float(self.stream.average_rate or self.stream.guessed_rate or 0)

    def key_frames(self, from_s: float, to_s: float, step_s: float) -> Iterator[KeyFrame]:
        """The key frames from `from_s` on, up to the first one at `to_s` or later.

        Nothing but key frames is decoded, and none that follows another within `step_s`.
        """
        with source_errors(self.path):
            self._enter(from_s, "NONKEY")
            due_s = from_s - _EPSILON_S
            for frame in self._decoded(key_frames_only=True):
                time_s = self._time_s(frame)
                if time_s < due_s:
                    continue
                due_s = time_s + step_s - _EPSILON_S
                yield KeyFrame(time_s, self._grey(frame))
                if time_s >= to_s:
                    return

    def frames(
        self, from_s: float, to_s: float, step_s: float, key_frames_only: bool = False
    ) -> Iterator[tuple[SourceFrame, tuple[int, int]]]:
        """Upright frames between two times, at least `step_s` apart, and width and height of each.

        Args:
            from_s: start of the part, included.
            to_s: end of the part, excluded.
            step_s: least time between two of the frames.
            key_frames_only: whether only key frames are decoded.
        """
        with source_errors(self.path):
            self._enter(from_s, "NONKEY" if key_frames_only else "NONREF")
            due_s = from_s - _EPSILON_S
            for frame in self._decoded(key_frames_only):
                time_s = self._time_s(frame)
                if time_s >= to_s:
                    return
                if time_s < due_s:
                    continue
                due_s = time_s + step_s - _EPSILON_S
                shown = self._display.shown(DecodedFrame(frame, self._aspect()))
                pixels = FramePixels(self._display, shown, shown.size_px, self.path)
                number = round(time_s * 1000)
                yield SourceFrame(number, number, time_s, pixels), shown.size_px

    def _enter(self, time_s: float, skip_frame: str) -> None:
        """Go to a key frame at or before a time, and choose which frames are decoded from there."""
        self.stream.codec_context.flush_buffers()
        self.stream.codec_context.skip_frame = skip_frame
        seek(self.container, self.stream, self.start_s + Fraction(max(0.0, time_s)))

    def _decoded(self, key_frames_only: bool) -> Iterator[Any]:
        """Frames that can be decoded, from where the file stands."""
        for packet in self.container.demux(self.stream):
            if key_frames_only and packet.size and not packet.is_keyframe:
                continue
            try:
                frames = self.stream.decode(packet)
            except av.error.EOFError:
                return
            except av.error.InvalidDataError:
                continue  # a damaged picture
            for frame in frames:
                most = self._limits.max_frame_px
                if frame.width * frame.height > most:
                    raise SourceError(f"{self.path} has frames of more than {most} pixels")
                if frame.pts is None:  # in AVI, where decoding and showing have one order
                    frame.pts = frame.dts
                if frame.pts is not None:
                    frame.time_base = self.stream.time_base
                    yield frame

    def _time_s(self, frame: Any) -> float:
        return float(frame.pts * self.stream.time_base - self.start_s)

    def _grey(self, frame: Any) -> NDArray[np.uint8]:
        width, height = GREY_PX
        small: Any = self._to_grey.reformat(
            frame, width=width, height=height, format="gray", interpolation=Interpolation.AREA,
            threads=1,
        )  # fmt: skip
        return np.asarray(small.to_ndarray())

    def _aspect(self) -> Fraction:
        return Fraction(self.stream.sample_aspect_ratio or 1)


def seek(container: Any, stream: Any, time_s: Fraction) -> None:
    """Go to the last key frame at or before a time, or a little further ahead of it.

    Args:
        container: the PyAV container.
        stream: its stream of pictures.
        time_s: the time by the container's clock, in seconds.
    """
    is_exact = not container.format.flags & _TS_DISCONT
    at_s = time_s if is_exact else max(time_s - Fraction(_LEAD_S), Fraction(0))
    container.seek(int(at_s / stream.time_base), stream=stream, backward=True)
