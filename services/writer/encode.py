"""Writes annotated frames as H.264 in MP4, with the source's timing and sound.

Only this file and `shared.source` use PyAV.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from shared.errors import OutputError

Image = NDArray[np.uint8]

#: libx264's trade of time against size: veryfast takes about 14 core-ms for a frame of 1080×720.
_PRESET = "veryfast"

#: Constant rate factor; at 20 the picture cannot be told from the source at normal distance.
_CRF = "20"

#: Audio codecs that MP4 holds as they are; others are turned into AAC.
_COPIED_AUDIO = {"aac", "ac3", "alac", "eac3", "flac", "mp3", "opus"}

#: SMPTE 170M (BT.601) in limited range: what OpenCV's conversion to I420 gives (H.273 tables).
_SMPTE170M, _LIMITED_RANGE = 6, 1


class VideoEncoder:
    """An MP4 file in the making; a context manager.

    Args:
        path: where to write.
        size_px: width and height of the frames; odd sizes are padded by repeating the border.
        time_base: unit of `pts`.
        sample_aspect: width of a pixel over its height.
        audio_from: file whose first audio stream is taken along.
    """

    def __init__(
        self,
        path: Path,
        size_px: tuple[int, int],
        time_base: Fraction,
        sample_aspect: Fraction = Fraction(1),
        audio_from: Path | None = None,
    ) -> None:
        self._path = path
        self._time_base = time_base
        self._width, self._height = (side + side % 2 for side in size_px)
        self._yuv = np.empty((self._height * 3 // 2, self._width), np.uint8)
        try:
            self._container = av.open(
                str(path), "w", format="mp4", options={"movflags": "+faststart"}
            )
            self._stream = self._add_video(sample_aspect)
            self._audio = _Audio(audio_from, self._container) if audio_from else None
        except (av.error.FFmpegError, OSError) as error:
            raise _output_error(path, error) from error

    def write(self, bgr: Image, pts: int) -> None:
        """Append a frame, uint8 (height, width, 3), at `pts`, which must be above the last one's.

        Raises:
            OutputError: the file cannot be written, for instance because the disk is full.
        """
        try:
            if self._audio:
                self._audio.copy_until(float(pts * self._time_base))
            frame = av.VideoFrame.from_ndarray(self._to_yuv(bgr), format="yuv420p")
            frame.pts, frame.time_base = pts, self._time_base
            self._container.mux(self._stream.encode(frame))
        except (av.error.FFmpegError, OSError) as error:
            raise _output_error(self._path, error) from error

    def close(self) -> None:
        """Finish the file."""
        try:
            self._container.mux(self._stream.encode())
            if self._audio:
                self._audio.copy_until(float("inf"))
            self._container.close()
        except (av.error.FFmpegError, OSError) as error:
            raise _output_error(self._path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self.close()
        finally:
            if self._audio:
                self._audio.close()

    def _add_video(self, sample_aspect: Fraction) -> Any:
        stream: Any = self._container.add_stream(
            "libx264", options={"preset": _PRESET, "crf": _CRF}
        )
        stream.width, stream.height, stream.pix_fmt = self._width, self._height, "yuv420p"
        stream.time_base = self._time_base
        context = stream.codec_context
        context.time_base = self._time_base
        context.sample_aspect_ratio = sample_aspect
        context.colorspace = context.color_primaries = context.color_trc = _SMPTE170M
        context.color_range = _LIMITED_RANGE
        return stream

    def _to_yuv(self, bgr: Image) -> Image:
        """The frame as I420, (height · 3/2, width), in a buffer that is used again."""
        height, width = bgr.shape[:2]
        if (width, height) != (self._width, self._height):
            bottom, right = self._height - height, self._width - width
            bgr = cv2.copyMakeBorder(bgr, 0, bottom, 0, right, cv2.BORDER_REPLICATE).astype(
                np.uint8, copy=False
            )
        cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420, dst=self._yuv)
        return self._yuv


class _Audio:
    """The source's sound, muxed in step with the picture so that little has to be buffered."""

    def __init__(self, path: Path, output: Any) -> None:
        self._input = av.open(str(path), options={"protocol_whitelist": "file"})
        self._output = output
        source: Any = self._input.streams.audio[0]
        self._copied = source.codec_context.name in _COPIED_AUDIO
        if self._copied:
            self._stream = output.add_stream_from_template(source)
        else:
            self._stream = output.add_stream("aac", rate=source.codec_context.sample_rate)
        self._packets = self._copy(source) if self._copied else self._transcode(source)
        self._waiting: Any = next(self._packets, None)

    def copy_until(self, time_s: float) -> None:
        """Mux all packets that begin by `time_s`."""
        while self._waiting is not None:
            if float(self._waiting.pts * self._waiting.time_base) > time_s:
                return
            self._output.mux(self._waiting)
            self._waiting = next(self._packets, None)

    def close(self) -> None:
        self._input.close()

    def _demuxed(self, source: Any) -> Iterator[Any]:
        """Packets with their times counted from the container's start, as the picture's are."""
        start_s = Fraction(self._input.start_time or 0, av.time_base)
        packets = self._input.demux(source)
        while True:
            try:
                packet: Any = next(packets, None)
            except (av.error.FFmpegError, OSError):
                return  # the file breaks off: its sound ends here
            if packet is None:
                return
            if packet.pts is not None and packet.size:
                shift = round(start_s / packet.time_base)
                packet.pts -= shift
                packet.dts = packet.pts if packet.dts is None else packet.dts - shift
                yield packet

    def _copy(self, source: Any) -> Iterator[Any]:
        last_dts = None
        for packet in self._demuxed(source):
            if last_dts is not None and packet.dts <= last_dts:
                continue  # MP4 cannot hold a packet twice
            last_dts = packet.dts
            packet.stream = self._stream
            yield packet

    def _transcode(self, source: Any) -> Iterator[Any]:
        for packet in self._demuxed(source):
            try:
                frames = packet.decode()
            except (av.error.FFmpegError, OSError):
                continue
            for frame in frames:
                yield from self._stream.encode(frame)
        yield from self._stream.encode()


def _output_error(path: Path, error: Exception) -> OutputError:
    reason = getattr(error, "strerror", None) or str(error)
    return OutputError(f"cannot write {path} ({reason}); make room, or choose another --out")
