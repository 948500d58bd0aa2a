"""`docs/faults.md` lists the fields of the rules as they are."""

from pathlib import Path

import pytest
from builders import load_script

from services.scorer.faults import DEFAULT_RULES

DOCS = Path(__file__).resolve().parents[1] / "docs"
generate_faults = load_script("docs/generate_faults.py")

TEXT = (DOCS / "faults.md").read_text("utf-8")


def test_generated_tables_are_current():
    assert generate_faults.generated(TEXT) == TEXT, "run python docs/generate_faults.py"


def test_another_default_is_noticed():
    assert "| `threshold_deg` | 33° |" in TEXT
    changed = TEXT.replace("| `threshold_deg` | 33° |", "| `threshold_deg` | 34° |")
    assert generate_faults.generated(changed) == TEXT


@pytest.mark.parametrize("rule", DEFAULT_RULES, ids=lambda rule: rule.kind)
def test_every_rule_has_a_section(rule):
    section = TEXT.partition(f'<a id="{rule.kind}"></a>')[2].partition("<a id=")[0]
    for name in rule.field_names():
        assert f"| `{name}` | " in section


def test_a_document_without_markers_is_refused():
    with pytest.raises(ValueError, match="one pair"):
        generate_faults.generated(TEXT.replace("<!-- end: fields -->", ""))
