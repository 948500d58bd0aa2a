"""The source's sound, taken along into the encoded video."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from shared.media.containers import FFMPEG_ERRORS, open_input
from shared.media.limits import SourceLimits
from shared.media.streams import loudest_index, playable_streams, sounds_by_preference
from shared.media.timeline import Packets, Timeline

#: Audio codecs that MP4 holds and browsers play, copied as they are; others are transcoded to AAC.
#: So is all sound of containers whose clock may jump: from take to take it may change its rate.
_COPIED_CODECS = {"aac", "flac", "mp3", "opus"}

#: Lowest rate of MP3 that is copied, Hz. FFmpeg refuses to put lower ones (MPEG-2.5) into MP4,
#: because players need not support them.
_MIN_MP3_HZ = 16_000

#: Rate of sound whose own rate AAC does not support, such as 10 or 192 kHz, in Hz.
_FALLBACK_HZ = 48_000

#: Options of libswresample that keep transcoded sound in step where takes are joined or broken:
#: it fills gaps, and cuts overlaps, of more than 0.01 s (chosen: half of what a viewer notices).
_IN_STEP = {"async": "1", "min_hard_comp": "0.01"}

#: Longest gap that is filled, in seconds: silence of an hour would fill the memory.
_MAX_FILLED_S = 5.0

#: Samples of a frame of AAC.
_AAC_FRAME = 1024


@dataclass(frozen=True, slots=True)
class Sound:
    """The sound of a source.

    Attributes:
        path: The file; of several streams, the one that a person would hear is meant.
        timeline: Its times, which the pictures have too.
        limits: Where it may lie.
    """

    path: Path
    timeline: Timeline
    limits: SourceLimits


class SoundCopier:
    """Muxes a source's sound in step with the picture, so that little has to be buffered.

    Args:
        sound: what to mux.
        output: the PyAV container to write to.
    """

    def __init__(self, sound: Sound, output: Any) -> None:
        self._timeline = sound.timeline
        self._input = open_input(sound.path, sound.limits)
        self._output = output
        self._delay_s = Fraction(0)
        source = self._choose(sound)
        if source is None:
            self._packets: Iterator[Any] = iter(())
        elif _is_copied(source.codec_context) and not self._timeline.may_jump:
            self._stream = output.add_stream_from_template(source)
            self._packets = self._copy(source)
        else:
            self._stream = output.add_stream(
                "aac",
                rate=_aac_rate_hz(source.codec_context),
                layout="mono" if source.codec_context.channels == 1 else "stereo",
            )
            self._packets = self._transcode(source)
        self._packets = _rising(self._packets)
        self._next: Any = next(self._packets, None)

    def delay(self, delay_s: Fraction) -> None:
        """Start all sound later by `delay_s`; to be called before the first packet is muxed."""
        self._delay_s = delay_s

    def copy_until(self, time_s: float) -> None:
        """Mux all packets that start at `time_s` or before."""
        while self._next is not None:
            packet = self._next
            if float(packet.pts * packet.time_base + self._delay_s) > time_s:
                return
            shift = round(self._delay_s / packet.time_base)
            packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
            with suppress(av.error.InvalidDataError):  # damaged: silence in its place
                self._output.mux(packet)
            self._next = next(self._packets, None)

    def close(self) -> None:
        """Close the file with the sound."""
        self._input.close()

    def _choose(self, sound: Sound) -> Any:
        """The stream that a person would hear; None where there is none."""
        sounds = sounds_by_preference(self._input)
        if len(sounds) < 2:
            return next(iter(sounds), None)
        with open_input(sound.path, sound.limits) as container:
            heard = [container.streams[sound.index] for sound in sounds]
            return self._input.streams[loudest_index(Packets(container, heard), heard)]

    def _demuxed(self, source: Any) -> Iterator[Any]:
        """Packets with their times counted from the clip's start, as the picture's are."""
        packets = Packets(self._input, playable_streams(self._input))
        for _, packet in self._timeline.placed(packets):
            if packet.stream.index == source.index and packet.pts is not None:
                if packet.dts is None:
                    packet.dts = packet.pts
                yield packet

    def _copy(self, source: Any) -> Iterator[Any]:
        for packet in self._demuxed(source):
            packet.stream = self._stream
            yield packet

    def _transcode(self, source: Any) -> Iterator[Any]:
        resampler, layout, end_s = None, None, 0.0
        for frame in self._decoded(source):
            is_continued = abs((frame.time or 0.0) - end_s) < _MAX_FILLED_S
            if resampler is None or layout != _layout(frame) or not is_continued:
                yield from self._encode(resampler, None)
                resampler, layout = self._resampler(), _layout(frame)
            yield from self._encode(resampler, frame)
            end_s = (frame.time or 0.0) + frame.samples / frame.sample_rate
        yield from self._encode(resampler, None)
        yield from self._stream.encode()

    def _encode(self, resampler: Any, frame: Any) -> Iterator[Any]:
        for samples in resampler.resample(frame) if resampler else ():
            yield from self._stream.encode(samples)

    def _decoded(self, source: Any) -> Iterator[Any]:
        for packet in self._demuxed(source):
            with suppress(*FFMPEG_ERRORS):  # damaged: silence in its place
                yield from packet.decode()

    def _resampler(self) -> Any:
        context = self._stream.codec_context
        return av.AudioResampler(
            format=context.format,
            layout=context.layout,
            rate=context.sample_rate,
            frame_size=_AAC_FRAME,
            options=_IN_STEP,
        )


def _rising(packets: Iterator[Any]) -> Iterator[Any]:
    """Packets without those that overlap earlier ones: MP4 does not allow two at one time."""
    last_dts = None
    for packet in packets:
        if last_dts is None or packet.dts > last_dts:
            last_dts = packet.dts
            yield packet


def _is_copied(context: Any) -> bool:
    """Whether MP4 holds the sound as it is; by the codec's name, not the decoder's ("mp3float")."""
    name = context.codec.canonical_name
    return name in _COPIED_CODECS and (name != "mp3" or context.sample_rate >= _MIN_MP3_HZ)


def _layout(frame: Any) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _aac_rate_hz(context: Any) -> int:
    rates = av.Codec("aac", "w").audio_rates or []
    return context.sample_rate if context.sample_rate in rates else _FALLBACK_HZ
