"""Cuts a part out of a recording as a clip of its own, without encoding anything again."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from shared.errors import OutputError
from shared.media.containers import FFMPEG_ERRORS, open_input, reason_of, source_errors
from shared.media.limits import SourceLimits
from shared.media.recording import Recording, seek
from shared.media.streams import playable_streams

#: Codecs that MP4 holds. Others go into a MOV if they came out of one, else into Matroska, which
#: holds almost anything.
_MP4 = {"h264", "hevc", "av1", "mpeg4", "vp9", "aac", "mp3", "ac3", "eac3", "opus", "flac", "alac"}

#: Container → end of its files' names.
_SUFFIXES = {"mp4": ".mp4", "mov": ".mov", "matroska": ".mkv"}

#: Time by which decoding a picture may come before showing it, in seconds (chosen: encoders reorder
#: at most 16 frames).
_REORDERED_S = Fraction(3, 4)

#: No random numbers and no dates in the file: the same cut has the same bytes.
_OPTIONS = {"fflags": "+bitexact"}


def suffix_of(recording: Recording) -> str:
    """End of the file names of clips that are cut out of a recording, such as ".mp4"."""
    return _SUFFIXES[_kind(recording.container)]


def cut(
    recording: Recording, limits: SourceLimits, path: Path, from_s: float, to_s: float
) -> float:
    """Write the packets of a part to a new file, without encoding anything again.

    Players begin a file of the MP4 family exactly at `from_s`, although it holds what is needed to
    decode it from the key frame before. Others begin at that key frame.

    Args:
        recording: the recording.
        limits: where it may lie.
        path: the file; its name ends as `suffix_of` says.
        from_s: start of the part, in seconds.
        to_s: end of the part, in seconds; the clip ends with the last picture that is decoded by
            then.

    Returns:
        Where in the recording the clip begins, in seconds.

    Raises:
        SourceError: the recording cannot be read.
        OutputError: the file cannot be written.
    """
    with source_errors(recording.path):
        source = open_input(recording.path, limits)
    with source:
        picture = source.streams[recording.stream.index]
        with source_errors(recording.path):
            key_s = _key_before(source, picture, recording.start_s + Fraction(from_s))
        kind = _kind(source)
        begin_s = key_s
        if kind != "matroska":
            begin_s = max(key_s, recording.start_s + Fraction(from_s))
        try:
            with av.open(str(path), "w", format=kind, options=_OPTIONS) as output:
                end_s = recording.start_s + Fraction(to_s)
                _copy(source, output, picture, (key_s, begin_s, end_s))
        except FFMPEG_ERRORS as error:
            raise OutputError(
                f"cannot cut {recording.path} into {path} ({reason_of(error)}); free disk space, "
                "or use --sets off"
            ) from error
    return float(begin_s - recording.start_s)


def _kind(container: Any) -> str:
    """The container that clips of a recording are written to."""
    codecs = {stream.codec_context.codec.canonical_name for stream in playable_streams(container)}
    if codecs <= _MP4:
        return "mp4"
    return "mov" if "mov" in container.format.name.split(",") else "matroska"


def _key_before(source: Any, picture: Any, time_s: Fraction) -> Fraction:
    """Time of the last key frame at or before a time, else of the first after it."""
    seek(source, picture, time_s)
    found: Fraction | None = None
    for packet in source.demux(picture):
        stamp = packet.dts if packet.pts is None else packet.pts
        if stamp is None or not packet.size:
            continue
        at_s = stamp * packet.time_base
        if packet.is_keyframe and (found is None or at_s <= time_s):
            found = at_s
        if found is not None and at_s > time_s:
            break
    return time_s if found is None else found


def _copy(
    source: Any, output: Any, picture: Any, times_s: tuple[Fraction, Fraction, Fraction]
) -> None:
    """Copy the packets from a key frame to the end of a part, whose beginning gets the time 0."""
    key_s, begin_s, end_s = times_s
    streams = [s for s in playable_streams(source) if s is picture or s.type == "audio"]
    copies = {stream.index: output.add_stream_from_template(stream) for stream in streams}
    seek(source, picture, key_s)
    has_begun = False
    last_dts: dict[int, int] = {}
    for packet in source.demux(streams):
        if packet.pts is None:  # in AVI, where decoding and showing have one order
            packet.pts = packet.dts
        if not packet.size or packet.pts is None:
            continue
        base, index = packet.time_base, packet.stream.index
        if packet.dts is None:  # Matroska states none, and FFmpeg finds some of them only
            packet.dts = last_dts.get(index, packet.pts - round(_REORDERED_S / base)) + 1
        time_s = packet.pts * base
        if index == picture.index:
            has_begun |= packet.is_keyframe and time_s >= key_s
            if packet.dts * base > end_s:
                break
        if not has_begun or time_s < (key_s if index == picture.index else begin_s):
            continue
        if index in last_dts and packet.dts <= last_dts[index]:
            continue  # overlapping, which containers do not allow
        last_dts[index] = packet.dts
        shift = round(begin_s / base)
        packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
        packet.stream = copies[index]
        output.mux(packet)
