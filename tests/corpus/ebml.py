"""Patches Matroska files (RFC 8794, RFC 9559)."""

from collections.abc import Iterator
from pathlib import Path

_SEGMENT, _TRACKS, _TRACK, _VIDEO, _VOID = 0x18538067, 0x1654AE6B, 0xAE, 0xE0, 0xEC
_DISPLAY_WIDTH, _DISPLAY_HEIGHT, _DISPLAY_UNIT = 0x54B0, 0x54BA, 0x54B2


def set_display_size(path: Path, width: int, height: int) -> Path:
    """State the shape of the display; the room is taken from the padding before the tracks."""
    data = path.read_bytes()
    head, content = _segment(data)
    parts = list(elements(content))
    position = next(n for n, (kind, _, _) in enumerate(parts) if kind == _TRACKS)
    old = parts[position][2]
    new = element(_TRACKS, _with_display(parts[position][1], width, height))
    void = next(n for n, (kind, _, _) in enumerate(parts[:position]) if kind == _VOID)
    room = len(parts[void][2]) - (len(new) - len(old))
    padding = element(_VOID, bytes(room - 9), size_bytes=8)
    raw = [part[2] for part in parts]
    raw[void], raw[position] = padding, new
    result = head + b"".join(raw)
    assert len(result) == len(data)
    path.write_bytes(result)
    return path


def _with_display(tracks: bytes, width: int, height: int) -> bytes:
    result = b""
    for kind, content, _ in elements(tracks):
        if kind == _TRACK:
            content = b"".join(
                element(_VIDEO, _video(inner, width, height)) if k == _VIDEO else raw
                for k, inner, raw in elements(content)
            )
        result += element(kind, content)
    return result


def _video(content: bytes, width: int, height: int) -> bytes:
    dropped = (_DISPLAY_WIDTH, _DISPLAY_HEIGHT, _DISPLAY_UNIT)
    kept = b"".join(raw for kind, _, raw in elements(content) if kind not in dropped)
    sides = ((_DISPLAY_WIDTH, width), (_DISPLAY_HEIGHT, height))
    return kept + b"".join(element(kind, side.to_bytes(2)) for kind, side in sides)


def _segment(data: bytes) -> tuple[bytes, bytes]:
    """The bytes up to the segment's content, and its content."""
    for kind, content, raw in elements(data):
        if kind == _SEGMENT:
            at = len(data) - len(content)
            assert data.endswith(raw)
            return data[:at], content
    raise AssertionError("no segment")


def element(kind: int, content: bytes, size_bytes: int = 4) -> bytes:
    """An EBML element whose size field takes `size_bytes`."""
    size = len(content) | 1 << 7 * size_bytes
    return kind.to_bytes((kind.bit_length() + 7) // 8) + size.to_bytes(size_bytes) + content


def elements(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Type, content and all bytes of each element in turn."""
    at = 0
    while at < len(data):
        start = at
        kind_bytes = 9 - data[at].bit_length()
        kind = int.from_bytes(data[at : at + kind_bytes])
        at += kind_bytes
        size_bytes = 9 - data[at].bit_length()
        size = int.from_bytes(data[at : at + size_bytes]) & (1 << 7 * size_bytes) - 1
        at += size_bytes
        if size == (1 << 7 * size_bytes) - 1:  # unknown: to the end
            size = len(data) - at
        yield kind, data[at : at + size], data[start : at + size]
        at += size
