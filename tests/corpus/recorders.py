"""Files as recorders and cameras write them, which PyAV itself cannot write."""

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from corpus import pattern
from corpus.muxing import Coding, as_frame


def set_avi_display(path: Path, size_px: tuple[int, int], display: Fraction) -> Path:
    """Write the display's shape in a `vprp` chunk of an AVI (OpenDML AVI 1.02, 5.0).

    The chunk takes the place of padding that PyAV leaves in the stream's list.
    """
    data = path.read_bytes()
    width, height = size_px
    shape = display.numerator << 16 | display.denominator
    numbers = (0, 0, 25, width, height, shape, width, height, 1)
    one_field = (height, width, height, width, 0, 0, 0, 0)
    chunk = b"vprp" + struct.pack("<I17I", 68, *numbers, *one_field)
    at = data.index(b"JUNK", data.index(b"strf"))
    room = struct.unpack_from("<I", data, at + 4)[0]
    padding = b"JUNK" + struct.pack("<I", room - len(chunk)) + bytes(room - len(chunk))
    path.write_bytes(data[:at] + chunk + padding + data[at + 8 + room :])
    return path


def coded_packets(pictures: Sequence[np.ndarray], coding: Coding, fps: int) -> list[Any]:
    """The pictures as packets of an elementary stream."""
    encoder = av.CodecContext.create(coding.codec, "w")
    encoder.height, encoder.width = pictures[0].shape[:2]
    encoder.pix_fmt, encoder.time_base = coding.pixels, Fraction(1, fps)
    encoder.options, encoder.thread_count = coding.all_options, 1
    packets = []
    for index, picture in enumerate(pictures):
        frame = as_frame(picture).reformat(format=coding.pixels)
        frame.pts, frame.time_base = index, Fraction(1, fps)
        packets += encoder.encode(frame)
    return packets + encoder.encode()


#: DHAV's codes of picture codecs.
_DHAV_CODECS = {"libx264": 2, "libx265": 12}


def write_dhav(path: Path, pictures: Sequence[np.ndarray], coding: Coding, fps: int = 25) -> Path:
    """Write a .dav of a Dahua recorder: a packet for each frame, with its date and milliseconds."""
    height, width = pictures[0].shape[:2]
    date = 26 << 26 | 11 << 22 | 20 << 17 | 17 << 12 | 30 << 6  # 2026-11-20 17:30
    data = b""
    for index, packet in enumerate(coded_packets(pictures, coding, fps)):
        ms = index * 1000 // fps
        extension = bytes([0x81, 0, _DHAV_CODECS[coding.codec], fps, 0x82, 0, 0, 0])
        extension += struct.pack("<HH", width, height)
        size = 24 + len(extension) + packet.size + 8
        data += b"DHAV" + bytes([0xFD if packet.is_keyframe else 0xFC, 0, 0, 0])
        data += struct.pack("<III", index, size, date | ms // 1000)
        data += struct.pack("<HBB", ms % 65536, len(extension), 0) + extension
        data += bytes(packet) + b"dhav" + struct.pack("<I", size)
    path.write_bytes(data)
    return path


#: Size, frame rate and pixel format of DV's two systems.
DV = {
    "PAL": ((720, 576), Fraction(25), "yuv420p"),
    "NTSC": ((720, 480), Fraction(30_000, 1001), "yuv411p"),
}


def write_dv(path: Path, numbers: Sequence[int], system: str) -> Path:
    """Write the raw stream of a DV camera: frames of one size, one after the other."""
    size_px, fps, pixels = DV[system]
    encoder = av.CodecContext.create("dvvideo", "w")
    (encoder.width, encoder.height), encoder.pix_fmt = size_px, pixels
    encoder.time_base, encoder.framerate = 1 / fps, fps
    data = b""
    for index, number in enumerate(numbers):
        frame = as_frame(pattern.scene(number, size_px)).reformat(format=pixels)
        frame.pts, frame.time_base = index, 1 / fps
        data += b"".join(bytes(packet) for packet in encoder.encode(frame))
    path.write_bytes(data)
    return path
