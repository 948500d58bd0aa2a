"""Whether a file ends before its last part does: a recording that broke off.

Two families of containers are trees of parts with their lengths in front: ISO (MP4, MOV; "boxes")
and RIFF (AVI; "chunks"). Where a length reaches beyond the end of the file, something is missing.
In an MPEG transport stream all packets are of one length. A program stream's last packet has its
length in front. ASF states the length of the file. GIF has a mark at its end, and DV frames of one
size.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from shared.media.limits import SourceLimits

#: Kinds of boxes of an ISO file; what follows them may be a trailer of any kind.
_ISO_KINDS = {
    *(b"ftyp", b"moov", b"mdat", b"moof", b"styp", b"sidx", b"mfra", b"uuid"),
    *(b"free", b"wide", b"skip"),
}

#: Most parts that are looked at: those of ten hours in fragments of a second.
_MAX_PARTS = 100_000

#: `AVIF_HASINDEX` of an AVI's header: an index follows the frames, written when the recording ends.
_AVI_HAS_INDEX = 0x10

#: Lengths of a packet of a transport stream: broadcast, and with a time stamp (Blu-ray, AVCHD).
_TS_PACKET_BYTES = (188, 192)

#: Start codes of an MPEG program stream: of a pack, and before the kind of each packet.
_PS_PACK, _PS_CODE = b"\0\0\1\xba", b"\0\0\1"

#: Lowest kind of packet in a program stream; codes below are the pictures' own.
_PS_PACKET = 0xBC

#: Longest packet of a program stream, in bytes, with its head.
_PS_PACKET_BYTES = 6 + 0xFFFF

#: Identities of ASF's header, and in it of the file's properties.
_ASF_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")

#: First bytes of a GIF, and its last one.
_GIF, _GIF_END = b"GIF", b";"

#: First bytes of a DV frame, and its size: of NTSC, and of PAL, in bytes. DVCPRO's are multiples.
_DV, _DV_FRAME_BYTES = b"\x1f\x07\x00", (120_000, 144_000)

#: Most bytes of zeros that may follow a GIF.
_MAX_PADDING_BYTES = 4096

#: Most bytes of an ASF header that are looked at.
_ASF_HEADER_BYTES = 2**20


def breaks_off(path: Path, limits: SourceLimits) -> bool:
    """Whether a file shows by its structure that its end is missing; False for other containers."""
    try:
        with limits.open(path) as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(4 * _TS_PACKET_BYTES[1])
            if head[4:8] in _ISO_KINDS:
                return any(kind in _ISO_KINDS and end > size for kind, end in _boxes(file, size))
            if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
                return _avi_breaks_off(file, size)
            if head[:4] == _PS_PACK:
                return _program_stream_breaks_off(file, size)
            if head[:16] == _ASF_HEADER:
                return _asf_breaks_off(file, size)
            if head[:3] == _GIF:
                return _without_padding(file, size)[-1:] != _GIF_END
            if head[:3] == _DV:
                return size % _DV_FRAME_BYTES[head[3] >> 7] != 0
    except OSError:
        return False
    return any(_is_ts(head, length) and size % length != 0 for length in _TS_PACKET_BYTES)


def _is_ts(head: bytes, length: int) -> bool:
    """Whether packets of a transport stream, each with a sync byte, begin at this distance."""
    first = length - _TS_PACKET_BYTES[0]
    return len(head) >= first + 3 * length and all(
        head[first + n * length] == 0x47 for n in range(3)
    )


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """Kind and end of each box of an ISO file, the last one as long as it says."""
    at = 0
    for _ in range(_MAX_PARTS):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head[:8])
        if length == 1 and len(head) == 16:
            length = int.from_bytes(head[8:], "big")
        if length < 8:
            return  # 0: to the end of the file
        yield kind, at + length
        at += length
        if at >= size:
            return


def _avi_breaks_off(file: BinaryIO, size: int) -> bool:
    """Whether an AVI's frames reach beyond its end, or its promised index is missing."""
    at, flags, kinds = 12, 0, set()
    for _ in range(_MAX_PARTS):
        file.seek(at)
        head = file.read(12)
        if len(head) < 8:
            break
        kind, length = struct.unpack("<4sI", head[:8])
        kinds.add(head[8:12] if kind == b"LIST" else kind)
        if at + 8 + length > size:
            return True
        if head[8:12] == b"hdrl":
            header = file.read(8 + 16)
            flags = struct.unpack("<I", header[20:24])[0] if len(header) == 24 else 0
        if head[8:12] == b"movi" and length <= 4:
            return True  # the length is written when the recording ends
        at += 8 + length + length % 2
    return b"movi" not in kinds or bool(flags & _AVI_HAS_INDEX and not {b"idx1", b"indx"} & kinds)


def _program_stream_breaks_off(file: BinaryIO, size: int) -> bool:
    """Whether the last packet of an MPEG program stream is longer than what is there."""
    first = max(0, size - _PS_PACKET_BYTES)
    file.seek(first)
    tail = file.read()
    at = tail.rfind(_PS_CODE)
    while at >= 0:
        head = tail[at + 3 : at + 6]
        if len(head) == 3 and head[0] >= _PS_PACKET:
            return first + at + 6 + int.from_bytes(head[1:], "big") > size
        if head[:1] in (b"\xb9", b"\xba"):
            return False  # the stream's end, or a pack without packets
        at = tail.rfind(_PS_CODE, 0, at)
    return False


def _without_padding(file: BinaryIO, size: int) -> bytes:
    """The end of a file without the zeros that some programs append."""
    file.seek(max(0, size - _MAX_PADDING_BYTES))
    return file.read().rstrip(b"\0")


def _asf_breaks_off(file: BinaryIO, size: int) -> bool:
    """Whether an ASF file is shorter than it says; one that was streamed says 0."""
    file.seek(0)
    header = file.read(_ASF_HEADER_BYTES)
    at = header.find(_ASF_PROPERTIES)
    return at >= 0 and int.from_bytes(header[at + 40 : at + 48], "little") > size
