"""Reads a video file or a GIF.

Time comes from the container's time stamps (pts × time base), counted from the container's start,
never from a frame's index.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from shared.data.messages import EndReason
from shared.errors import SourceError
from shared.media.containers import FFMPEG_ERRORS, open_container
from shared.media.frames import Source, SourceFrame, SourceInfo
from shared.media.orient import deinterlace, upright
from shared.media.resize import fit

#: Assumed frame rate of a stream that states neither times nor a rate, 1/s (common for phones).
_FALLBACK_FPS = Fraction(30)

#: A clip counts as truncated if more than this fraction of its stated length, and more than this
#: time in seconds, is missing at its end. (Containers often state a few frames more than they hold;
#: that is normal.)
_MISSING_FRACTION, _MISSING_S = 0.1, 0.5


class VideoSource(Source):
    """A video file or a GIF."""

    def __init__(self, path: Path, max_frame_px: int) -> None:
        self._path = path
        self._max_frame_px = max_frame_px
        self._container = open_container(path)
        try:
            self._stream = self._container.streams.video[0]
            self._check_size(self._stream)
            self._stream.thread_type = "AUTO"
            self._first, self._rest = self._read_ahead()
        except IndexError:
            self.close()
            raise SourceError(f"{path} has no video in it; give a video, not sound") from None
        except BaseException:
            self.close()
            raise
        self.info = self._describe()

    def frames(self) -> Iterator[SourceFrame]:
        """Yield every frame; see `Source.frames`."""
        info = self.info
        last = None
        for index, frame in enumerate(self._all_decoded()):
            pts = self._pts(frame, last)
            image = fit(upright(frame), info.width_px, info.height_px)
            self.frames_read = index + 1
            yield SourceFrame(index, pts, float(pts * info.time_base), image)
            last = pts
        if last is not None and self._is_cut_short(float(last * info.time_base)):
            self.end_reason = EndReason.TRUNCATED

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def _describe(self) -> SourceInfo:
        stream, image = self._stream, upright(self._first)
        fps = stream.average_rate or stream.guessed_rate or _FALLBACK_FPS
        aspect = stream.sample_aspect_ratio or Fraction(1)
        is_turned = round(self._first.rotation / 90) % 2 != 0
        frames = stream.frames or round(float(self._stated_length_s() * fps))
        return SourceInfo(
            path=str(self._path),
            width_px=image.shape[1],
            height_px=image.shape[0],
            fps=float(fps),
            frames_estimate=max(frames, 0),
            time_base=stream.time_base or 1 / fps,
            sample_aspect=1 / aspect if is_turned else aspect,
            has_audio=bool(self._container.streams.audio),
        )

    def _read_ahead(self) -> tuple[Any, Iterator[Any]]:
        """Decode the first frame, which gives size and rotation; return it and the rest."""
        frames = self._decoded()
        first = next(frames, None)
        if first is None:
            raise SourceError(
                f"{self._path} holds no frame that can be decoded: it is damaged or "
                "its pictures are far too large; record or export it again"
            )
        if first.interlaced_frame:
            frames = deinterlace(self._stream, first, frames)
            first = next(frames)
        return first, frames

    def _all_decoded(self) -> Iterator[Any]:
        yield self._first
        yield from self._rest

    def _decoded(self) -> Iterator[Any]:
        """Decode what can be decoded; damaged packets are skipped."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                for frame in packet.decode():
                    self._check_size(frame)
                    yield frame
            except av.error.EOFError:
                return
            except FFMPEG_ERRORS:
                self.end_reason = EndReason.TRUNCATED

    def _pts(self, frame: Any, last: int | None) -> int:
        """Pts counted from the container's start; one frame after `last` if missing or not rising.

        Args:
            frame: the decoded frame.
            last: pts of the frame before; None for the first frame.
        """
        base = self.info.time_base
        if frame.pts is not None:
            start_s = Fraction(self._container.start_time or 0, av.time_base)
            pts: int = round((frame.pts * frame.time_base - start_s) / base)
            if last is None or pts > last:
                return pts
        return 0 if last is None else last + max(1, round(1 / (Fraction(self.info.fps) * base)))

    def _stated_length_s(self) -> Fraction:
        stream = self._stream
        if stream.duration and stream.time_base:
            return Fraction(stream.duration * stream.time_base)
        return Fraction(self._container.duration or 0, av.time_base)

    def _check_size(self, picture: Any) -> None:
        """Refuse a stream or a frame that is too large, before its pixels are read."""
        if picture.width * picture.height > self._max_frame_px:
            raise SourceError(
                f"{self._path} has frames of {picture.width}×{picture.height} pixels, over the "
                f"limit of {self._max_frame_px} pixels; scale it down, or raise COACH_MAX_FRAME_PX"
            )

    def _is_cut_short(self, end_s: float) -> bool:
        stated_s = float(self._stated_length_s())
        return stated_s - end_s > max(_MISSING_FRACTION * stated_s, _MISSING_S)
