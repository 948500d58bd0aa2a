"""The weights of TensorFlow.js models: arrays in a row, some of them stored with fewer bits."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from shared.errors import ModelError

#: Maximum number of an array's dimensions. By TensorFlow.js's own definition.
_MAX_DIMENSIONS = 6

#: Types of values, as stored: little-endian, by definition of the format.
_STORED: Mapping[str, np.dtype[np.generic]] = {
    "float32": np.dtype("<f4"),
    "int32": np.dtype("<i4"),
    "bool": np.dtype("?"),
    "float16": np.dtype("<f2"),
    "uint8": np.dtype("<u1"),
    "uint16": np.dtype("<u2"),
}


class Quantization(BaseModel):
    """How values are stored: as float16, or as integers q that mean q · scale + min."""

    dtype: Literal["float16", "uint8", "uint16"]
    scale: Annotated[float, Field(allow_inf_nan=False)] | None = None
    min: Annotated[float, Field(allow_inf_nan=False)] | None = None


class Weight(BaseModel):
    """One array: its name, shape and type, and how it is stored if with fewer bits."""

    name: str
    shape: Annotated[list[Annotated[int, Field(ge=0)]], Field(max_length=_MAX_DIMENSIONS)]
    dtype: Literal["float32", "int32", "bool"]
    quantization: Quantization | None = None


def read_weights(weights: Sequence[Weight], data: bytes) -> dict[str, NDArray[np.generic]]:
    """Read arrays that lie in a row, and compute their values if they are stored with fewer bits.

    Args:
        weights: the arrays, in their order.
        data: contents of their files, joined.

    Returns:
        Name → array, float32, int32 or bool as the weight says.

    Raises:
        ModelError: the data have another length, or an array is not supported.
    """
    arrays: dict[str, NDArray[np.generic]] = {}
    at = 0
    for weight in weights:
        stored = _STORED[weight.quantization.dtype if weight.quantization else weight.dtype]
        end = at + prod(weight.shape) * stored.itemsize
        if end > len(data):
            raise ModelError(f"the weights end before those of {weight.name!r}: {len(data)} bytes")
        if weight.name in arrays:
            raise ModelError(f"the graph model has two weights named {weight.name!r}")
        try:
            values = np.frombuffer(data[at:end], stored).reshape(weight.shape)
        except ValueError as error:
            raise ModelError(f"the shape of {weight.name!r}: {error}") from error
        arrays[weight.name] = _decoded(values, weight)
        at = end
    if at != len(data):
        raise ModelError(f"the weights have {len(data)} bytes, and the graph model uses {at}")
    return arrays


def _decoded(values: NDArray[np.generic], weight: Weight) -> NDArray[np.generic]:
    """Values of the weight's own type, computed as TensorFlow.js does."""
    quantization = weight.quantization
    if quantization is None:
        if weight.dtype == "bool":
            return np.asarray(values.view(np.uint8) != 0)
        return values
    if quantization.dtype == "float16":
        if weight.dtype != "float32":
            raise ModelError(f"{weight.name!r}: {weight.dtype} stored as float16")
        return values.astype(np.float32)
    if quantization.scale is None or quantization.min is None or weight.dtype == "bool":
        raise ModelError(f"{weight.name!r}: {weight.dtype} stored as {quantization.dtype}")
    exact = values.astype(np.float64) * quantization.scale + quantization.min
    if weight.dtype == "float32":
        return exact.astype(np.float32)
    rounded = np.floor(exact + 0.5)
    limits = np.iinfo(np.int32)
    if rounded.size and not (limits.min <= rounded.min() and rounded.max() <= limits.max):
        raise ModelError(f"{weight.name!r}: values outside int32")
    return rounded.astype(np.int32)
