"""How the fields of results are written as JSON, read back and described.

Each class here annotates a field: `score: Annotated[float, Rounded(4, low=0, high=1)]`. Pydantic
then writes the field so, reads it back within its limits, and describes it in the JSON Schema with
its `unit`. In memory an unknown number is NaN; in JSON it is null.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import NoneType
from typing import Annotated, Any, TypeVar

import numpy as np
from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Strict
from pydantic_core import CoreSchema, core_schema

from shared.data.skeleton import F32, MPI_15

#: Largest size of a number that is read back. No picture has coordinates beyond it.
MAX_VALUE = 1e6

#: Largest whole number that is read back: more frames than a camera takes in a year.
MAX_COUNT = 2**31 - 1

#: Largest number of items in a list of results, other than frames: a day of repetitions.
MAX_ITEMS = 10_000

JsonSchema = dict[str, Any]

_NAN = float("nan")
_NUMBERS = {int, float, NoneType}


class FieldFormat:
    """How a field is written, read and described; annotates the field's type."""


@dataclass(frozen=True)
class Whole(FieldFormat):
    """A whole number from `low` to `high`; true, false and 1.0 are none."""

    low: int = 0
    high: int = MAX_COUNT
    unit: str = ""

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.int_schema(ge=self.low, le=self.high, strict=True)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchema:
        return _with_unit(handler(schema), self.unit)


@dataclass(frozen=True)
class Exact(FieldFormat):
    """A number from `low` to `high` that is written with all its digits; it is always known."""

    low: float = -MAX_VALUE
    high: float = MAX_VALUE
    unit: str = ""

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.float_schema(ge=self.low, le=self.high, strict=True, allow_inf_nan=False)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchema:
        return _with_unit(handler(schema), self.unit)


@dataclass(frozen=True)
class Rounded(FieldFormat):
    """A number from `low` to `high`, written with this many digits after the decimal point.

    nullable: whether it may be unknown: NaN in memory, null in JSON.
    """

    digits: int
    unit: str = ""
    low: float = -MAX_VALUE
    high: float = MAX_VALUE
    nullable: bool = False

    def write(self, value: float) -> float | None:
        """The number as JSON has it."""
        return round(float(value), self.digits) if math.isfinite(value) else None

    def read(self, value: object) -> float:
        """The number in memory; ValueError if it is none or out of range."""
        if value is None and self.nullable:
            return _NAN
        if type(value) not in (int, float):
            raise ValueError(f"{value!r:.40} is no number")
        if not self.low <= value <= self.high:  # type: ignore[operator]
            raise ValueError(_out_of_range(value, self.low, self.high))
        return float(value)  # type: ignore[arg-type]

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return _plain(self.read, self.write)

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchema:
        return _with_unit(_number_schema(self.low, self.high, self.nullable), self.unit)


@dataclass(frozen=True)
class Array(FieldFormat):
    """A float32 array, (n,) or (n, m), as a list or a list of rows; NaN is null.

    whole_rows: a row of the last axis that holds a NaN is null as a whole: half a point says
        nothing.
    nullable: whether a number may be null; with `whole_rows` a row may be.
    """

    shape: tuple[int, ...]
    digits: int
    unit: str = ""
    whole_rows: bool = False
    low: float = -MAX_VALUE
    high: float = MAX_VALUE
    nullable: bool = True

    def write(self, values: F32) -> Any:
        """The array as JSON has it."""
        digits, is_finite = self.digits, math.isfinite
        flat = [round(v, digits) if is_finite(v) else None for v in values.ravel().tolist()]
        width = self.shape[-1]
        rows: list[Any] = [flat[at : at + width] for at in range(0, len(flat), width)]
        if self.whole_rows:
            rows = [None if None in row else row for row in rows]
        return rows if len(self.shape) > 1 else rows[0]

    def read(self, content: object) -> F32:
        """The array in memory; ValueError if the content has another shape or is out of range."""
        if len(self.shape) == 1:
            flat = self._row(content)
        else:
            if not isinstance(content, list) or len(content) != self.shape[0]:
                raise ValueError(f"not {self.shape[0]} rows of {self.shape[1]} numbers")
            flat = [value for row in content for value in self._row(row)]
        return np.array(_checked(flat, self.low, self.high), np.float32).reshape(self.shape)

    def _row(self, content: object) -> list[Any]:
        width = self.shape[-1]
        if content is None and self.whole_rows:
            return [None] * width
        if not isinstance(content, list) or len(content) != width:
            raise ValueError(f"{content!r:.40} are not {width} numbers")
        if None in content and (self.whole_rows or not self.nullable):
            raise ValueError(f"{content!r:.40} has a null")
        return content

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return _plain(self.read, self.write)

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchema:
        nullable = self.nullable and not self.whole_rows
        row = _list_schema(self.shape[-1], _number_schema(self.low, self.high, nullable))
        if self.whole_rows:
            row["type"] = ["array", "null"]
        described = row if len(self.shape) == 1 else _list_schema(self.shape[0], row)
        return _with_unit(described, self.unit)


