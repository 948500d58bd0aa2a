"""Reads msgpack straight into the types of a message. Pure.

Nothing is built that the types do not name: lengths and types are compared with the fields'
annotations before anything is allocated for them, so that a few bytes cannot ask for gigabytes.
"""

import dataclasses
import math
import types
from collections.abc import Callable
from enum import Enum
from functools import cache
from types import NoneType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgpack
import numpy as np
from pydantic.fields import FieldInfo

from shared.data.fields import (
    MAX_COUNT,
    MAX_ITEMS,
    Array,
    Exact,
    KeypointList,
    Keypoints,
    OneOf,
    Rounded,
    Whole,
)
from shared.data.limits import OrEmpty, Text

#: Longest text, in bytes (chosen: a path takes at most 4096, and four times that when escaped).
MAX_TEXT_BYTES = 2**15

#: Most entries of a dictionary (chosen: far more than there are fault rules).
_MAX_ENTRIES = 1000

_FLOAT = np.dtype("<f4")

#: First bytes of msgpack's values: nothing, and lists of up to 15, 65535 and 2³² − 1 items.
_NIL, _SHORT_LIST, _LIST_16, _LIST_32 = 0xC0, 0x90, 0xDC, 0xDD


class Input:
    """The values of a message, one after the other. Its methods raise ValueError on others."""

    def __init__(self, payload: bytes) -> None:
        self._payload: bytes = payload
        # No lists and maps but those whose headers are asked for; no types of msgpack's own.
        self._unpacker = msgpack.Unpacker(
            None, max_buffer_size=len(payload) + 1, max_array_len=0, max_map_len=0, max_ext_len=0,
            max_str_len=MAX_TEXT_BYTES,
        )  # fmt: skip
        self._unpacker.feed(payload)

    def fields(self) -> int:
        """The number of entries of a map that begins here."""
        return int(self._unpacker.read_map_header())

    def items(self, most: int) -> int:
        """The number of items of a list that begins here, which has at most `most`."""
        count = int(self._unpacker.read_array_header())
        if count > most:
            raise ValueError(f"{count} items, over the limit of {most}")
        return count

    def value(self) -> Any:
        """The next value, which is neither a list nor a map."""
        return self._unpacker.unpack()

    def skip_nil(self) -> bool:
        """Whether nil follows, which is read then."""
        if self._next() != _NIL:
            return False
        self.value()
        return True

    def has_list(self) -> bool:
        """Whether a list follows."""
        first = self._next()
        return bool(first & 0xF0 == _SHORT_LIST or first in (_LIST_16, _LIST_32))

    def check_end(self) -> None:
        """Raise ValueError unless everything has been read."""
        if self._unpacker.tell() != len(self._payload):
            raise ValueError("more bytes follow")

    def _next(self) -> int:
        at = int(self._unpacker.tell())
        if at >= len(self._payload):
            raise ValueError("cut short")
        return self._payload[at]


Read = Callable[[Input], Any]


