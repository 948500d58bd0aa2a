"""The protobuf wire format: read field by field within strict bounds, and written field by field.

It supports nested messages without a schema and without groups. Reading copies nothing, and the
number of steps is bounded, whatever the bytes claim.
Format: https://protobuf.dev/programming-guides/encoding/
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

#: Wire types of the protobuf format.
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

_FIXED_BYTES = {FIXED64: 8, FIXED32: 4}

#: Maximum length of a varint, in bytes. By definition of the format: 64 bits with seven per byte.
_MAX_VARINT_BYTES = 10


class ProtobufError(ValueError):
    """Bytes are not valid protobuf; the message says what is wrong and where."""


class Field(NamedTuple):
    """One field of a message.

    `value` is the value of a varint; `begin` and `end` bound the contents of any other kind. The
    next field begins at `end`.
    """

    number: int
    kind: int
    value: int
    begin: int
    end: int


class ProtobufReader:
    """Reads fields from bytes.

    Args:
        data: the whole file.
        max_fields: maximum number of fields read in total, which bounds the time.
    """

    def __init__(self, data: memoryview, max_fields: int) -> None:
        self.data = data
        self._max_fields = max_fields
        self._remaining = max_fields

    def fields(self, begin: int, end: int) -> Iterator[Field]:
        """The fields of the message in these bytes."""
        while begin < end:
            field = self.field(begin, end)
            yield field
            begin = field.end

    def field(self, at: int, end: int) -> Field:
        """The field that begins at byte `at` and must end before byte `end`.

        Raises:
            ProtobufError: there is no valid field, or there were too many.
        """
        self._remaining -= 1
        if self._remaining < 0:
            raise ProtobufError(f"more than {self._max_fields} fields, at byte {at}")
        tag, begin = self._varint(at, end)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise ProtobufError(f"a field without a number at byte {at}")
        value = 0
        if kind == VARINT:
            value, stop = self._varint(begin, end)
        elif kind == BYTES:
            length, begin = self._varint(begin, end)
            stop = begin + length
        elif kind in _FIXED_BYTES:
            stop = begin + _FIXED_BYTES[kind]
        else:
            raise ProtobufError(f"a field of unknown kind {kind} at byte {at}")
        if stop > end:
            raise ProtobufError(f"field {number} at byte {at} runs {stop - end} bytes past its end")
        return Field(number, kind, value, begin, stop)

    def varints(self, begin: int, end: int, max_count: int) -> list[int]:
        """Packed numbers, at most `max_count`."""
        found: list[int] = []
        while begin < end:
            if len(found) == max_count:
                raise ProtobufError(f"more than {max_count} numbers at byte {begin}")
            value, begin = self._varint(begin, end)
            found.append(value)
        return found

    def _varint(self, at: int, end: int) -> tuple[int, int]:
        """A number and the byte after it."""
        value = 0
        for shift, place in enumerate(range(at, min(end, at + _MAX_VARINT_BYTES))):
            byte = self.data[place]
            value |= (byte & 0x7F) << (7 * shift)
            if byte < 0x80:
                return value & 0xFFFF_FFFF_FFFF_FFFF, place + 1
        raise ProtobufError(f"a number without an end at byte {at}")


def varint_field(number: int, value: int) -> bytes:
    """A field with an integer from -2**63 to 2**64 - 1; a negative one as its two's complement."""
    return _varint_bytes(number << 3 | VARINT) + _varint_bytes(value & 0xFFFF_FFFF_FFFF_FFFF)


def float_field(number: int, value: float) -> bytes:
    """A field with a float32."""
    return _varint_bytes(number << 3 | FIXED32) + struct.pack("<f", value)


def bytes_field(number: int, *contents: bytes) -> bytes:
    """A field with bytes: a string, or a nested message that is given as its fields."""
    length = sum(map(len, contents))
    return b"".join((_varint_bytes(number << 3 | BYTES), _varint_bytes(length), *contents))


def _varint_bytes(value: int) -> bytes:
    """A number of at most 64 bits, seven bits per byte, lowest first."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
