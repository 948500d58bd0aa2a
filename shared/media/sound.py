"""The source's sound, taken along into the encoded video."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from shared.media.containers import FFMPEG_ERRORS, open_input

#: Audio codecs that MP4 holds as they are; others are transcoded to AAC.
_COPIED_CODECS = {"aac", "ac3", "alac", "eac3", "flac", "mp3", "opus"}

#: Lowest rate of MP3 that is copied, Hz. FFmpeg refuses to put lower ones (MPEG-2.5) into MP4,
#: because players need not support them.
_MIN_MP3_HZ = 16_000

#: Rate of sound whose own rate AAC does not support, such as 10 or 192 kHz, in Hz.
_FALLBACK_HZ = 48_000


class SoundCopier:
    """Muxes a source's sound in step with the picture, so that little has to be buffered.

    Args:
        path: the file with the sound; its first audio stream is taken.
        output: the PyAV container to write to.
    """

    def __init__(self, path: Path, output: Any) -> None:
        self._input = open_input(path)
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
            self._output.mux(packet)
            self._next = next(self._packets, None)

    def close(self) -> None:
        """Close the file with the sound."""
        self._input.close()

    def _demuxed(self, source: Any) -> Iterator[Any]:
        """Packets with their times counted from the container's start, as the picture's are."""
        start_s = Fraction(self._input.start_time or 0, av.time_base)
        packets = self._input.demux(source)
        while True:
            try:
                packet: Any = next(packets, None)
            except FFMPEG_ERRORS:
                return  # the file is cut short: its sound ends here
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
                continue  # MP4 does not allow two packets at one time
            last_dts = packet.dts
            packet.stream = self._stream
            yield packet

    def _transcode(self, source: Any) -> Iterator[Any]:
        for packet in self._demuxed(source):
            try:
                frames = packet.decode()
            except FFMPEG_ERRORS:
                continue
            for frame in frames:
                yield from self._stream.encode(frame)
        yield from self._stream.encode()


def _is_copied(context: Any) -> bool:
    """Whether MP4 holds the sound as it is; by the codec's name, not the decoder's ("mp3float")."""
    name = context.codec.canonical_name
    return name in _COPIED_CODECS and (name != "mp3" or context.sample_rate >= _MIN_MP3_HZ)


def _aac_rate_hz(context: Any) -> int:
    rates = av.Codec("aac", "w").audio_rates or []
    return context.sample_rate if context.sample_rate in rates else _FALLBACK_HZ
