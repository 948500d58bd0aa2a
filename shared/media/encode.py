"""Encodes frames as H.264 in MP4, with the source's timing and sound."""

import os
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import cv2
import numpy as np

from shared.errors import OutputError
from shared.media.containers import FFMPEG_ERRORS, reason_of
from shared.media.frames import BT709, Image
from shared.media.sound import Sound, SoundCopier

#: libx264's preset, and what deviates from it: arithmetic coding, which every player of the last
#: fifteen years reads. Measured on three drawn clips of 720p against `veryfast` at a rate factor of
#: 20 with a smaller search for motion: 30–40 % less time for the whole writer, PSNR 0.8–1.7 dB
#: higher, SSIM 0.0024–0.003 lower, files 1.5 to 2.4 times as large (4 Mbit/s).
_PRESET, _X264_PARAMS = "ultrafast", "cabac=1"

#: Constant rate factor of libx264 (0 lossless, 51 worst). At 22 with this preset the loss is not
#: visible at normal viewing distance.
_CRF = "22"

#: Maximum threads of libx264. By itself it takes 1.5 per core, and each thread holds frames of its
#: own: about 50 MB a thread at 4K.
_MAX_THREADS = 8

#: Finest time unit of the file, 1/s. MP4 stores the time between two frames in 31 bits: a unit of a
#: nanosecond (as in some Matroska files) allows pauses of 2.1 s, a microsecond 35 minutes.
_MAX_TIME_SCALE = 1_000_000

#: H.273 codes written into the stream: the matrix and range of OpenCV's conversion to I420 (BT.601,
#: limited).
_MATRIX_BT601, _LIMITED_RANGE = 6, 1


def ffmpeg() -> tuple[str, bool]:
    """Version of the FFmpeg in PyAV, and whether it can write H.264 with libx264."""
    return str(av.ffmpeg_version_info), "libx264" in av.codecs_available


class VideoEncoder:
    """Writes one MP4 file; a context manager.

    Args:
        path: where to write.
        size_px: width and height of the frames; odd sizes are padded by repeating the border.
        time_base: unit of `pts` in seconds; kept unless it is finer than a microsecond.
        sound: the sound to take along, of `SourceInfo`; None for silence.
        primaries: colour primaries of the frames, as H.273's code.

    Raises:
        OutputError: the file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        size_px: tuple[int, int],
        time_base: Fraction,
        sound: Sound | None = None,
        primaries: int = BT709,
    ) -> None:
        self._path = path
        self._source_base = time_base
        self._time_base = max(time_base, Fraction(1, _MAX_TIME_SCALE))
        self._last_pts: int | None = None
        self._shift = 0
        self._sound: SoundCopier | None = None
        self._width, self._height = (side + side % 2 for side in size_px)
        # One frame for all: libx264 copies it at once, and a new one costs 0.3 ms at 720p, as its
        # memory is new to the process.
        self._yuv = np.empty((self._height * 3 // 2, self._width), np.uint8)
        self._frame: Any = av.VideoFrame.from_numpy_buffer(self._yuv, format="yuv420p")
        try:
            self._container = av.open(
                str(path), "w", format="mp4", options={"movflags": "+faststart"}
            )
        except FFMPEG_ERRORS as error:
            raise _output_error(path, error) from error
        try:
            self._stream = self._add_video(primaries)
            self._sound = SoundCopier(sound, self._container) if sound else None
        except FFMPEG_ERRORS as error:
            self._abandon()
            raise _output_error(path, error) from error

    def write(self, bgr: Image, pts: int) -> None:
        """Append a frame.

        Args:
            bgr: uint8 (height, width, 3).
            pts: time of the frame, in `time_base`; must be above that of the frame before.

        Raises:
            OutputError: the file cannot be written, for instance because the disk is full.
        """
        at, last = self._file_pts(pts), self._last_pts
        try:
            if self._sound:
                self._sound.copy_until(float(at * self._time_base))
            self._convert(bgr)
            frame = self._frame
            frame.pts, frame.time_base = at, self._time_base
            if last is not None:
                frame.duration = at - last  # used for the clip's last frame, which no other ends
            self._last_pts = at
            self._container.mux(self._stream.encode(frame))
        except FFMPEG_ERRORS as error:
            raise _output_error(self._path, error) from error

    def close(self) -> None:
        """Finish the file.

        Raises:
            OutputError: the file cannot be written.
        """
        try:
            self._container.mux(self._stream.encode())
            if self._sound:
                self._sound.copy_until(float("inf"))
            self._container.close()
        except FFMPEG_ERRORS as error:
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
        """Close all files, whatever state they are in; has no effect after `close`."""
        if self._sound:
            self._sound.close()
        with suppress(
            *FFMPEG_ERRORS
        ):  # a broken file cannot be finished; the first error is reported
            self._container.close()

    def _file_pts(self, pts: int) -> int:
        """Time of a frame in the file, in `self._time_base`, above that of the frame before.

        A clip that starts before 0 is shifted to start at 0, with its sound, because players hide
        what comes before 0.
        """
        at = round(pts * self._source_base / self._time_base)
        if self._last_pts is None and at < 0:
            self._shift = -at
            if self._sound:
                self._sound.delay(self._shift * self._time_base)
        at += self._shift
        return at if self._last_pts is None else max(at, self._last_pts + 1)

    def _add_video(self, primaries: int) -> Any:
        stream: Any = self._container.add_stream(
            "libx264", options={"preset": _PRESET, "crf": _CRF, "x264-params": _X264_PARAMS}
        )
        stream.width, stream.height, stream.pix_fmt = self._width, self._height, "yuv420p"
        stream.time_base = self._time_base
        context = stream.codec_context
        context.time_base = self._time_base
        context.colorspace, context.color_range = _MATRIX_BT601, _LIMITED_RANGE
        context.color_primaries, context.color_trc = primaries, BT709
        context.thread_count = min(_MAX_THREADS, (os.cpu_count() or 1) * 3 // 2)
        context.flags |= av.codec.context.Flags.frame_duration
        return stream

    def _convert(self, bgr: Image) -> None:
        """Convert a picture to I420 in the buffer of `self._frame`."""
        height, width = bgr.shape[:2]
        if (width, height) != (self._width, self._height):
            bottom, right = self._height - height, self._width - width
            bgr = cv2.copyMakeBorder(bgr, 0, bottom, 0, right, cv2.BORDER_REPLICATE).astype(
                np.uint8, copy=False
            )
        cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420, dst=self._yuv)


def _output_error(path: Path, error: Exception) -> OutputError:
    is_of_the_disk = isinstance(error, OSError)
    remedy = "free disk space, or choose another --out" if is_of_the_disk else "use --no-video"
    return OutputError(f"cannot write {path} ({reason_of(error)}); {remedy}")