@dataclass(frozen=True, slots=True, eq=False)
class Keypoints:
    """Joints and their confidence: xy_px float32 (n, 2), NaN where unseen; confidence (n,)."""

    xy_px: F32
    confidence: F32


@dataclass(frozen=True)
class KeypointList(FieldFormat):
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
        confidence = np.where(np.isnan(values[:, 2]), np.float32(0), values[:, 2])
        if confidence.min() < 0 or confidence.max() > 1:
            raise ValueError("a confidence is not within 0 to 1")
        return Keypoints(values[:, :2].copy(), confidence)

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return _plain(self.read, self.write)

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchema:
        place = _number_schema(-MAX_VALUE, MAX_VALUE, nullable=False)
        parts = [place, place, _number_schema(0, 1, nullable=False)]
        row = {"type": ["array", "null"], "prefixItems": parts, "minItems": 3, "items": False}
        return _with_unit(_list_schema(self.count, row), "px, px, 0..1")


@dataclass(frozen=True)
class OneOf(FieldFormat):
    """One of these texts; `name` says what they are, where they are many."""

    texts: tuple[str, ...]
    name: str = ""

    def checked(self, text: str) -> str:
        """The text; ValueError if it is none of them."""
        if text not in self.texts:
            raise ValueError(f"{text!r:.40} is none of {', '.join(self.texts)}")
        return text

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.literal_schema(list(self.texts))


#: A number of results: a rounding error of 1e-4 is below what anything here is known to.
Number = Annotated[float, Rounded(4)]
NumberOrNan = Annotated[float, Rounded(4, nullable=True)]
Fraction = Annotated[float, Rounded(4, unit="0..1", low=0, high=1)]
FractionOrNan = Annotated[float, Rounded(4, unit="0..1", low=0, high=1, nullable=True)]
Seconds = Annotated[float, Rounded(4, unit="s")]
SecondsOrNan = Annotated[float, Rounded(4, unit="s", nullable=True)]
#: Frames are told apart by their times: a microsecond is below any frame rate.
FrameTime = Annotated[float, Rounded(6, unit="s")]
DegreesOrNan = Annotated[float, Rounded(1, unit="deg", low=-360, high=360, nullable=True)]
MillisecondsOrNan = Annotated[float, Rounded(3, unit="ms", low=0, nullable=True)]
Pixels = Annotated[int, Whole(1, unit="px")]
Flag = Annotated[bool, Strict()]
JointName = Annotated[str, OneOf(MPI_15, "joint name")]


def _checked(flat: list[Any], low: float, high: float) -> list[float]:
    """The numbers, null as NaN; ValueError names the first that is none or out of range."""
    if not {*map(type, flat)} <= _NUMBERS:
        wrong = next(value for value in flat if type(value) not in _NUMBERS)
        raise ValueError(f"{wrong!r:.40} is no number")
    known = [value for value in flat if value is not None]
    if known and not (low <= min(known) and max(known) <= high):
        wrong = next(value for value in known if not low <= value <= high)
        raise ValueError(_out_of_range(wrong, low, high))
    return known if len(known) == len(flat) else [_NAN if v is None else v for v in flat]


def _out_of_range(value: object, low: float, high: float) -> str:
    return f"{value!r:.40} is not within {low:g} to {high:g}"


def _plain(read: Callable[[Any], Any], write: Callable[[Any], Any]) -> CoreSchema:
    return core_schema.no_info_plain_validator_function(
        read, serialization=core_schema.plain_serializer_function_ser_schema(write)
    )


def _number_schema(low: float, high: float, nullable: bool) -> JsonSchema:
    return {"type": ["number", "null"] if nullable else "number", "minimum": low, "maximum": high}


def _list_schema(length: int, items: JsonSchema) -> JsonSchema:
    return {"type": "array", "items": items, "minItems": length, "maxItems": length}


def _with_unit(schema: JsonSchema, unit: str) -> JsonSchema:
    return {**schema, "unit": unit} if unit else schema


T = TypeVar("T")

#: A list of results. Reading stops at the first wrong item: a hostile document may have millions.
Listed = Annotated[tuple[T, ...], Field(fail_fast=True, max_length=MAX_ITEMS)]
