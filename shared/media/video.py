"""Reads a video file or a GIF.

Time comes from the container's time stamps (pts × time base), counted from the start of picture and
sound, never from a frame's index; see `timeline`.
"""

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av

from shared.data.messages import EndReason
from shared.errors import SourceError
from shared.media.breakoff import breaks_off
from shared.media.colour import primaries_of
from shared.media.containers import FFMPEG_ERRORS, open_container, source_errors
from shared.media.deinterlace import DecodedFrame, deinterlaced
from shared.media.display import Display, FramePixels, ShownFrame, stored_size_px
from shared.media.frames import Source, SourceFrame, SourceInfo
from shared.media.headers import Headers
from shared.media.limits import SourceLimits
from shared.media.sound import Sound
from shared.media.streams import choose_picture, playable_streams
from shared.media.timeline import Packets, Timeline, read_timeline

#: Assumed frame rate of a stream that states neither times nor a rate, 1/s (common for phones).
_FALLBACK_FPS = Fraction(30)

#: Maximum difference between the stated and the measured frame rate for the stated one to be used,
#: as a fraction. (An AVI may state 60 frames per second, of which half are empty.)
_RATE_TOLERANCE = Fraction(1, 10)

#: Minimum ratio of the measured to the stated rate at which the two fields of interlaced frames
#: count as coded in packets of their own.
_FIELDS_APART = Fraction(3, 2)

#: `AVFMT_NOTIMESTAMPS`: elementary streams, which have no times.
_NO_TIMESTAMPS = 0x0080

#: A clip counts as truncated if more than this fraction of its stated length, and more than this
#: time in seconds, is missing at its end. (Containers often state a few frames more than they hold;
#: that is normal.)
_MISSING_FRACTION, _MISSING_S = 0.1, 0.5


