"""Patches the boxes of MP4 and QuickTime files (ISO 14496-12).

The index (`moov`) must lie behind the pictures (`mdat`), as PyAV writes it: then boxes may grow
without moving what the index points to.
"""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

#: Boxes that hold nothing but boxes.
_PARENTS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"udta"}

#: Bytes of a picture's sample entry before its own boxes.
_ENTRY_BYTES = 8 + 78


def boxes_of(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and content of each box in turn."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            head, size = 16, struct.unpack_from(">Q", data, at + 8)[0]
        end = at + size if size else len(data)
        yield kind, data[at + head : end]
        at = end


def box(kind: bytes, content: bytes) -> bytes:
    """A box."""
    return struct.pack(">I4s", len(content) + 8, kind) + content


def edit(
    data: bytes, change: Callable[[tuple[bytes, ...], bytes], bytes | None], above: tuple = ()
) -> bytes:
    """Rebuild a file with each box's content changed.

    Args:
        data: the file, or the content of a box.
        change: given a box's path of types and its content, gives the new content; None drops it.
        above: the path of types above.
    """
    result = b""
    for kind, content in boxes_of(data):
        path = (*above, kind)
        if kind in _PARENTS:
            content = edit(content, change, path)
        changed = change(path, content)
        if changed is not None:
            result += box(kind, changed)
    return result


def edit_file(path: Path, change: Callable[[tuple[bytes, ...], bytes], bytes | None]) -> Path:
    """Change a file's boxes in place; see `edit`."""
    data = path.read_bytes()
    kinds = [kind for kind, _ in boxes_of(data)]
    assert kinds.index(b"mdat") < kinds.index(b"moov"), "the index must lie behind the pictures"
    path.write_bytes(edit(data, change))
    return path


def set_matrix(path: Path, matrix: tuple[int, int, int, int]) -> Path:
    """Write a display matrix into the picture's track header, with the shift that belongs to it."""
    a, b, c, d = matrix

    def change(where: tuple[bytes, ...], content: bytes) -> bytes:
        if where[-1] != b"tkhd":
            return content
        at = 40 if content[0] == 0 else 52
        width, height = struct.unpack_from(">II", content, at + 36)
        if not width:
            return content
        x = (width if a < 0 else 0) + (height if c < 0 else 0)
        y = (width if b < 0 else 0) + (height if d < 0 else 0)
        one = 1 << 16
        values = (a * one, b * one, 0, c * one, d * one, 0, x, y, 1 << 30)
        return content[:at] + struct.pack(">9i", *values) + content[at + 36 :]

    return edit_file(path, change)


def set_pixel_shape(path: Path, across: int, down: int) -> Path:
    """Write a `pasp` box, the pixel's width and height, into the picture's sample entry."""

    def change(where: tuple[bytes, ...], content: bytes) -> bytes:
        if where[-1] != b"stsd":
            return content
        count = struct.unpack_from(">I", content, 4)[0]
        entries = list(boxes_of(content[8:]))
        if entries[0][0] in (b"mp4a", b"sowt"):
            return content
        assert count == 1
        kind, entry = entries[0]
        own = b"".join(box(k, c) for k, c in boxes_of(entry[_ENTRY_BYTES - 8 :]) if k != b"pasp")
        own += box(b"pasp", struct.pack(">II", across, down))
        return content[:8] + box(kind, entry[: _ENTRY_BYTES - 8] + own)

    return edit_file(path, change)


def set_edits(path: Path, edits: list[tuple[int, int]], track: int = 0) -> Path:
    """Replace the edit list of a track.

    Args:
        path: the file.
        edits: duration in units of the film's clock (1 ms in PyAV's files), and the start in units
            of the track's; -1 for a pause.
        track: number of the track in the file.
    """
    content = struct.pack(">II", 0, len(edits))
    for duration, start in edits:
        content += struct.pack(">IiI", duration, start, 1 << 16)
    seen = [-1]

    def change(where: tuple[bytes, ...], given: bytes) -> bytes | None:
        if where[-1] == b"edts":
            return None
        if where[-1] == b"trak":
            seen[0] += 1
            if seen[0] == track:
                return given + box(b"edts", box(b"elst", content))
        return given

    return edit_file(path, change)


def udta_first(path: Path) -> Path:
    """Move the box with the cover before the first track, as Skydio's cameras write it."""

    def change(where: tuple[bytes, ...], content: bytes) -> bytes:
        if where != (b"moov",):
            return content
        order = {b"mvhd": 0, b"udta": 1}
        parts = sorted(boxes_of(content), key=lambda part: order.get(part[0], 2))
        return b"".join(box(*part) for part in parts)

    return edit_file(path, change)


def rename_codec(path: Path, old: bytes, new: bytes) -> Path:
    """Give a sample entry a type that nobody knows."""
    data = path.read_bytes()
    at = data.index(b"stsd")
    assert (found := data.find(old, at)) > 0
    path.write_bytes(data[:found] + new + data[found + 4 :])
    return path
