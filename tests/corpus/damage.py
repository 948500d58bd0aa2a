"""Damages files as cards, cables and editors do, and worse; the same seed gives the same damage."""

import random
import struct
from collections.abc import Callable
from pathlib import Path

from corpus import recorders, sound
from corpus.boxes import boxes_of
from corpus.muxing import H264_B, HEVC, MJPEG, MPEG2, MPEG4, Coding, scenes, write_film
from corpus.pictures import write_animation, write_picture

Damage = Callable[[bytes, random.Random], bytes]

#: Bytes from the start that are taken for a file's header.
_HEADER_BYTES = 2048

#: Sizes that are wrong nearly everywhere.
_WRONG_SIZES = (0, 1, 7, 8, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFF0, 0x01000000)


def _flip_anywhere(data: bytes, rng: random.Random) -> bytes:
    return _flip(data, rng, len(data), rng.choice((1, 8, 64)))


def _flip_in_header(data: bytes, rng: random.Random) -> bytes:
    return _flip(data, rng, min(len(data), _HEADER_BYTES), rng.choice((1, 4, 16)))


def _flip_at_end(data: bytes, rng: random.Random) -> bytes:
    """Where MP4 and AVI have their index."""
    return _flip(data[::-1], rng, min(len(data), _HEADER_BYTES), 8)[::-1]


def _flip(data: bytes, rng: random.Random, below: int, count: int) -> bytes:
    changed = bytearray(data)
    for _ in range(count):
        changed[rng.randrange(below)] ^= rng.randrange(1, 256)
    return bytes(changed)


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(1, len(data))]


