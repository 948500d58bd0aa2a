"""The protobuf wire format, read field by field within strict bounds.

Only what a message of nested fields needs: no schema, no groups, nothing copied. Whatever bytes it
is given, it ends after a number of steps that does not depend on what the bytes claim.
Format: https://protobuf.dev/programming-guides/encoding/
"""

from collections.abc import Iterator
from typing import NamedTuple

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

_FIXED_BYTES = {FIXED64: 8, FIXED32: 4}

#: A varint holds 64 bits, seven in a byte.
_MAX_VARINT_BYTES = 10


class WireError(ValueError):
    """Bytes are not what they should be; the message says what and where."""


class Field(NamedTuple):
    """One field of a message.

    `value` is the number of a varint; `begin` and `end` bound the contents of any other kind, so
    that the next field is at `end`.
    """

    number: int
    kind: int
    value: int
    begin: int
    end: int


class Wire:
    """Reads fields out of bytes.

    Args:
        data: the whole file.
        max_fields: fields that may be read from it in all: what bounds the time.
    """

    def __init__(self, data: memoryview, max_fields: int) -> None:
        self.data = data
        self._max_fields = max_fields
        self._left = max_fields

    def fields(self, begin: int, end: int) -> Iterator[Field]:
        """The fields of a message that lies in these bytes."""
        while begin < end:
            field = self.field(begin, end)
            yield field
            begin = field.end

    def field(self, at: int, end: int) -> Field:
        """The field that begins at a byte and must end before another.

        Raises:
            WireError: there is no such field, or there were too many.
        """
        self._left -= 1
        if self._left < 0:
            raise WireError(f"more than {self._max_fields} fields, at byte {at}")
        tag, begin = self._varint(at, end)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise WireError(f"a field without a number at byte {at}")
        value = 0
        if kind == VARINT:
            value, stop = self._varint(begin, end)
        elif kind == BYTES:
            length, begin = self._varint(begin, end)
            stop = begin + length
        elif kind in _FIXED_BYTES:
            stop = begin + _FIXED_BYTES[kind]
        else:
            raise WireError(f"a field of unknown kind {kind} at byte {at}")
        if stop > end:
            raise WireError(f"field {number} at byte {at} runs {stop - end} bytes past its end")
        return Field(number, kind, value, begin, stop)

    def varints(self, begin: int, end: int, most: int) -> list[int]:
        """Packed numbers, of which there may be at most so many."""
        found: list[int] = []
        while begin < end:
            if len(found) == most:
                raise WireError(f"more than {most} numbers at byte {begin}")
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
        raise WireError(f"a number without an end at byte {at}")
