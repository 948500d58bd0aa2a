"""Typed results to JSON and back, and the JSON Schema that describes them.

Nothing that is read is trusted: shapes, types and ranges are checked, and errors name the field.
"""

import dataclasses
import json
import re
from typing import Any, NoReturn, TypeVar

from pydantic import TypeAdapter, ValidationError

from shared.errors import UsageError

T = TypeVar("T")

#: Fields that come first in a document, for whoever opens it.
_FIRST = ("schema", "job", "source", "pose", "judging", "warnings")


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """The adapter of a type; making one takes a tenth of a second."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def dumped(value: Any) -> dict[str, Any]:
    """A result as plain JSON values: NaN is None, numbers are rounded as their fields say."""
    content: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json")
    return {name: content[name] for name in _FIRST if name in content} | content


def loaded(kind: type[T], content: object) -> T:
    """A result from its plain JSON values.

    Raises:
        UsageError: a field is missing, unknown, of another shape or out of range.
    """
    try:
        result: T = _adapter(kind).validate_python(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(f"{place}: {first['msg']}") from error
    return result


def parsed(text: str | bytes) -> dict[str, Any]:
    """A JSON object; UsageError if the text is none."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"it is no JSON: {error}") from error
    if not isinstance(content, dict):
        raise UsageError("it is no JSON object")
    return content


def refuse_schema(found: object, expected: int) -> NoReturn:
    """Raise UsageError for a document of another version."""
    raise UsageError(
        f"it is of schema {found!r:.20}, this version reads {expected}: analyse the clip again"
    )


def analysis_text(analysis: Any) -> str:
    """An analysis as strict JSON: one line a frame, so that it can be compared and searched."""
    document = dumped(analysis)
    lifters = [document, *document["others"]]
    bare = {**document, "frames": "frames 0", "others": [
        {**other, "frames": f"frames {place}"} for place, other in enumerate(document["others"], 1)
    ]}  # fmt: skip
    text = json.dumps(bare, indent=2, allow_nan=False)
    for place, lifter in enumerate(lifters):
        lines = [json.dumps(frame, allow_nan=False) for frame in lifter["frames"]]
        listed = "[\n    " + ",\n    ".join(lines) + "\n  ]" if lines else "[]"
        text = text.replace(f'"frames": "frames {place}"', f'"frames": {listed}', 1)
    return text + "\n"


def json_schema(kind: type[Any]) -> dict[str, Any]:
    """The JSON Schema of a result, with each field's meaning from its type's docstring."""
    schema = _adapter(kind).json_schema(mode="serialization")
    types = {found.__name__: found for found in types_in(kind)}
    for name, described in [(kind.__name__, schema), *schema.get("$defs", {}).items()]:
        meanings = meanings_of(types[name]) if name in types else {}
        for field, meaning in meanings.items():
            described["properties"][field]["description"] = meaning
        if dataclasses.is_dataclass(types.get(name)):
            described["additionalProperties"] = False
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def types_in(kind: type[Any]) -> list[type[Any]]:
    """The dataclasses that a result is made of, in the order in which its fields name them."""
    found: list[type[Any]] = []

    def visit(hint: Any) -> None:
        for inner in getattr(hint, "__args__", ()):
            visit(inner)
        if dataclasses.is_dataclass(hint) and isinstance(hint, type) and hint not in found:
            found.append(hint)
            for field in dataclasses.fields(hint):
                visit(field.type)

    visit(kind)
    return found


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