def _lose_start(data: bytes, rng: random.Random) -> bytes:
    return data[rng.randrange(1, len(data) // 2) :]


def _block(data: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(data))
    return start, min(len(data), start + rng.choice((4, 100, 512, 4096)))


def _zero(data: bytes, rng: random.Random) -> bytes:
    start, end = _block(data, rng)
    return data[:start] + bytes(end - start) + data[end:]


def _insert(data: bytes, rng: random.Random) -> bytes:
    start, end = _block(data, rng)
    return data[:start] + rng.randbytes(end - start) + data[start:]


def _drop(data: bytes, rng: random.Random) -> bytes:
    start, end = _block(data, rng)
    return data[:start] + data[end:]


def _double(data: bytes, rng: random.Random) -> bytes:
    start, end = _block(data, rng)
    return data[:end] + data[start:end] * rng.choice((1, 3)) + data[end:]


def _swap(data: bytes, rng: random.Random) -> bytes:
    """Swap two blocks; in MP4, shuffle the boxes of the file or of its index."""
    if data[4:8] == b"ftyp":
        moov = data.find(b"moov") + 4
        head, body = (data[:moov], data[moov:]) if rng.random() < 0.5 else (b"", data)
        parts = [struct.pack(">I4s", len(c) + 8, k) + c for k, c in boxes_of(body)]
        rng.shuffle(parts)
        return head + b"".join(parts)
    (a, b), (c, d) = sorted((_block(data, rng), _block(data, rng)))
    b = min(b, c)
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def _wrong_size(data: bytes, rng: random.Random) -> bytes:
    """Write a wrong number over four bytes of a header, which often is a size or a count."""
    at = rng.randrange(min(len(data) - 4, _HEADER_BYTES))
    if data[4:8] == b"ftyp" and rng.random() < 0.8:  # before a box's type: its size
        kinds = (b"moov", b"trak", b"stbl", b"stsd", b"stts", b"stsz", b"stco", b"mdat", b"stsc")
        at = data.find(rng.choice(kinds)) - 4
        at += rng.choice((0, 0, 12, 16))  # or the number of its entries
    value = rng.choice(_WRONG_SIZES)
    order = rng.choice("<>")
    return data[: max(at, 0)] + struct.pack(f"{order}I", value) + data[max(at, 0) + 4 :]


def _claim(data: bytes, rng: random.Random) -> bytes:
    """Claim another size of the picture, in every form that a header may have it."""
    claimed = rng.choice(((0, 0), (1, 1), (1, 16_000), (1900, 1900), (2100, 2100), (65535, 65535)))
    for size in ((64, 48), (48, 64), (128, 96), (96, 128)):
        for form in (">HH", "<HH", ">II", "<II"):
            data = data.replace(struct.pack(form, *size), struct.pack(form, *claimed), 3)
        packed = b"\xb0\x81%c\xba\x81%c" % size  # Matroska's PixelWidth and PixelHeight
        data = data.replace(packed, b"\xb0\x81%c\xba\x81%c" % tuple(s % 256 for s in claimed))
    return data


def _twice_over(data: bytes, rng: random.Random) -> bytes:
    return _wrong_size(_flip_anywhere(data, rng), rng)


DAMAGES: dict[str, Damage] = {
    "flipped": _flip_anywhere,
    "header": _flip_in_header,
    "index": _flip_at_end,
    "cut": _cut,
    "beheaded": _lose_start,
    "zeroed": _zero,
    "inserted": _insert,
    "dropped": _drop,
    "doubled": _double,
    "swapped": _swap,
    "size": _wrong_size,
    "claim": _claim,
    "twice": _twice_over,
}


def write_bases(folder: Path) -> list[Path]:
    """Small faultless files of many containers, which are damaged afterwards."""
    pictures, uneven = scenes(range(12), (64, 48)), {"movflags": "frag_keyframe+empty_moov"}
    short = [("aac", 0.5), ("libmp3lame", 0.5), ("mp2", 0.5), ("libopus", 0.5)]
    aac, mp3, mp2, opus = (sound.track(codec, length) for codec, length in short)
    # With its assembler, libx264 gives other bytes now and then.
    h264 = Coding(options={"g": "6", "crf": "30", "x264-params": "asm=0"})
    no_b = Coding(options={"bf": "0", "x264-params": "asm=0"})
    h264_b = Coding(options={**H264_B.options, "x264-params": "asm=0"})
    films = [
        ("h264.mp4", h264, {"sound": aac}),
        ("faststart.mp4", h264_b, {"sound": aac, "options": {"movflags": "faststart"}}),
        ("fragments.mp4", h264, {"sound": aac, "options": uneven}),
        ("hevc.mp4", HEVC, {}),
        ("mjpeg.mov", MJPEG, {"sound": sound.track("pcm_s16le", 0.2)}),
        ("h264.mkv", h264, {"sound": opus}),
        ("vp9.webm", Coding("libvpx-vp9"), {}),
        ("av1.mp4", Coding("libsvtav1"), {}),
        ("mpeg4.avi", MPEG4, {"sound": mp3}),
        ("mjpeg.avi", MJPEG, {}),
        ("h264.ts", h264, {"sound": aac}),
        ("mpeg2.mpg", MPEG2, {"sound": mp2}),
        ("h264.flv", h264, {"sound": mp3}),
        ("mpeg2.mxf", MPEG2, {}),
        ("wmv.asf", Coding("wmv2"), {"sound": mp3}),
        ("stream.h264", h264, {}),
        ("film.gif", Coding("gif", "rgb8"), {}),
    ]
    bases = [write_film(folder / n, pictures, coding, **more) for n, coding, more in films]
    bases.append(recorders.write_dhav(folder / "film.dav", pictures, no_b))
    bases += [write_picture(folder / f"picture.{s}", 5, 6) for s in ("jpg", "png", "webp", "tiff")]
    return [*bases, write_animation(folder / "moving.webp", range(4))]


def write_damaged(folder: Path, count: int, seed: int = 20_261_126) -> list[Path]:
    """Write `count` damaged files: each kind of damage to each base in turn."""
    originals = folder / "bases"
    originals.mkdir()
    bases = write_bases(originals)
    names = list(DAMAGES)
    paths = []
    for number in range(count):
        base, name = bases[number % len(bases)], names[number // len(bases) % len(names)]
        rng = random.Random(seed + number)
        path = folder / f"{number:03}-{name}-{base.name}"
        path.write_bytes(DAMAGES[name](base.read_bytes(), rng))
        paths.append(path)
    return paths
