"""Writes films of the scene in any codec and container that PyAV has."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from corpus import pattern

#: Options that keep the colours within a few levels, and the log quiet.
_OPTIONS = {
    "libx264": {"preset": "veryfast", "crf": "12"},
    "libx265": {"preset": "ultrafast", "crf": "12", "x265-params": "log-level=none"},
    "libsvtav1": {"preset": "12", "crf": "18"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8", "crf": "8", "b": "4M"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "12", "b": "0"},
}

#: Quality of MPEG-like codecs: smallest quantizer 2 of 31.
_MPEG_LIKE = {"b": "6M", "qmin": "2", "qmax": "3"}

#: Default size of films, pixels.
SIZE_PX = (128, 96)


@dataclass(frozen=True)
class Coding:
    """How pictures are coded.

    Attributes:
        codec: FFmpeg's name of the encoder.
        pixels: FFmpeg's name of the pixel format.
        options: options of the encoder, over the usual ones.
        sample_aspect: width of a pixel divided by its height; None to leave it unsaid.
        tags: colour properties of PyAV's codec context, H.273 codes.
        flags: flags of PyAV's codec context.
    """

    codec: str = "libx264"
    pixels: str = "yuv420p"
    options: dict[str, str] = field(default_factory=dict)
    sample_aspect: Fraction | None = None
    tags: dict[str, int] = field(default_factory=dict)
    flags: int = 0

    @property
    def all_options(self) -> dict[str, str]:
        """Options of the encoder: the usual ones, and this coding's own over them."""
        return {**_OPTIONS.get(self.codec, _MPEG_LIKE), **self.options}


H264 = Coding()
H264_B = Coding(options={"bf": "3", "b_strategy": "0", "g": "12"})
HEVC = Coding("libx265")
MPEG2 = Coding("mpeg2video")
MPEG4 = Coding("mpeg4")
MJPEG = Coding("mjpeg", "yuvj420p")


def scenes(numbers: Iterable[int], size_px: tuple[int, int] = SIZE_PX) -> list[np.ndarray]:
    """The pictures of these frame numbers."""
    return [pattern.scene(number, size_px) for number in numbers]


def add_video(
    container: Any, coding: Coding, size_px: tuple[int, int], fps: Fraction, time_base: Fraction
) -> Any:
    """Add a video stream of a coding to a PyAV container."""
    stream = container.add_stream(coding.codec, rate=fps, options=coding.all_options)
    stream.width, stream.height = size_px
    stream.pix_fmt = coding.pixels
    stream.time_base = time_base
    context = stream.codec_context
    context.time_base = time_base
    context.thread_count = 1
    if coding.sample_aspect is not None:
        context.sample_aspect_ratio = coding.sample_aspect
    for name, value in coding.tags.items():
        setattr(context, name, value)
    context.flags |= coding.flags | av.codec.context.Flags.bitexact
    return stream


def as_frame(picture: Any) -> Any:
    """A PyAV frame of a picture, which is one already or BGR."""
    if isinstance(picture, np.ndarray):
        return av.VideoFrame.from_ndarray(picture, format="bgr24")
    return picture


def write_film(
    path: Path,
    pictures: Sequence[Any],
    coding: Coding = H264,
    fps: Fraction = Fraction(25),
    pts: Sequence[int] | None = None,
    time_base: Fraction | None = None,
    options: dict[str, str] | None = None,
    container_format: str | None = None,
    prepare: Callable[[Any, Any], None] = lambda container, stream: None,
    sound: Callable[[Any], Callable[[], None]] | None = None,
    edit_packet: Callable[[bytes, bool], bytes] | None = None,
) -> Path:
    """Write a film.

    Args:
        path: the file.
        pictures: BGR arrays or PyAV frames, all of one size.
        coding: how they are coded.
        fps: frame rate.
        pts: times of the frames in `time_base`; None for one after the other.
        time_base: unit of `pts`; None for a frame's duration.
        options: options of the container's muxer.
        container_format: FFmpeg's name of the container; None to go by the path.
        prepare: called with the container and the video stream before anything is written.
        sound: see `sound.track`.
        edit_packet: changes each coded packet, given whether it is a key frame.
    """
    fps, base = Fraction(fps), Fraction(time_base or 1 / Fraction(fps))
    first = as_frame(pictures[0])
    with av.open(str(path), "w", format=container_format, options=options or {}) as container:
        container.flags |= av.container.Flags.bitexact.value  # no random numbers, no dates
        stream = add_video(container, coding, (first.width, first.height), fps, base)
        write_sound = sound(container) if sound else None
        prepare(container, stream)

        def mux(packets: Iterable[Any]) -> None:
            for packet in packets:
                if edit_packet:
                    packet = _edited(packet, edit_packet)
                container.mux(packet)

        for index, picture in enumerate(pictures):
            frame = as_frame(picture)
            frame.pts, frame.time_base = pts[index] if pts else index, base
            mux(stream.encode(frame))
        mux(stream.encode())
        if write_sound:
            write_sound()
    if coding.codec == "libsvtav1":
        # As root it makes its caller a real-time process, and so all that are started from it.
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return path


def _edited(packet: Any, edit_packet: Callable[[bytes, bool], bytes]) -> Any:
    copy = av.Packet(edit_packet(bytes(packet), packet.is_keyframe))
    copy.stream, copy.time_base, copy.duration = packet.stream, packet.time_base, packet.duration
    copy.pts, copy.dts, copy.is_keyframe = packet.pts, packet.dts, packet.is_keyframe
    return copy


def remux(source: Path, path: Path, options: dict[str, str] | None = None) -> Path:
    """Copy all streams of a file into another container."""
    with (
        av.open(str(source)) as given,
        av.open(str(path), "w", options=options or {}) as container,
    ):
        copies = {s.index: container.add_stream_from_template(s) for s in given.streams}
        for packet in given.demux():
            if packet.dts is not None:
                packet.stream = copies[packet.stream.index]
                container.mux(packet)
    return path
