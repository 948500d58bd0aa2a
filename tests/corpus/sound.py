"""Writes beeps of rising pitch, and measures where they come in a written film."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from corpus import pattern
from shared.media.encode import VideoEncoder
from shared.media.source import open_source

#: Start of each beep after the full second, and its duration, in seconds.
BEEP_AT_S, BEEP_S = 0.25, 0.3

#: Pitch of beep 0, and the rise from one to the next, Hz.
_LOWEST_HZ, _RISE_HZ = 440.0, 220.0

#: Longest sound that is measured, in seconds: a longer one has a hole of hours.
_MAX_S = 300

#: What writes a track: given the container, adds the stream and returns what writes its sound.
Track = Callable[[Any], Callable[[], None]]


def pitch_hz(beep: int) -> float:
    """Pitch of the beep of a second."""
    return _LOWEST_HZ + _RISE_HZ * beep


def beeps(seconds: float, rate_hz: int, first: int = 0, level: float = 0.4) -> np.ndarray:
    """Sound with the beeps `first`, `first + 1`, ..., float32 (samples,)."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    second = np.floor(time_s).astype(int)
    tone = np.sin(2 * np.pi * pitch_hz(first + second) * (time_s - second))
    is_on = (time_s - second >= BEEP_AT_S) & (time_s - second < BEEP_AT_S + BEEP_S)
    return (level * tone * is_on).astype(np.float32)


def track(
    codec: str = "aac",
    seconds: float = 4,
    rate_hz: int = 48_000,
    layout: str = "mono",
    first: int = 0,
    level: float = 0.4,
    start_s: Fraction = Fraction(0),
    options: dict[str, str] | None = None,
) -> Track:
    """A track of beeps.

    Args:
        codec: FFmpeg's name of the encoder.
        seconds: length.
        rate_hz: sample rate.
        layout: FFmpeg's name of the channels; all of them carry the beeps.
        first: number of the first beep, which gives its pitch.
        level: loudness; 0 for silence.
        start_s: where the track begins.
        options: options of the encoder.
    """

    def add(container: Any) -> Callable[[], None]:
        stream = container.add_stream(codec, rate=rate_hz, layout=layout, options=options or {})
        channels = stream.layout.nb_channels
        samples = np.tile(beeps(seconds, rate_hz, first, level), (channels, 1))

        def write() -> None:
            resampler = av.AudioResampler(stream.format.name, layout, rate_hz)
            for start in range(0, samples.shape[1], 1024):
                block = np.ascontiguousarray(samples[:, start : start + 1024])
                frame = av.AudioFrame.from_ndarray(block, "fltp", layout)
                frame.sample_rate, frame.time_base = rate_hz, Fraction(1, rate_hz)
                frame.pts = start + round(start_s * rate_hz)
                for resampled in resampler.resample(frame):
                    container.mux(stream.encode(resampled))
            container.mux(stream.encode())

        return write

    return add


def tracks(*several: Track) -> Track:
    """Several tracks, in this order."""

    def add(container: Any) -> Callable[[], None]:
        writers = [one(container) for one in several]

        def write() -> None:
            for writer in writers:
                writer()

        return write

    return add


def write_through(path: Path, written: Path) -> Path:
    """Read a source and write its pictures and sound, as the annotated video is written."""
    with open_source(path) as source:
        info = source.info
        with VideoEncoder(
            written,
            (info.width_px, info.height_px),
            info.time_base,
            sound=info.sound,
        ) as encoder:
            for frame in source.frames():
                encoder.write(frame.image, frame.pts)
    return written


def written_times_s(path: Path) -> dict[int, float]:
    """Time at which each frame number first shows in a written film."""
    times_s: dict[int, float] = {}
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            number = pattern.number_of(frame.to_ndarray(format="bgr24"))
            times_s.setdefault(number, frame.time)
    return times_s


def heard(path: Path) -> list[tuple[float, float]]:
    """Onset in seconds and pitch in Hz of each beep in a written film, at the film's own times."""
    blocks = list(_decoded(path))
    if not blocks:
        return []
    rate = blocks[0][2]
    start_s = min(block[0] for block in blocks)
    end_s = max(time_s + len(block) / rate for time_s, block, _ in blocks)
    assert end_s - start_s < _MAX_S, f"the sound lasts from {start_s} to {end_s} s"
    sound = np.zeros(round((end_s - start_s) * rate) + 1)
    for time_s, block, _ in blocks:
        at = round((time_s - start_s) * rate)
        sound[at : at + len(block)] = block[: len(sound) - at]
    return [(float(start_s + onset_s), hz) for onset_s, hz in _beeps_in(sound, rate)]


def _decoded(path: Path) -> Iterator[tuple[float, np.ndarray, int]]:
    """Time, mono samples and rate of each block of the first audio stream."""
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return
        resampler = None
        for frame in container.decode(audio=0):
            resampler = resampler or av.AudioResampler("fltp", "mono", frame.sample_rate)
            for mono in resampler.resample(frame):
                yield frame.time, mono.to_ndarray()[0], frame.sample_rate


def _beeps_in(sound: np.ndarray, rate_hz: int) -> list[tuple[float, float]]:
    """Onset and pitch of each beep, from the loudness over 4 ms."""
    window = max(1, round(0.004 * rate_hz))
    power = np.convolve(sound**2, np.ones(window) / window, "same")
    is_on = power > 0.1 * max(power.max(), 1e-4)
    # Gaps below 50 ms (cracks between packets) do not end a beep.
    edges = np.flatnonzero(np.diff(is_on.astype(int), prepend=0, append=0))
    spans = list(zip(edges[::2], edges[1::2], strict=True))
    joined = spans[:1]
    for start, end in spans[1:]:
        if start - joined[-1][1] < 0.05 * rate_hz:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    found = []
    for start, end in joined:
        if end - start > 0.1 * rate_hz:
            part = sound[start:end] * np.hanning(end - start)
            spectrum = np.abs(np.fft.rfft(part, 1 << 16))
            found.append((start / rate_hz, float(spectrum.argmax() * rate_hz / (1 << 16))))
    return found


def check_in_step(written: Path, beep_numbers: dict[int, int], tolerance_s: float = 0.02) -> None:
    """Fail unless each beep is heard, and comes when its picture is shown.

    Args:
        written: the written film.
        beep_numbers: beep → number of the frame shown at the start of its second.
        tolerance_s: between picture and sound.
    """
    times_s, found = written_times_s(written), heard(written)
    pitches = [round((hz - _LOWEST_HZ) / _RISE_HZ) for _, hz in found]
    assert pitches == list(beep_numbers), f"beeps {list(beep_numbers)}, heard {found}"
    lateness = {
        beep: round(onset_s - BEEP_AT_S - times_s[number], 3)
        for (beep, number), (onset_s, _) in zip(beep_numbers.items(), found, strict=True)
    }
    assert all(abs(late) <= tolerance_s for late in lateness.values()), f"late by {lateness} s"
