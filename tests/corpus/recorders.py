"""Files as recorders and cameras write them, which PyAV itself cannot write."""

import struct
from fractions import Fraction
from pathlib import Path


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
