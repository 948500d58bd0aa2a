"""Writes docs/results.md and the JSON Schemas in docs/schema/ from the types of results.

    python docs/generate_results.py

The part of results.md above its marker is written by hand and stays. A test runs `generated` and
compares, so that the documents are those of the code.
"""

import dataclasses
import json
import re
import sys
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from shared.data.analysis import Analysis  # noqa: E402
from shared.data.document import (  # noqa: E402
    format_of,
    in_order,
    json_schema,
    labels_in,
    meanings_of,
    summary_of,
)
from shared.data.fields import Array, KeypointList, OneOf, Rounded  # noqa: E402
from shared.data.manifest import Manifest  # noqa: E402
from shared.data.reps import Rep  # noqa: E402
from shared.data.sets import RecordingSets  # noqa: E402
from shared.data.tables import FRAME_MEANINGS, rep_meanings  # noqa: E402

MARKER = "<!-- Below: written by docs/generate_results.py from the types' docstrings. -->"

Row = tuple[str, ...]

#: Type → path of the field that it is first found in.
Paths = dict[type[Any], str]

#: Name of a type → anchor of its section.
Links = dict[str, str]


def generated(results: str) -> dict[Path, str]:
    """Each generated document's path and text.

    Args:
        results: the present results.md: its part above the marker is kept.
    """
    by_hand, found, _ = results.partition(MARKER)
    if not found:
        raise ValueError(f"results.md has no line {MARKER!r}")
    return {
        HERE / "results.md": by_hand + MARKER + "\n\n" + _reference(),
        HERE / "schema" / "analysis.schema.json": _schema_text(Analysis),
        HERE / "schema" / "manifest.schema.json": _schema_text(Manifest),
        HERE / "schema" / "sets.schema.json": _schema_text(RecordingSets),
    }


def _schema_text(kind: type[Any]) -> str:
    return json.dumps(json_schema(kind), indent=2, ensure_ascii=False) + "\n"


def _reference() -> str:
    analysis, manifest = _paths(Analysis), _paths(Manifest)
    own = {kind: path for kind, path in manifest.items() if kind not in analysis}
    known = analysis | own
    of_sets = {kind: at for kind, at in _paths(RecordingSets).items() if kind not in known}
    parts = [
        "## analysis.json",
        "JSON Schema: [schema/analysis.schema.json](schema/analysis.schema.json).",
        *_sections(analysis, analysis),
        "## Labels",
        _table(("Label", "Values", "Meaning"), [
            (kind.__name__, _values(kind), summary_of(kind)) for kind in labels_in(Analysis)
        ]),
        "## frames.csv",
        "One row per analysed frame of the main lifter; `analysis.frames_table()` gives the same "
        "columns, not rounded.",
        _table(("Column", "Unit", "Meaning"), [
            (f"`{name}`", unit, meaning) for name, (meaning, unit) in FRAME_MEANINGS.items()
        ]),
        "## Table of repetitions",
        "One row per repetition of the main lifter: `analysis.reps_table()`, and what `coach "
        "export --to csv` writes beside the frames.",
        _table(("Column", "Unit", "Meaning"), [
            (f"`{name}`", _rep_unit(name), meaning) for name, meaning in rep_meanings().items()
        ]),
        "## manifest.json",
        "JSON Schema: [schema/manifest.schema.json](schema/manifest.schema.json).",
        *_sections(own, known),
        "## sets.json",
        "What was found in a recording, in the folder of its results. JSON Schema: "
        "[schema/sets.schema.json](schema/sets.schema.json).",
        *_sections(of_sets, known | of_sets),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _sections(paths: Paths, known: Paths) -> list[str]:
    """A heading, what it is and a table of fields for each type; links go to the `known` ones."""
    links = {kind.__name__: _link(_heading(kind, path)) for kind, path in known.items()}
    parts = []
    for kind, path in paths.items():
        meanings = meanings_of(kind)
        fields = {field.name: field.type for field in dataclasses.fields(kind)}
        rows = [
            (f"`{name}`", _type(fields[name], links), _unit(fields[name]), meanings[name])
            for name in in_order(fields)
        ]
        head = ("Field", "Type", "Unit", "Meaning")
        parts += ["### " + _heading(kind, path), summary_of(kind), _table(head, rows)]
    return parts


def _heading(kind: type[Any], path: str) -> str:
    return f"{kind.__name__}: `{path}`" if path else kind.__name__


def _link(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return "#" + re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _paths(kind: type[Any]) -> Paths:
    """Each dataclass in a result and the path of the field that it is first found in."""
    found: Paths = {kind: ""}

    def visit(hint: Any, path: str) -> None:
        if get_origin(hint) is tuple:
            path += "[]"
        for inner in get_args(hint):
            visit(inner, path)
        if isinstance(hint, type) and dataclasses.is_dataclass(hint) and hint not in found:
            found[hint] = path
            fields(hint, path)

    def fields(owner: type[Any], path: str) -> None:
        for field in dataclasses.fields(owner):
            if format_of(field.type) is None:
                visit(field.type, f"{path}.{field.name}" if path else field.name)

    fields(kind, "")
    return found


def _type(hint: Any, links: Links) -> str:
    """A field's type in words."""
    how = format_of(hint)
    if isinstance(how, OneOf):
        return how.name or ", ".join(f"`{text}`" for text in how.texts)
    if isinstance(how, KeypointList):
        return f"list of {how.count}: [x, y, confidence] or null"
    if isinstance(how, Array):
        numbers = "numbers or nulls" if how.nullable and not how.whole_rows else "numbers"
        row = f"list of {how.shape[-1]} {numbers}" + (" or null" if how.whole_rows else "")
        return row if len(how.shape) == 1 else f"list of {how.shape[0]}: {row}"
    if isinstance(how, Rounded) and how.nullable:
        return "number or null"
    if hasattr(hint, "__metadata__"):
        return _type(hint.__origin__, links)
    return _plain_type(hint, links)


def _plain_type(hint: Any, links: Links) -> str:
    arguments = get_args(hint)
    if get_origin(hint) is tuple:
        if arguments[-1] is Ellipsis:
            return f"list of {_type(arguments[0], links)}"
        return f"[{', '.join(_type(part, links) for part in arguments)}]"
    if get_origin(hint) is dict:
        return "object"
    if type(None) in arguments:
        return f"{_type(arguments[0], links)} or null"
    if issubclass(hint, Enum):
        return f"[{hint.__name__}](#labels): {_values(hint)}"
    if dataclasses.is_dataclass(hint):
        return f"[{hint.__name__}]({links[hint.__name__]})"
    return {int: "integer", float: "number", str: "text", bool: "true or false"}[hint]


def _unit(hint: Any) -> str:
    how = format_of(hint)
    if isinstance(how, KeypointList):
        return "px, px, 0..1"
    if how is not None:
        return getattr(how, "unit", "")
    inner = [unit for part in get_args(hint) if (unit := _unit(part))]
    return inner[0] if inner else ""


def _rep_unit(name: str) -> str:
    types = {field.name: field.type for field in dataclasses.fields(Rep)}
    return _unit(types[name.removesuffix("_low").removesuffix("_high")])


def _values(kind: type[Enum]) -> str:
    return ", ".join(f"`{member.value}`" if member.value else "empty" for member in kind)


def _table(head: Row, rows: list[Row]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *rows))


def main() -> None:
    """Write the documents."""
    for path, text in generated((HERE / "results.md").read_text("utf-8")).items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
