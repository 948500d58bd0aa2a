"""How the values of results are written as JSON: rounded, NaN as null, arrays as nested lists.

Each class here annotates a field: `score: Annotated[float, Rounded(4)]`. Pydantic then writes the
field so, reads it back within its limits, and describes it in the JSON Schema.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from shared.data.skeleton import F32

#: Largest number that is read back, either way. No picture has coordinates beyond it.
MAX_VALUE = 1e6


@dataclass(frozen=True)
class Rounded:
    """A number with so many decimals; NaN in memory is null in JSON.

    most: largest size that is read back.
    """

    digits: int
    most: float = MAX_VALUE

    def write(self, value: float) -> float | None:
        """The number as JSON has it."""
        return round(float(value), self.digits) if math.isfinite(value) else None

    def read(self, value: object) -> float:
        """The number in memory; ValueError if it is none or out of range."""
        if value is None:
            return float("nan")
        return _number(value, self.most)

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return _plain(self.read, self.write)

    def __get_pydantic_json_schema__(self, _schema: object, _handler: object) -> dict[str, Any]:
        return {"type": ["number", "null"]}


@dataclass(frozen=True)
class Array:
    """A float32 array of this shape as nested lists; NaN is null.

    shape: -1 stands for any length. A row of the last axis that holds a NaN is null as a whole if
    `whole_rows`: half a point says nothing.
    """

    shape: tuple[int, ...]
    digits: int
    whole_rows: bool = False
    most: float = MAX_VALUE

    def write(self, values: F32) -> Any:
        """The array as JSON has it."""
        return self._written(values.tolist(), len(self.shape))

    def _written(self, value: Any, depth: int) -> Any:
        if depth == 0:
            return round(value, self.digits) if math.isfinite(value) else None
        if depth == 1 and self.whole_rows and not all(map(math.isfinite, value)):
            return None
        return [self._written(item, depth - 1) for item in value]

    def read(self, content: object) -> F32:
        """The array in memory; ValueError if the content has another shape or is out of range."""
        return np.array(self._read(content, self.shape), np.float32).reshape(self.shape)

    def _read(self, content: object, shape: tuple[int, ...]) -> Any:
        if not shape:
            return float("nan") if content is None else _number(content, self.most)
        if content is None and self.whole_rows and len(shape) == 1:
            return [float("nan")] * shape[0]
        if not isinstance(content, list) or len(content) != shape[0]:
            raise ValueError(f"not an array of shape {self.shape}")
        return [self._read(item, shape[1:]) for item in content]

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return _plain(self.read, self.write)

    def __get_pydantic_json_schema__(self, _schema: object, _handler: object) -> dict[str, Any]:
        described: dict[str, Any] = {"type": ["number", "null"]}
        for depth, length in enumerate(reversed(self.shape)):
            is_row = depth == 0 and self.whole_rows
            described = {
                "type": ["array", "null"] if is_row else "array",
                "items": described,
                "minItems": length,
                "maxItems": length,
            }
        return described


def _number(value: object, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r:.40} is no number")
    if not -most <= value <= most:
        raise ValueError(f"{value!r:.40} is out of range")
    return float(value)


def _plain(read: Callable[[Any], Any], write: Callable[[Any], Any]) -> CoreSchema:
    return core_schema.no_info_plain_validator_function(
        read, serialization=core_schema.plain_serializer_function_ser_schema(write)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Keypoints:
    """Joints and their confidence: xy_px float32 (n, 2), NaN where unseen; confidence (n,)."""

    xy_px: F32
    confidence: F32


@dataclass(frozen=True)
class KeypointList:
    """`Keypoints` as a list of [x, y, confidence], null where unseen."""

    count: int

    def write(self, points: Keypoints) -> list[list[float] | None]:
        """The points as JSON has them."""
        return [
            [round(x, 2), round(y, 2), round(confidence, 4)] if math.isfinite(x + y) else None
            for (x, y), confidence in zip(
                points.xy_px.tolist(), points.confidence.tolist(), strict=True
            )
        ]

    def read(self, content: object) -> Keypoints:
        """The points in memory; ValueError if there are not `count` of them."""
        values = Array((self.count, 3), 4, whole_rows=True).read(content)
        return Keypoints(values[:, :2].copy(), np.nan_to_num(values[:, 2]))

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return _plain(self.read, self.write)

    def __get_pydantic_json_schema__(self, _schema: object, _handler: object) -> dict[str, Any]:
        return Array((self.count, 3), 4, whole_rows=True).__get_pydantic_json_schema__(None, None)
