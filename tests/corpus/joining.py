"""Takes joined byte by byte, and files that break off, as recorders and cards leave them."""

from pathlib import Path

from corpus import sound
from corpus.muxing import Coding, scenes, write_film

#: Frames a second of takes; with the beeps of a second each, beep k belongs to frame 10 k.
FPS = 10

#: Frames of a take.
TAKE_FRAMES = 20


def join(path: Path, *parts: Path) -> Path:
    """Join files as `cat` does."""
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def take(
    path: Path,
    number: int,
    coding: Coding,
    sound_codec: str | None = "aac",
    starts_s: float = 0,
    frames: int = TAKE_FRAMES,
) -> Path:
    """Write a take of a film in a container of MPEG's.

    Args:
        path: the file.
        number: number of the take: 0 shows the frames 0 to 19, 1 those from 20, and so on.
        coding: how the pictures are coded.
        sound_codec: codec of the beeps; None for no sound.
        starts_s: where its clock begins, in seconds, over what the container begins with.
        frames: length.
    """
    first = number * TAKE_FRAMES
    seconds = frames / FPS
    return write_film(
        path,
        scenes(range(first, first + frames), (96, 64)),
        coding,
        FPS,
        options={"output_ts_offset": str(starts_s)},
        sound=sound.track(sound_codec, seconds, 48_000, "stereo", first // FPS, 0.4)
        if sound_codec
        else None,
    )


def joined_takes(
    path: Path, coding: Coding, sound_codec: str | None, starts_s: list[float]
) -> Path:
    """Takes whose clocks begin at these seconds, joined."""
    parts = [
        take(path.with_name(f"take{n}{path.suffix}"), n, coding, sound_codec, start_s)
        for n, start_s in enumerate(starts_s)
    ]
    return join(path, *parts)


def cut(path: Path, fraction: float) -> Path:
    """Break a file off, at an odd byte."""
    data = path.read_bytes()
    path.write_bytes(data[: round(len(data) * fraction) | 1])
    return path


def unfinish_avi(path: Path) -> Path:
    """Leave an AVI as a recorder does that loses power: no index, and sizes and lengths of 0."""
    data = bytearray(path.read_bytes())
    del data[data.rindex(b"idx1") :]
    zero = bytes(4)
    data[4:8] = zero  # of the file
    movi = data.index(b"movi")
    data[movi - 4 : movi] = zero  # of the list of frames
    avih = data.index(b"avih") + 8
    data[avih + 16 : avih + 20] = zero  # number of frames
    strh = data.index(b"strh") + 8
    data[strh + 32 : strh + 36] = zero  # length of the stream
    path.write_bytes(data)
    return path
