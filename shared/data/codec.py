"""Messages to bytes and back, with msgpack; images to bytes and back, as JPEG.

Nothing that arrives is trusted: sizes are bounded, every field's type is checked, and only the
classes that the caller names, and the types of their fields, are ever built.
"""

import dataclasses
import types
from contextlib import suppress
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints, overload

import cv2
import msgpack
import numpy as np
from numpy.typing import NDArray

from shared.errors import MessageError, UsageError

M = TypeVar("M")
N = TypeVar("N")
P = TypeVar("P")

#: Largest message accepted, in bytes: 16 frames of 800 px take about 1 MB, an analysis about
#: 1 kB a frame of each lifter.
MAX_MESSAGE_BYTES = 256 * 2**20

#: JPEG quality of analysis frames: at 90, some 5 % fewer joints of the rendered set were found
#: near their places than at 95.
JPEG_QUALITY = 95

_FLOAT = np.dtype("<f4")

#: What unpacking damaged bytes may raise; options out of range raise the last.
_DAMAGED = (
    ValueError, TypeError, KeyError, msgpack.UnpackException, RecursionError, UsageError
)  # fmt: skip


def pack(message: Any) -> bytes:
    """Encode a message, with the name of its class."""
    packed: bytes = msgpack.packb({"kind": type(message).__name__, **_plain(message)})
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
        MessageError: the bytes are damaged, another message, or of another schema version.
    """
    expected = " or ".join(kind.__name__ for kind in kinds)
    if len(payload) > MAX_MESSAGE_BYTES:
        raise MessageError(f"a message of {len(payload)} bytes is over the limit")
    try:
        plain = dict(msgpack.unpackb(payload))
        name, schema = plain.pop("kind", None), plain.get("schema")
        kind = next((kind for kind in kinds if kind.__name__ == name), None)
        if kind is None or schema != kind.__dataclass_fields__["schema"].default:
            raise MessageError(
                f"{name!r} of schema {schema!r} arrived where this version has {expected}: "
                "run the same version of Coach in all services"
            )
        return _typed(kind, plain)
    except _DAMAGED as error:
        raise MessageError(f"not a {expected}: {error}") from error


def encode_image(image: NDArray[np.uint8]) -> bytes:
    """Encode a BGR image, uint8 (height, width, 3), as JPEG."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise MessageError(f"an image of shape {image.shape} cannot be encoded as JPEG")
    return data.tobytes()


def decode_image(data: bytes) -> NDArray[np.uint8]:
    """Decode an image of a message to BGR, uint8 (height, width, 3).

    Raises:
        MessageError: the bytes are no image.
    """
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if image is None:
        raise MessageError("the image of a frame is damaged")
    return image.astype(np.uint8, copy=False)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, np.ndarray):
        return [list(value.shape), np.ascontiguousarray(value, _FLOAT).tobytes()]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _typed(kind: Any, plain: Any) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        if not isinstance(plain, dict) or plain.keys() != hints.keys():
            raise ValueError(f"fields {plain!r:.80} instead of {sorted(hints)}")
        return kind(**{name: _typed(hint, plain[name]) for name, hint in hints.items()})
    if get_origin(kind) in (Union, types.UnionType):
        return _typed_as_one_of(get_args(kind), plain)
    if get_origin(kind) is tuple:
        return tuple(_typed(get_args(kind)[0], item) for item in _expect(list, plain))
    if get_origin(kind) is dict:
        key, value = get_args(kind)
        return {_typed(key, k): _typed(value, v) for k, v in _expect(dict, plain).items()}
    if isinstance(kind, types.GenericAlias) or get_origin(kind) is np.ndarray:
        shape, data = plain
        return np.frombuffer(_expect(bytes, data), _FLOAT).reshape(shape)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(plain)
    if kind is float:
        return float(_expect((int, float), plain))
    return _expect(kind, plain)


def _typed_as_one_of(kinds: tuple[Any, ...], plain: Any) -> Any:
    if plain is None and NoneType in kinds:
        return None
    *others, last = (kind for kind in kinds if kind is not NoneType)
    for kind in others:
        with suppress(ValueError):
            return _typed(kind, plain)
    return _typed(last, plain)


def _expect(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
        raise ValueError(f"{value!r:.80} where {kind} was expected")
    return value
