"""Typed results to JSON and back, and the JSON Schema that describes them.

Nothing that is read is trusted: shapes, types and ranges are checked, and errors name the field.
"""

import dataclasses
import json
import re
from collections.abc import Iterable, Sequence
from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import from_json

from shared.data.fields import FieldFormat
from shared.errors import UsageError

if TYPE_CHECKING:
    from shared.data.frames import LifterFrame

T = TypeVar("T")

#: Largest document that is read, in bytes: an hour at 30 frames per second takes about 200 MB.
MAX_BYTES = 2**30

DIALECT = "https://json-schema.org/draft/2020-12/schema"

#: Fields that come first in a document, for the reader.
_FIRST = ("schema", "job", "source", "pose", "judging", "posture_model", "warnings")

#: One line a frame; `json.dumps` would make an encoder for each.
_line = json.JSONEncoder(allow_nan=False, check_circular=False).encode

_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """The adapter of a type; making one takes a tenth of a second."""
    if kind not in _ADAPTERS:
        for part in types_in(kind):
            part.__pydantic_config__ = ConfigDict(extra="forbid")
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def prepare(*kinds: type[Any]) -> None:
    """Make what reads and writes these types, so that the processes of tasks need not."""
    for kind in kinds:
        _adapter(kind)


def dumped(value: Any) -> dict[str, Any]:
    """A result as plain JSON values: NaN is None, numbers are rounded as their fields say."""
    content: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json")
    return in_order(content)


def in_order(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a document as it lists them: those that say what it is come first."""
    first = _FIRST if "schema" in fields else ()
    return {name: fields[name] for name in first if name in fields} | fields


def loaded(kind: type[T], content: object) -> T:
    """A result from its plain JSON values.

    Raises:
        UsageError: a field is missing, unknown, of another shape or out of range.
    """
    try:
        result: T = _adapter(kind).validate_python(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        reason = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{_path(first['loc']) or 'document'}: {reason}") from error
    return result


def parsed(text: str | bytes) -> dict[str, Any]:
    """A JSON object; UsageError if the text is none, or too large."""
    if len(text) > MAX_BYTES:
        raise UsageError(f"larger than {MAX_BYTES} bytes")
    try:
        content = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise UsageError(f"not JSON: {error}") from error
    if not isinstance(content, dict):
        raise UsageError("not a JSON object")
    return content


def check_order(lifters: Iterable[Sequence["LifterFrame"]]) -> None:
    """Raise UsageError unless the frames of each lifter are in order of index and time."""
    for lifter, frames in enumerate(lifters):
        where = f"others[{lifter - 1}].frames" if lifter else "frames"
        for row, (before, after) in enumerate(pairwise(frames), 1):
            for name in ("index", "time_s"):
                old, new = getattr(before, name), getattr(after, name)
                if new <= old:
                    raise UsageError(f"{where}[{row}].{name}: {new} follows {old}")


def analysis_text(analysis: Any) -> str:
    """An analysis as strict JSON: one line a frame, so that it can be compared and searched."""
    return _object_text(dumped(analysis), "") + "\n"


def text_of(result: Any) -> str:
    """A result without frames as strict JSON."""
    return json.dumps(dumped(result), indent=2, allow_nan=False) + "\n"


def _object_text(content: dict[str, Any], margin: str) -> str:
    inner = margin + "  "
    fields = []
    for name, value in content.items():
        if name == "frames":
            text = _list_text([_line(frame) for frame in value], inner)
        elif name == "others":
            text = _list_text([_object_text(other, inner + "  ") for other in value], inner)
        else:
            text = json.dumps(value, indent=2, allow_nan=False).replace("\n", "\n" + inner)
        fields.append(f'{inner}"{name}": {text}')
    return "{\n" + ",\n".join(fields) + "\n" + margin + "}"


def _list_text(items: list[str], margin: str) -> str:
    inner = "\n" + margin + "  "
    return f"[{inner}{f',{inner}'.join(items)}\n{margin}]" if items else "[]"


def _path(places: tuple[int | str, ...]) -> str:
    """A field's path as people write it.

    >>> _path(("frames", 3, "measured", "person", "xy_px"))
    'frames[3].measured.person.xy_px'
    """
    parts = (f"[{place}]" if isinstance(place, int) else f".{place}" for place in places)
    return "".join(parts).removeprefix(".")


def json_schema(kind: type[Any]) -> dict[str, Any]:
    """The JSON Schema of a result, with each field's meaning from its type's docstring."""
    schema = _adapter(kind).json_schema(mode="serialization")
    types = {found.__name__: found for found in types_in(kind)}
    for name, described in [(kind.__name__, schema), *schema.get("$defs", {}).items()]:
        if name not in types:
            continue
        meanings, properties = meanings_of(types[name]), described["properties"]
        described["description"] = summary_of(types[name])
        described["required"] = list(properties)  # all are written, defaults too
        for field, described_field in properties.items():
            described_field["description"] = meanings[field]
            described_field.pop("title", None)  # the field's name again
            described_field.pop("default", None)
    return {"$schema": DIALECT, **schema}


def types_in(kind: type[Any]) -> list[type[Any]]:
    """The dataclasses that a result is made of, in the order in which its fields name them."""
    return [found for found in _classes_in(kind) if dataclasses.is_dataclass(found)]


def labels_in(kind: type[Any]) -> list[type[Enum]]:
    """The enumerations that a result's fields take their values from."""
    return [found for found in _classes_in(kind) if issubclass(found, Enum)]


def _classes_in(kind: type[Any]) -> list[type[Any]]:
    found: list[type[Any]] = []

    def visit(hint: Any) -> None:
        if format_of(hint) is not None:
            return
        for inner in get_args(hint):
            visit(inner)
        if not isinstance(hint, type) or hint in found:
            return
        if dataclasses.is_dataclass(hint):
            found.append(hint)
            for field in dataclasses.fields(hint):
                visit(field.type)
        elif issubclass(hint, Enum):
            found.append(hint)

    visit(kind)
    return found


def format_of(hint: Any) -> FieldFormat | None:
    """How a field of this type is written; None where it is written as its type is."""
    metadata = getattr(hint, "__metadata__", ())
    return next((part for part in metadata if isinstance(part, FieldFormat)), None)


def summary_of(kind: type[Any]) -> str:
    """The first paragraph of a class's docstring."""
    return " ".join((kind.__doc__ or "").partition("\n\n")[0].split())


def meanings_of(kind: type[Any]) -> dict[str, str]:
    """Field → meaning, from the `Attributes:` of a class's docstring and those of its bases."""
    meanings: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        _, _, attributes = (base.__doc__ or "").partition("Attributes:")
        for name, text in re.findall(
            r"^ {8}(\w+): (.+(?:\n {12}.+)*)", attributes, flags=re.MULTILINE
        ):
            meanings[name] = " ".join(text.split())
    return meanings
