"""Continuous time of picture and sound.

A file of joined takes (byte by byte, as recorders and `cat` do) has a clock that starts anew with
each take. A take is recognised by the decoding times (dts) of each stream, which otherwise rise:

    container's clock   0 ─────→ 4 s | 0 ─────→ 3 s        (or hours ahead)
    time here           0 ─────→ 4 s ─────→ 7 s

Picture and sound of a take are moved together, so that they stay in step.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from shared.media.containers import FFMPEG_ERRORS, MAX_STREAMS

#: A stream's clock that goes back by more than this begins a new take, in seconds (chosen: above
#: the disorder of careless recorders, well below a take worth watching).
_MAX_BACK_S = Fraction(1, 5)

#: Longest pause within a take, in seconds, in containers whose clock may jump (FFmpeg's flag
#: "ts_discont"); FFmpeg's own limit (`dts_delta_threshold`). Other containers may pause for hours.
_MAX_PAUSE_S = Fraction(10)

#: `AVFMT_TS_DISCONT`: the container's clock may jump.
_TS_DISCONT = 0x0200


@dataclass(slots=True)
class _Extent:
    """From when to when a stream has packets in one take, in seconds of the container's clock."""

    start_s: Fraction
    last_s: Fraction
    decoded_s: Fraction
    packets: int = 0

    def add(self, start_s: Fraction, decoded_s: Fraction) -> None:
        """Add a packet: its start, and its end by the time and the order of decoding."""
        self.packets += 1
        self.start_s = min(self.start_s, start_s)
        self.last_s = max(self.last_s, start_s)
        self.decoded_s = max(self.decoded_s, decoded_s)

    @property
    def end_s(self) -> Fraction:
        """End of the last packet, which is at least as long as the others are."""
        others_s = (self.last_s - self.start_s) / max(self.packets - 1, 1)
        return max(self.last_s + others_s, self.decoded_s)


@dataclass(slots=True)
class _Clock:
    """Where one stream is while packets are read: its take, and the decoding time reached there."""

    take: int
    dts_s: Fraction


