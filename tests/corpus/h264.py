"""Patches H.264 streams in Annex B form (ITU-T H.264)."""

import re

#: A slice's start code and header byte: types 1 (of a frame that refers to others) and 5 (of a key
#: frame), of any importance.
_SLICE = re.compile(rb"\x00\x00\x01[\x01\x21\x41\x61\x25\x45\x65]")

#: Type of the display orientation message (D.1.27).
_DISPLAY_ORIENTATION = 47


def with_orientation(
    packet: bytes, flip_across: bool = False, flip_down: bool = False, anticlockwise_deg: int = 0
) -> bytes:
    """A coded frame with a display orientation message, valid until the next key frame.

    Args:
        packet: the frame.
        flip_across: whether left and right are swapped, before the turn.
        flip_down: whether top and bottom are swapped, before the turn.
        anticlockwise_deg: the turn.
    """
    turn = anticlockwise_deg * 65536 // 360
    # cancel flag, two flips, 16 bits of turn, repetition period 1 as 010, no extension, end bit
    bits = f"0{flip_across:d}{flip_down:d}{turn:016b}01001"
    bits = bits.ljust(24, "0")
    message = bytes([6, _DISPLAY_ORIENTATION, 3]) + int(bits, 2).to_bytes(3) + b"\x80"
    at = _SLICE.search(packet).start()
    return packet[:at] + b"\x00\x00\x01" + message + packet[at:]
