"""docs/results.md and the published JSON Schemas are those of the types."""

import dataclasses
import json
import re
from pathlib import Path
from typing import get_args

import pytest
from builders import load_script
from schemas import SCHEMAS, validator

from shared.data.analysis import Analysis
from shared.data.document import meanings_of, types_in
from shared.data.fields import Rounded
from shared.data.manifest import Manifest
from shared.data.sets import RecordingSets

DOCS = Path(__file__).resolve().parents[1] / "docs"
RESULTS = (DOCS / "results.md").read_text("utf-8")

TYPES = list(dict.fromkeys([*types_in(Analysis), *types_in(Manifest), *types_in(RecordingSets)]))
FIELDS = [(kind, field) for kind in TYPES for field in dataclasses.fields(kind)]


@pytest.fixture(scope="module")
def generate():
    return load_script("docs/generate_results.py")


def test_the_generated_documents_are_current(generate):
    for path, text in generate.generated(RESULTS).items():
        assert path.read_text("utf-8") == text, "run `python docs/generate_results.py`"


def test_the_part_written_by_hand_is_kept(generate):
    [results, *_] = generate.generated(f"# By hand\n{generate.MARKER}\nold").values()
    assert results.startswith(f"# By hand\n{generate.MARKER}\n\n## analysis.json\n")
    assert not results.endswith("old")
    with pytest.raises(ValueError, match="no line"):
        generate.generated("no marker")


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
def test_each_field_has_a_meaning_and_no_meaning_lacks_a_field(kind):
    assert set(meanings_of(kind)) == {field.name for field in dataclasses.fields(kind)}
    for meaning in meanings_of(kind).values():
        assert meaning[0].isupper() or meaning[0].isdigit(), meaning
        assert meaning.endswith("."), meaning
        assert "|" not in meaning  # ends a cell of a table


def is_nullable(hint):
    """Whether a field may be null as a whole."""
    how = [part for part in getattr(hint, "__metadata__", ()) if isinstance(part, Rounded)]
    return type(None) in get_args(hint) or any(part.nullable for part in how)


@pytest.mark.parametrize(
    ("kind", "field"), FIELDS, ids=lambda part: getattr(part, "__name__", None) or part.name
)
def test_what_null_means_is_said_of_each_field_that_may_be_null(kind, field):
    if is_nullable(field.type):
        assert re.search("null", meanings_of(kind)[field.name], re.IGNORECASE)


@pytest.mark.parametrize("name", ["analysis", "manifest"])
def test_the_schemas_are_valid_and_closed(name):
    validator(name)
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    objects = [schema, *schema["$defs"].values()]
    for described in (one for one in objects if one.get("type") == "object"):
        assert described["additionalProperties"] is False
        assert set(described["required"]) == set(described["properties"])
        assert all(one["description"] for one in described["properties"].values())


def test_links_in_the_page_lead_to_its_headings(generate):
    anchors = {
        generate._link(line.lstrip("# ")) for line in RESULTS.splitlines() if line[:1] == "#"
    }
    linked = set(re.findall(r"\]\((#[^)]+)\)", RESULTS))
    assert len(linked) >= 20
    assert linked <= anchors
    files = {target for target in re.findall(r"\]\(([^#)]+)\)", RESULTS)}
    assert files
    assert all((DOCS / target).is_file() for target in files)