@dataclass(slots=True)
class _Takes:
    """Finds the take of each packet, in the order of the file."""

    may_jump: bool
    clocks: dict[int, _Clock] = field(default_factory=dict)
    latest: int = 0

    def take_of(self, packet: Any) -> int:
        """Number of the packet's take, from 0."""
        clock = self.clocks.get(packet.stream.index)
        if packet.dts is None:  # pts do not rise where frames are reordered
            return clock.take if clock else self.latest
        dts_s = packet.dts * packet.time_base
        if clock is None:
            self.clocks[packet.stream.index] = _Clock(self.latest, dts_s)
            return self.latest
        if not self._continues(clock, dts_s):
            clock.take += 1
            self.latest = max(self.latest, clock.take)
        clock.dts_s = dts_s
        return clock.take

    def _continues(self, clock: _Clock, dts_s: Fraction) -> bool:
        if dts_s < clock.dts_s - _MAX_BACK_S:
            return False
        if not self.may_jump or dts_s < clock.dts_s + _MAX_PAUSE_S:
            return True
        # A stream may pause for long while another one of its take goes on.
        return any(
            other is not clock
            and other.take == clock.take
            and abs(dts_s - other.dts_s) < _MAX_PAUSE_S
            for other in self.clocks.values()
        )


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is learned by reading all packets once, without decoding them.

    Attributes:
        offsets_s: Time to add to the container's clock, for each take; the clip starts at 0.
        packets: Number of packets of each stream that has any, by its index.
        rates: Packets per second of each stream within its takes, by its index; none for a stream
            without times.
        end_s: End of the last packet of picture, sound and subtitles, on the continuous time.
        may_jump: Whether the container's clock may jump.
        is_damaged: Whether the file cannot be read to its end, or a part of it is not shown.
    """

    offsets_s: tuple[Fraction, ...]
    packets: dict[int, int]
    rates: dict[int, Fraction]
    end_s: Fraction
    may_jump: bool
    is_damaged: bool

    def placed(self, packets: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        """The take of each packet, and the packet with its times on the continuous time."""
        takes = _Takes(self.may_jump)
        for packet in packets:
            take = min(takes.take_of(packet), len(self.offsets_s) - 1)
            shift = round(self.offsets_s[take] / packet.time_base)
            if packet.pts is not None:
                packet.pts += shift
            if packet.dts is not None:
                packet.dts += shift
            yield take, packet


class Packets:
    """The packets of some streams, until the file ends or cannot be read on.

    Empty packets are left out: AVI has one where a frame is to be shown again, but decoders take an
    empty packet for the end.

    Args:
        container: the opened PyAV container.
        streams: the streams whose packets are wanted.

    Attributes:
        is_damaged: Whether the file could not be read on, or a part of it was not given.
    """

    def __init__(self, container: Any, streams: Sequence[Any]) -> None:
        self._container = container
        self._streams = streams
        self.is_damaged = False

    def __iter__(self) -> Iterator[Any]:
        packets = self._container.demux(self._streams)
        kind = self._container.format.name
        while True:
            try:
                packet = next(packets, None)
            except IndexError:  # PyAV's, of a stream that comes up only now; it is ignored
                packets = self._container.demux(self._streams)
                self.is_damaged |= kind == "mpegts"  # a take with other streams
                continue
            except FFMPEG_ERRORS:
                self.is_damaged = True
                return
            if packet is None:
                return
            if packet.size:
                if kind == "mpeg":
                    _drop_guessed_pts(packet)
                yield packet


def _drop_guessed_pts(packet: Any) -> None:
    """Where a program stream has no pts, FFmpeg guesses it from the next packet, of any take."""
    if packet.pts is None or packet.dts is None:
        return
    ahead_s = (packet.pts - packet.dts) * packet.time_base
    if not -_MAX_BACK_S <= ahead_s <= _MAX_PAUSE_S:
        packet.pts = None


def read_timeline(container: Any, streams: Sequence[Any]) -> Timeline:
    """Read all packets of a container.

    Args:
        container: the opened PyAV container; it stands at its end after that.
        streams: the streams of picture and sound that may be shown.
    """
    may_jump = bool(container.format.flags & _TS_DISCONT)
    takes = _Takes(may_jump)
    extents: dict[tuple[int, int], _Extent] = {}
    packets: dict[int, int] = {}
    subtitles = list(container.streams.subtitles)[:MAX_STREAMS]
    subtitles_end_s = Fraction(0)
    found = Packets(container, [*streams, *subtitles])
    for packet in found:
        stamp = packet.dts if packet.pts is None else packet.pts
        if packet.stream.type == "subtitle":
            end = (stamp or 0) + (packet.duration or 0)
            subtitles_end_s = max(subtitles_end_s, end * packet.time_base)
            continue
        index, take = packet.stream.index, takes.take_of(packet)
        packets[index] = packets.get(index, 0) + 1
        if stamp is None or packet.is_discard:
            continue
        start_s = stamp * packet.time_base
        first_s = stamp if packet.dts is None else packet.dts
        decoded_s = (first_s + (packet.duration or 0)) * packet.time_base
        extent = extents.setdefault((take, index), _Extent(start_s, start_s, decoded_s))
        extent.add(start_s, decoded_s)
    offsets_s, end_s = _offsets(extents, takes.latest + 1, _first_start_s(streams))
    rates = _rates(extents)
    end_s = max(end_s, subtitles_end_s + offsets_s[0])
    return Timeline(offsets_s, packets, rates, end_s, may_jump, found.is_damaged)


def _first_start_s(streams: Sequence[Any]) -> Fraction | None:
    """Start of the clip as the container states it: after what a codec needs to warm up."""
    starts_s = [s.start_time * s.time_base for s in streams if s.start_time is not None]
    return min(starts_s, default=None)


def _offsets(
    extents: dict[tuple[int, int], _Extent], count: int, first_s: Fraction | None
) -> tuple[tuple[Fraction, ...], Fraction]:
    """Offset of each take, which begins where its streams ended before; and the clip's end."""
    offsets_s: list[Fraction] = []
    reached_s: dict[int, Fraction] = {}  # by each stream
    takes: dict[int, list[tuple[int, _Extent]]] = defaultdict(list)
    for (take, index), extent in extents.items():
        takes[take].append((index, extent))
    for take in range(count):
        parts = takes[take]
        start_s = min((part.start_s for _, part in parts), default=Fraction(0))
        if take == 0 and first_s is not None:
            start_s = first_s
        begins_s = max((reached_s.get(index, Fraction(0)) for index, _ in parts), default=0)
        offsets_s.append(begins_s - start_s)
        for index, part in parts:
            reached_s[index] = part.end_s + offsets_s[-1]
    return tuple(offsets_s), max(reached_s.values(), default=Fraction(0))


def _rates(extents: dict[tuple[int, int], _Extent]) -> dict[int, Fraction]:
    spans_s: dict[int, Fraction] = defaultdict(Fraction)
    steps: dict[int, int] = defaultdict(int)
    for (_, index), extent in extents.items():
        spans_s[index] += extent.last_s - extent.start_s
        steps[index] += extent.packets - 1
    return {index: steps[index] / span_s for index, span_s in spans_s.items() if span_s > 0}