class VideoSource(Source):
    """A video file or a GIF."""

    def __init__(self, path: Path, limits: SourceLimits) -> None:
        self._path = path
        self._limits = limits
        with source_errors(path):
            self._timeline, picture = self._survey()
            self._container = open_container(path, limits)
            try:
                self._stream = self._container.streams[picture]
                self._check_size(self._stream.width, self._stream.height)
                self._stream.thread_type = "AUTO"
                self._stated_aspect = self._stream.sample_aspect_ratio or Fraction(1)
                self._first_coded_aspect = self._stream.codec_context.sample_aspect_ratio
                self._display = Display()
                # Times of AVI's packets that are not shown yet. AVI has times of decoding only: the
                # first frame that is shown takes the first of them, and so on.
                self._slots: deque[int] = deque()
                self._frames = map(self._display.shown, deinterlaced(self._decoded()))
                self._first = self._first_frame()
                self.info = self._describe()
            except BaseException:
                self.close()
                raise

    def frames(self) -> Iterator[SourceFrame]:
        """Yield every frame; see `Source.frames`."""
        size_px = (self.info.width_px, self.info.height_px)
        last = None
        with source_errors(self._path):
            for index, shown in enumerate(chain([self._first], self._frames)):
                pts = self._pts(shown.one.frame, last)
                pixels = FramePixels(self._display, shown, size_px, self._path)
                self.frames_read = index + 1
                yield SourceFrame(index, pts, float(pts * self.info.time_base), pixels)
                last = pts
        if self._is_cut_short():
            self.end_reason = EndReason.TRUNCATED

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def _survey(self) -> tuple[Timeline, int]:
        """Read all packets once: the timeline, and the index of the stream of pictures."""
        with open_container(self._path, self._limits) as container:
            timeline = read_timeline(container, playable_streams(container))
            stream = choose_picture(container, timeline.packets, str(self._path))
            return timeline, stream.index

    def _describe(self) -> SourceInfo:
        stream = self._stream
        width_px, height_px = self._first.size_px
        fps = self._fps()
        has_sound = any(s.type == "audio" for s in playable_streams(self._container))
        frames = stream.frames or self._timeline.packets.get(stream.index, 0)
        return SourceInfo(
            path=str(self._path),
            width_px=width_px,
            height_px=height_px,
            fps=float(fps),
            frames_estimate=frames,
            time_base=stream.time_base or 1 / fps,
            sound=Sound(self._path, self._timeline, self._limits) if has_sound else None,
            primaries=primaries_of(self._first.one.frame),
            duration_s=float(self._timeline.end_s),
            can_be_entered=self._can_be_entered(),
        )

    def _can_be_entered(self) -> bool:
        """Whether the file has one clock, which also tells the order of its pictures."""
        form = self._container.format
        is_timed = not form.flags & _NO_TIMESTAMPS and form.name != "gif"
        is_in_order = form.name != "avi" or not self._stream.codec_context.has_b_frames
        return is_timed and is_in_order and len(self._timeline.offsets_s) == 1

    def _fps(self) -> Any:
        """The stated average rate, unless the packets' times give another."""
        stream = self._stream
        if self._container.format.flags & _NO_TIMESTAMPS:
            return stream.guessed_rate or _FALLBACK_FPS  # by the headers of the coded pictures
        measured = self._timeline.rates.get(stream.index)
        stated = stream.average_rate or stream.guessed_rate
        if measured is None or not stated:
            return stated or measured or _FALLBACK_FPS
        is_as_stated = abs(measured - stated) < _RATE_TOLERANCE * stated
        is_interlaced = self._first.one.frame.interlaced_frame
        has_fields_apart = is_interlaced and measured > _FIELDS_APART * stated
        return stated if is_as_stated or has_fields_apart else measured

    def _first_frame(self) -> ShownFrame:
        """The first frame, which gives the size of all."""
        first = next(self._frames, None)
        if first is None:
            raise SourceError(
                f"{self._path} holds no frame that can be decoded: it is damaged or "
                "its pictures are far too large; record or export it again"
            )
        return first

    def _decoded(self) -> Iterator[DecodedFrame]:
        """Decode what can be decoded; damaged packets are skipped."""
        packets = Packets(self._container, playable_streams(self._container))
        take, headers = 0, Headers(self._stream)
        has_slots = self._container.format.name == "avi"
        for packet_take, packet in self._timeline.placed(packets):
            if packet.stream.index != self._stream.index:
                continue
            # Without a key frame, the decoder goes on with what it knows.
            begins_anew = packet_take != take and packet.is_keyframe
            take = packet_take
            if headers.change_with(packet) or begins_anew:
                yield from self._decode(None)
                self._stream.codec_context.flush_buffers()
                self._slots.clear()
            if has_slots and packet.dts is not None:
                self._slots.append(packet.dts)
            yield from self._decode(packet)
        yield from self._decode(None)

    def _decode(self, packet: Any) -> Iterator[DecodedFrame]:
        """Frames that a packet completes; None for the end."""
        try:
            frames = self._stream.decode(packet)
        except av.error.EOFError:
            return
        except FFMPEG_ERRORS:
            self.end_reason = EndReason.TRUNCATED
            if self._slots:
                self._slots.popleft()
            return
        for frame in frames:
            frame.time_base = self._stream.time_base or Fraction(1)
            if self._slots:
                frame.pts = self._slots.popleft()
            one = DecodedFrame(frame, self._sample_aspect())
            self._check_size(*stored_size_px(one))
            yield one

    def _sample_aspect(self) -> Fraction:
        """The container's word on the pixels' shape, until the coded pictures change theirs."""
        coded = self._stream.codec_context.sample_aspect_ratio
        return coded if coded and coded != self._first_coded_aspect else self._stated_aspect

    def _pts(self, frame: Any, last: int | None) -> int:
        """Pts in the source's time base; one frame after `last` if missing or not rising.

        Args:
            frame: the decoded frame.
            last: pts of the frame before; None for the first frame.
        """
        base = self.info.time_base
        if frame.pts is not None:
            pts: int = round(frame.pts * frame.time_base / base)
            if last is None or pts > last:
                return pts
        return 0 if last is None else last + max(1, round(1 / (Fraction(self.info.fps) * base)))

    def _stated_length_s(self) -> Fraction:
        stream = self._stream
        if stream.duration and stream.time_base:
            return Fraction(stream.duration * stream.time_base)
        return Fraction(self._container.duration or 0, av.time_base)

    def _check_size(self, width_px: int, height_px: int) -> None:
        """Refuse a stream or a frame that is too large, before its pixels are read."""
        most = self._limits.max_frame_px
        if width_px * height_px > most:
            raise SourceError(
                f"{self._path} has frames of {width_px}×{height_px} pixels, over the limit of "
                f"{most} pixels; scale it down, or raise COACH_MAX_FRAME_PX"
            )

    def _is_cut_short(self) -> bool:
        timeline = self._timeline
        if timeline.is_damaged or breaks_off(self._path, self._limits):
            return True
        if len(timeline.offsets_s) > 1:
            return False  # joined takes: the container states the length of one
        stated_s = float(self._stated_length_s())
        # Some containers count from their clock's 0, not from the start.
        end_s = float(max(timeline.end_s, timeline.end_s - timeline.offsets_s[0]))
        return stated_s - end_s > max(_MISSING_FRACTION * stated_s, _MISSING_S)
