"""Which streams of a container a person sees and hears."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from av.stream import Disposition

from shared.errors import SourceError
from shared.media.containers import FFMPEG_ERRORS, MAX_STREAMS

#: Streams of pictures that are no film: covers, thumbnails, and parts of other streams.
_NO_FILM = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.dependent

#: Sound beside the film's own: what a player takes only when asked.
_SECONDARY_SOUND = (
    Disposition.comment
    | Disposition.visual_impaired
    | Disposition.hearing_impaired
    | Disposition.descriptions
    | Disposition.karaoke
    | Disposition.non_diegetic
)

#: Amplitude below which sound counts as silence, as a fraction of full scale: −60 dBFS, the noise
#: of a phone's microphone in a quiet room is above it.
_SILENCE = 1e-3

#: Brands of ISO files that hold pictures (HEIF, AVIF), in tiles that FFmpeg does not put together.
_PICTURE_BRANDS = {"avif", "avis", "heic", "heim", "heis", "heix", "mif1", "msf1"}


def playable_streams(container: Any) -> list[Any]:
    """The streams of picture and sound that FFmpeg can decode, without covers and thumbnails."""
    playable = [
        stream
        for stream in (*container.streams.video, *container.streams.audio)
        if stream.codec_context is not None
        and not (stream.type == "video" and stream.disposition & _NO_FILM)
    ]
    return playable[:MAX_STREAMS]


def choose_picture(container: Any, packets: Mapping[int, int], path: str) -> Any:
    """The stream of pictures that a player shows: a film rather than one picture, the largest.

    Args:
        container: the opened PyAV container.
        packets: number of packets of each stream that has any, by its index.
        path: the file, for messages.

    Raises:
        SourceError: there is none.
    """
    if container.metadata.get("major_brand", "").strip() in _PICTURE_BRANDS:
        raise SourceError(f"{path} is a picture of a kind that is not read; export it as JPEG")
    films = [s for s in playable_streams(container) if s.type == "video"]
    if not films and any(s.codec_context is None for s in container.streams.video):
        raise SourceError(f"{path} has video of a kind that is not known; export it as MP4")
    if not films:
        raise SourceError(f"{path} has no video in it; give a video, not sound")
    return max(films, key=lambda stream: _rank(stream, packets.get(stream.index, 0)))


def _rank(stream: Any, packets: int) -> tuple[bool, int, bool, int]:
    area = stream.codec_context.width * stream.codec_context.height
    is_default = bool(stream.disposition & Disposition.default)
    return min(packets, 2) == 2, area, is_default, -stream.index


def sounds_by_preference(container: Any) -> list[Any]:
    """The streams of sound, in the order in which a player would choose among them."""
    sounds = [s for s in playable_streams(container) if s.type == "audio"]
    return sorted(
        sounds,
        key=lambda s: (
            bool(s.disposition & _SECONDARY_SOUND),
            not s.disposition & Disposition.default,
            s.index,
        ),
    )


def loudest_index(packets: Iterable[Any], sounds: Sequence[Any]) -> int:
    """Index of the first stream of sound that is not silent, or else the loudest.

    Args:
        packets: all packets of these streams.
        sounds: the streams, by preference.
    """
    peaks = {stream.index: 0.0 for stream in sounds}
    first: int = sounds[0].index
    for packet in packets:
        index = int(packet.stream.index)
        if peaks[index] < _SILENCE:
            peaks[index] = max(peaks[index], _peak(packet))
            if index == first and peaks[index] >= _SILENCE:
                return first
    heard: list[int] = [index for index, peak in peaks.items() if peak >= _SILENCE]
    return heard[0] if heard else max(peaks, key=lambda index: peaks[index])


def _peak(packet: Any) -> float:
    """Largest amplitude in a packet of sound, as a fraction of full scale; 0 if it is damaged."""
    try:
        return max((_amplitude(frame.to_ndarray()) for frame in packet.decode()), default=0.0)
    except FFMPEG_ERRORS:
        return 0.0


def _amplitude(samples: np.ndarray) -> float:
    if samples.size == 0:
        return 0.0
    if samples.dtype.kind == "f":
        return float(np.abs(samples).max())
    middle = 128 if samples.dtype == np.uint8 else 0
    full = float(np.iinfo(samples.dtype).max - middle)
    return float(np.abs(samples.astype(np.float64) - middle).max() / full)
