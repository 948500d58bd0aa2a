"""Checks results against the published JSON Schemas."""

import json
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).resolve().parents[1] / "docs" / "schema"


@cache
def validator(name: str) -> Draft202012Validator:
    """The validator of a published schema: "analysis", "manifest" or "sets"."""
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def wrong_in(name: str, content: object) -> list[str]:
    """What a document has wrong by its published schema, as path and message."""
    errors = validator(name).iter_errors(content)
    return [f"{error.json_path}: {error.message:.200}" for error in errors]


def strict(text: str) -> object:
    """JSON as a strict reader takes it: without NaN and Infinity."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def validate_result(folder: Path) -> None:
    """Fail unless the documents of a result's folder, and of its sets, fit their schemas."""
    is_recording = (folder / "sets.json").is_file()
    for part in folder.glob("set-*/") if is_recording else ():
        validate_result(part)
    for name in ("sets" if is_recording else "analysis", "manifest"):
        content = strict((folder / f"{name}.json").read_text("utf-8"))
        assert wrong_in(name, content) == [], folder / f"{name}.json"
