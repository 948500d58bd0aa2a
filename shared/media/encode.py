"""Writes annotated frames as H.264 in MP4, with the source's timing and sound.

Only this file and `shared.media.source` use PyAV.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from shared.errors import OutputError
from shared.media.source import FORMATS

Image = NDArray[np.uint8]

#: libx264's trade of time against size: veryfast takes about 14 core-ms for a frame of 1080×720.
_PRESET = "veryfast"

#: Constant rate factor; at 20 the picture cannot be told from the source at normal distance.
_CRF = "20"

#: Audio codecs that MP4 holds as they are; others are turned into AAC.
_COPIED_AUDIO = {"aac", "ac3", "alac", "eac3", "flac", "mp3", "opus"}

#: MP4 players need not know MP3 below 16 kHz (MPEG-2.5), and FFmpeg refuses to put it there.
_MIN_MP3_HZ = 16_000

#: Rate of sound that AAC cannot hold at its own, such as 10 or 192 kHz.
_FALLBACK_HZ = 48_000

#: Threads of libx264. It would take 1.5 a core whatever the machine, each with frames of its own
#: in flight: at 4K some 50 MB a thread.
_MAX_THREADS = 8

#: Finest unit of time in the file, 1/s. Between two frames MP4 counts to 2³¹: at a nanosecond
#: (some Matroska files) a pause of 2.1 s could not be written, at a microsecond one of 35 min can.
_MAX_TIME_SCALE = 1_000_000

#: H.273 codes. The matrix and range are those of OpenCV's conversion to I420, BT.601 limited. The
#: colours themselves are passed on as they come, and phones film in BT.709's.
_MATRIX_BT601, _COLOURS_BT709, _LIMITED_RANGE = 6, 1, 1

_ERRORS = (av.error.FFmpegError, OSError)


def ffmpeg() -> tuple[str, bool]:
    """Version of the FFmpeg in PyAV, and whether it can write H.264 by libx264."""
    return str(av.ffmpeg_version_info), "libx264" in av.codecs_available


class VideoEncoder:
    """An MP4 file in the making; a context manager.

    Args:
        path: where to write.
        size_px: width and height of the frames; odd sizes are padded by repeating the border.
        time_base: unit of `pts`; kept unless it is finer than a microsecond.
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
        self._source_base = time_base
        self._time_base = max(time_base, Fraction(1, _MAX_TIME_SCALE))
        self._last_pts: int | None = None
        self._shift = 0
        self._audio: _Audio | None = None
        self._width, self._height = (side + side % 2 for side in size_px)
        self._yuv = np.empty((self._height * 3 // 2, self._width), np.uint8)
        try:
            self._container = av.open(
                str(path), "w", format="mp4", options={"movflags": "+faststart"}
            )
        except _ERRORS as error:
            raise _output_error(path, error) from error
        try:
            self._stream = self._add_video(sample_aspect)
            self._audio = _Audio(audio_from, self._container) if audio_from else None
        except _ERRORS as error:
            self._abandon()
            raise _output_error(path, error) from error

    def write(self, bgr: Image, pts: int) -> None:
        """Append a frame, uint8 (height, width, 3), at `pts`, which must be above the last one's.

        Raises:
            OutputError: the file cannot be written, for instance because the disk is full.
        """
        at, last = self._place(pts), self._last_pts
        try:
            if self._audio:
                self._audio.copy_until(float(at * self._time_base))
            frame: Any = av.VideoFrame.from_ndarray(self._to_yuv(bgr), format="yuv420p")
            frame.pts, frame.time_base = at, self._time_base
            if last is not None:
                frame.duration = at - last  # counts for the clip's last frame, which no other ends
            self._last_pts = at
            self._container.mux(self._stream.encode(frame))
        except _ERRORS as error:
            raise _output_error(self._path, error) from error

    def close(self) -> None:
        """Finish the file."""
        try:
            self._container.mux(self._stream.encode())
            if self._audio:
                self._audio.copy_until(float("inf"))
            self._container.close()
        except _ERRORS as error:
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
            self._abandon()

    def _abandon(self) -> None:
        """Let go of all files, whatever state they are in; does nothing after `close`."""
        if self._audio:
            self._audio.close()
        with suppress(*_ERRORS):  # a broken file cannot be ended, and the first error is told
            self._container.close()

    def _place(self, pts: int) -> int:
        """A frame's time in the file, in `self._time_base`: above the last one's.

        A clip that begins before 0 is moved to begin there, its sound with it: players hide what
        comes before.
        """
        at = round(pts * self._source_base / self._time_base)
        if self._last_pts is None and at < 0:
            self._shift = -at
            if self._audio:
                self._audio.delay(self._shift * self._time_base)
        at += self._shift
        return at if self._last_pts is None else max(at, self._last_pts + 1)

    def _add_video(self, sample_aspect: Fraction) -> Any:
        stream: Any = self._container.add_stream(
            "libx264", options={"preset": _PRESET, "crf": _CRF}
        )
        stream.width, stream.height, stream.pix_fmt = self._width, self._height, "yuv420p"
        stream.time_base = self._time_base
        context = stream.codec_context
        context.time_base = self._time_base
        context.sample_aspect_ratio = sample_aspect
        context.colorspace, context.color_range = _MATRIX_BT601, _LIMITED_RANGE
        context.color_primaries = context.color_trc = _COLOURS_BT709
        context.thread_count = min(_MAX_THREADS, (os.cpu_count() or 1) * 3 // 2 or 1)
        context.flags |= av.codec.context.Flags.frame_duration
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
        self._input = av.open(
            str(path), options={"protocol_whitelist": "file", "format_whitelist": FORMATS}
        )
        self._output = output
        self._delay_s = Fraction(0)
        streams: Any = self._input.streams.audio
        source = next((s for s in streams if s.codec_context is not None), None)
        if source is None:  # of a kind that FFmpeg does not know
            self._packets: Iterator[Any] = iter(())
        elif _is_copied(source.codec_context):
            self._stream = output.add_stream_from_template(source)
            self._packets = self._copy(source)
        else:
            self._stream = output.add_stream("aac", rate=_aac_rate_hz(source.codec_context))
            self._packets = self._transcode(source)
        self._waiting: Any = next(self._packets, None)

    def delay(self, delay_s: Fraction) -> None:
        """Let all sound begin later; to be called before the first packet is muxed."""
        self._delay_s = delay_s

    def copy_until(self, time_s: float) -> None:
        """Mux all packets that begin by `time_s`."""
        while self._waiting is not None:
            packet = self._waiting
            if float(packet.pts * packet.time_base + self._delay_s) > time_s:
                return
            shift = round(self._delay_s / packet.time_base)
            packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
            self._output.mux(packet)
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
            except _ERRORS:
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
            except _ERRORS:
                continue
            for frame in frames:
                yield from self._stream.encode(frame)
        yield from self._stream.encode()


def _is_copied(context: Any) -> bool:
    """Whether MP4 takes the sound as it is; by the codec's name, not the decoder's ("mp3float")."""
    name = context.codec.canonical_name
    return name in _COPIED_AUDIO and (name != "mp3" or context.sample_rate >= _MIN_MP3_HZ)


def _aac_rate_hz(context: Any) -> int:
    rates = av.Codec("aac", "w").audio_rates or []
    return context.sample_rate if context.sample_rate in rates else _FALLBACK_HZ


def _output_error(path: Path, error: Exception) -> OutputError:
    reason = getattr(error, "strerror", None) or str(error)
    return OutputError(f"cannot write {path} ({reason}); make room, or choose another --out")
