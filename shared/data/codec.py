"""Messages to bytes and back, with msgpack.

Nothing that arrives is trusted: sizes are bounded, every field's type and range is checked, and
only the classes that the caller names, and the types of their fields, are ever built.
"""

import dataclasses
from typing import Any, TypeVar, overload

import msgpack
import numpy as np

from shared.data.analysis import Analysis
from shared.data.document import types_in
from shared.data.limits import MAX_ANALYSIS_BYTES, MAX_MESSAGE_BYTES
from shared.data.typed_reader import Input, read_fields, readers_of
from shared.errors import MessageError, UsageError

M = TypeVar("M")
N = TypeVar("N")
P = TypeVar("P")

_FLOAT = np.dtype("<f4")

#: What reading damaged bytes may raise; options out of range raise the last.
_DAMAGED = (ValueError, TypeError, OverflowError, msgpack.UnpackException, UsageError)


def pack(message: Any) -> bytes:
    """Encode a message, with the name of its class.

    Raises:
        MessageError: it is larger than a message may be.
    """
    fields = _plain(message)
    schema = fields.pop("schema")
    kind = type(message)
    packed: bytes = msgpack.packb({"kind": kind.__name__, "schema": schema, **fields})
    _check_size(packed, kind)
    return packed


@overload
def unpack(payload: bytes, first: type[M], /) -> M: ...
@overload
def unpack(payload: bytes, first: type[M], second: type[N], /) -> M | N: ...
@overload
def unpack(payload: bytes, first: type[M], second: type[N], third: type[P], /) -> M | N | P: ...
def unpack(payload: bytes, *kinds: type[Any]) -> Any:
    """Decode a message of one of the classes `kinds`.

    Raises:
        MessageError: the bytes are damaged, another message, of another schema version, or too
            many.
    """
    expected = " or ".join(kind.__name__ for kind in kinds)
    _check_size(payload, *kinds)
    try:
        source = Input(payload)
        count = source.fields()
        name, schema = (_named(source, field) for field in ("kind", "schema"))
        kind = next((kind for kind in kinds if kind.__name__ == name), None)
        if kind is None or schema != kind.__dataclass_fields__["schema"].default:
            raise MessageError(
                f"{name!r:.40} of schema {schema!r:.40} arrived where this version has {expected}: "
                "run the same version of Coach in all services"
            )
        _check_size(payload, kind)
        message = read_fields(source, kind, count - 2, schema=schema)
        source.check_end()
    except _DAMAGED as error:
        raise MessageError(f"not a {expected}: {error}") from error
    return message


def prepare(kind: type[Any]) -> None:
    """Make what reads messages of this class, so that the processes of tasks need not."""
    parts: list[Any] = types_in(kind)
    for part in parts:
        readers_of(part)


def _named(source: Input, name: str) -> Any:
    """The next field of a message, which must have this name."""
    if source.value() != name:
        raise ValueError(f"it does not begin with kind and schema, but without {name}")
    return source.value()


def _check_size(payload: bytes, *kinds: type[Any]) -> None:
    """Raise MessageError if the payload exceeds the limit of these classes."""
    limit = MAX_ANALYSIS_BYTES if Analysis in kinds else MAX_MESSAGE_BYTES
    if len(payload) > limit:
        names = " or ".join(kind.__name__ for kind in kinds)
        raise MessageError(f"a {names} of {len(payload)} bytes is over the limit of {limit}")


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, np.ndarray):
        return [list(value.shape), np.ascontiguousarray(value, _FLOAT).tobytes()]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
