"""TensorFlow's `GraphDef`: the nodes of a network, written as protobuf.

Attributes have the form that they have in TensorFlow.js's JSON files. Field numbers are those of
graph.proto, node_def.proto, attr_value.proto, tensor.proto and tensor_shape.proto
(https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core/framework).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, model_validator

from services.pose.protobuf import bytes_field, float_field, varint_field
from shared.errors import ModelError

#: Types of values and their numbers, by definition in types.proto.
_TYPE_NUMBERS = {
    "DT_FLOAT": 1,
    "DT_DOUBLE": 2,
    "DT_INT32": 3,
    "DT_UINT8": 4,
    "DT_INT16": 5,
    "DT_INT8": 6,
    "DT_STRING": 7,
    "DT_INT64": 9,
    "DT_BOOL": 10,
}

#: Types of the constants that can be written.
DATA_TYPES: Mapping[np.dtype[np.generic], str] = {
    np.dtype(np.float32): "DT_FLOAT",
    np.dtype(np.int32): "DT_INT32",
    np.dtype(np.bool_): "DT_BOOL",
}

#: Maximum numbers of values in a list and of sides of a shape. The first is chosen: lists hold
#: strides, paddings and the like. The second is TensorFlow's own.
_MAX_VALUES, _MAX_SIDES = 100, 254

#: Numbers that protobuf's int64 and float hold.
_Integer = Annotated[int, Field(ge=-(2**63), lt=2**63)]
_Float = Annotated[float, Field(ge=-3.4e38, le=3.4e38)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Side(_Strict):
    """A dimension; size -1 means that it is unknown."""

    size: Annotated[int, Field(ge=-1, lt=2**31)] = 0


class Shape(_Strict):
    """`TensorShapeProto`."""

    dim: Annotated[list[Side], Field(max_length=_MAX_SIDES)] = []
    unknownRank: bool = False


class Tensor(_Strict):
    """`TensorProto` without its values, which a graph model keeps in its shards."""

    dtype: str
    tensorShape: Shape = Shape()


class Values(_Strict):
    """`AttrValue.ListValue`: of one kind, or empty."""

    s: Annotated[list[Base64Bytes], Field(max_length=_MAX_VALUES)] = []
    i: Annotated[list[_Integer], Field(max_length=_MAX_VALUES)] = []
    f: Annotated[list[_Float], Field(max_length=_MAX_VALUES)] = []
    b: Annotated[list[bool], Field(max_length=_MAX_VALUES)] = []
    type: Annotated[list[str], Field(max_length=_MAX_VALUES)] = []
    shape: Annotated[list[Shape], Field(max_length=_MAX_VALUES)] = []


class Attribute(_Strict):
    """`AttrValue`: exactly one of these."""

    list: Values | None = None
    s: Base64Bytes | None = None
    i: _Integer | None = None
    f: _Float | None = None
    b: bool | None = None
    type: str | None = None
    shape: Shape | None = None
    tensor: Tensor | None = None

    @model_validator(mode="after")
    def _has_one_value(self) -> Self:
        if sum(value is not None for _, value in self) != 1:
            raise ValueError("an attribute must have exactly one value")
        return self


@dataclass(frozen=True)
class Node:
    """One operation; `inputs` are names of nodes, with the number of their output after a colon."""

    name: str
    op: str
    inputs: tuple[str, ...]
    attributes: Mapping[str, Attribute]


def graph_def(nodes: Iterable[Node], constants: Mapping[str, NDArray[np.generic]]) -> bytes:
    """Write a graph.

    Args:
        nodes: the operations, each with a name of its own.
        constants: values of each `Const`, by its name.

    Returns:
        The `GraphDef`, as protobuf.

    Raises:
        ModelError: a type is unknown.
    """
    return b"".join(bytes_field(1, *_node_fields(node, constants.get(node.name))) for node in nodes)


def _node_fields(node: Node, values: NDArray[np.generic] | None) -> Iterator[bytes]:
    yield bytes_field(1, node.name.encode())
    yield bytes_field(2, node.op.encode())
    for source in node.inputs:
        yield bytes_field(3, source.encode())
    for name, attribute in node.attributes.items():
        if attribute.tensor is not None and values is not None:
            value = bytes_field(8, *_tensor_fields(attribute.tensor, values))
        else:
            value = _attribute_field(attribute)
        yield bytes_field(5, bytes_field(1, name.encode()), bytes_field(2, value))


def _attribute_field(attribute: Attribute) -> bytes:
    match attribute:
        case Attribute(list=Values() as values):
            return bytes_field(1, *_list_fields(values))
        case Attribute(s=bytes() as text):
            return bytes_field(2, text)
        case Attribute(b=bool() as truth):
            return varint_field(5, truth)
        case Attribute(i=int() as number):
            return varint_field(3, number)
        case Attribute(f=float() as number):
            return float_field(4, number)
        case Attribute(type=str() as name):
            return varint_field(6, _type_number(name))
        case Attribute(shape=Shape() as shape):
            return bytes_field(7, *_shape_fields(shape))
    raise ModelError("only a constant can have a tensor")


def _list_fields(values: Values) -> Iterator[bytes]:
    yield from (bytes_field(2, text) for text in values.s)
    yield from (varint_field(3, number) for number in values.i)
    yield from (float_field(4, number) for number in values.f)
    yield from (varint_field(5, truth) for truth in values.b)
    yield from (varint_field(6, _type_number(name)) for name in values.type)
    yield from (bytes_field(7, *_shape_fields(shape)) for shape in values.shape)


def _tensor_fields(tensor: Tensor, values: NDArray[np.generic]) -> Iterator[bytes]:
    yield varint_field(1, _type_number(tensor.dtype))
    yield bytes_field(2, *_shape_fields(tensor.tensorShape))
    yield bytes_field(4, values.astype(values.dtype.newbyteorder("<")).tobytes())


def _shape_fields(shape: Shape) -> Iterator[bytes]:
    for side in shape.dim:
        yield bytes_field(2, varint_field(1, side.size))
    if shape.unknownRank:
        yield varint_field(3, True)


def _type_number(name: str) -> int:
    if name not in _TYPE_NUMBERS:
        raise ModelError(f"the graph model has values of an unknown type, {name!r}")
    return _TYPE_NUMBERS[name]