@cache
def readers_of(kind: Any) -> dict[str, Read]:
    """Field of a dataclass → what reads it."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: _reader(hints[field.name]) for field in dataclasses.fields(kind)}


def read_fields(source: Input, kind: Any, count: int, **known: Any) -> Any:
    """Read an object of a dataclass from `count` entries of a map; `known` fields are not there.

    Raises:
        ValueError: a field is missing, unknown, there twice, of another type or out of range.
    """
    readers = readers_of(kind)
    if count + len(known) != len(readers):
        raise ValueError(f"{count + len(known)} fields instead of {len(readers)}")
    values = dict(known)
    for _ in range(count):
        name = source.value()
        read = readers.get(name) if isinstance(name, str) and name not in values else None
        if read is None:
            raise ValueError(f"the field {name!r:.40} is unknown, or there twice")
        try:
            values[name] = read(source)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    return kind(**values)


def _reader(hint: Any) -> Read:
    """What reads a value of an annotated type."""
    marks: tuple[Any, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *rest = get_args(hint)
        marks = tuple(rest)
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(hint))
    if origin is tuple:
        return _tuple(get_args(hint), _max_length(marks))
    if origin is dict:
        return _dict(*map(_reader, get_args(hint)))
    if origin is np.ndarray:
        may_be_empty = any(isinstance(mark, OrEmpty) for mark in marks)
        return _array(next(mark for mark in marks if isinstance(mark, Array)), may_be_empty)
    if hint is Keypoints:
        return _keypoints(next(mark.count for mark in marks if isinstance(mark, KeypointList)))
    if dataclasses.is_dataclass(hint):
        return lambda source: read_fields(source, hint, source.fields())
    if issubclass(hint, Enum):
        return lambda source: hint(_expected(str, source.value()))
    return _scalar(hint, marks)


def _scalar(kind: type[Any], marks: tuple[Any, ...]) -> Read:
    for mark in marks:
        if isinstance(mark, Exact | Rounded):
            return lambda source: _number(mark, source.value())
        if isinstance(mark, Whole):
            return lambda source: _within(_expected(int, source.value()), mark.low, mark.high)
        if isinstance(mark, OneOf | Text):
            return lambda source: mark.checked(_expected(str, source.value()))
    if kind is int:
        return lambda source: _within(_expected(int, source.value()), -MAX_COUNT, MAX_COUNT)
    if kind not in (str, bytes, bool):
        raise TypeError(f"{kind} has no limits in a message")
    return lambda source: _expected(kind, source.value())


def _one_of(kinds: tuple[Any, ...]) -> Read:
    """A value that may be nil, or a list instead of something else."""
    lists = [_reader(kind) for kind in kinds if _is_list(kind)]
    others = [_reader(kind) for kind in kinds if kind is not NoneType and not _is_list(kind)]
    if len(lists) > 1 or len(others) > 1:
        raise TypeError(f"{kinds} cannot be told apart")
    is_optional = NoneType in kinds

    def read(source: Input) -> Any:
        if is_optional and source.skip_nil():
            return None
        readers = lists if lists and (not others or source.has_list()) else others
        return readers[0](source)

    return read


def _is_list(kind: Any) -> bool:
    plain = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return get_origin(plain) is tuple


def _tuple(kinds: tuple[Any, ...], most: int) -> Read:
    if kinds[-1] is not Ellipsis:
        readers = [_reader(kind) for kind in kinds]

        def read_fixed(source: Input) -> tuple[Any, ...]:
            if source.items(len(readers)) != len(readers):
                raise ValueError(f"not {len(readers)} items")
            return tuple([read(source) for read in readers])

        return read_fixed
    read_item = _reader(kinds[0])
    return lambda source: tuple([read_item(source) for _ in range(source.items(most))])


def _max_length(marks: tuple[Any, ...]) -> int:
    limits = [
        limit
        for mark in marks
        if isinstance(mark, FieldInfo)
        for one in mark.metadata
        if (limit := getattr(one, "max_length", None)) is not None
    ]
    return min(limits, default=MAX_ITEMS)


def _dict(read_key: Read, read_value: Read) -> Read:
    def read(source: Input) -> dict[Any, Any]:
        count = source.fields()
        if count > _MAX_ENTRIES:
            raise ValueError(f"{count} entries, over the limit of {_MAX_ENTRIES}")
        return {read_key(source): read_value(source) for _ in range(count)}

    return read


def _array(form: Array, may_be_empty: bool = False) -> Read:
    size_bytes = math.prod(form.shape) * _FLOAT.itemsize
    slack = 0.5 * 10.0**-form.digits  # what rounding takes away

    def read(source: Input) -> Any:
        if source.items(2) != 2:
            raise ValueError("not a shape and its numbers")
        shape = tuple(source.value() for _ in range(source.items(4)))
        content = _expected(bytes, source.value())
        if may_be_empty and shape == (0,) and not content:
            return np.empty(0, _FLOAT)
        if shape != form.shape or len(content) != size_bytes:
            raise ValueError(f"shape {shape!r:.40} in {len(content)} bytes instead of {form.shape}")
        values = np.frombuffer(content, _FLOAT)
        if (values < form.low - slack).any() or (values > form.high + slack).any():
            raise ValueError(f"a number is not within {form.low:g} to {form.high:g}")
        if not form.nullable and np.isnan(values).any():
            raise ValueError("a number is missing")
        return values.reshape(shape)

    return read


def _keypoints(count: int) -> Read:
    readers = {
        "xy_px": _array(Array((count, 2), 2)),
        "confidence": _array(Array((count,), 4, low=0, high=1, nullable=False)),
    }

    def read(source: Input) -> Keypoints:
        if source.fields() != len(readers):
            raise ValueError(f"not {len(readers)} fields")
        values = {}
        for name, read_array in readers.items():
            if source.value() != name:
                raise ValueError(f"no {name}")
            values[name] = read_array(source)
        return Keypoints(**values)

    return read


def _number(form: Exact | Rounded, value: Any) -> float:
    number = float(_expected((int, float), value))
    compared = number
    if isinstance(form, Rounded) and math.isfinite(number):
        compared = round(number, form.digits)
    elif isinstance(form, Rounded) and form.nullable:
        return number  # unknown
    _within(compared, form.low, form.high)
    return number


def _within(value: Any, low: float, high: float) -> Any:
    if not low <= value <= high:
        raise ValueError(f"{value!r:.40} is not within {low:g} to {high:g}")
    return value


def _expected(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
        raise ValueError(f"{value!r:.40} is no {getattr(kind, '__name__', 'number')}")
    return value
