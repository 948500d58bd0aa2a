"""`docs/score.md` states the terms and the figures of the shipped model."""

from dataclasses import replace
from pathlib import Path

import pytest
from builders import load_script

from services.scorer.score import lift_model
from services.scorer.score.terms import TERMS
from shared.data.analysis import LiftPart

generate_score = load_script("docs/generate_score.py")

TEXT = (Path(__file__).parents[1] / "docs" / "score.md").read_text("utf-8")
MODEL = lift_model.load_default()


def test_the_generated_parts_are_those_of_the_shipped_model():
    assert generate_score.generated(TEXT, MODEL) == TEXT, "run python docs/generate_score.py"


def test_another_weight_is_noticed():
    other = replace(MODEL, weights=tuple(weight + 0.01 for weight in MODEL.weights))
    assert generate_score.generated(TEXT, other) != TEXT


def test_a_document_without_markers_is_refused():
    with pytest.raises(ValueError, match="one pair"):
        generate_score.generated(TEXT.replace("<!-- end: terms -->", ""), MODEL)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_every_term_is_in_the_table(term):
    [row] = [line for line in TEXT.splitlines() if line.startswith(f"| `{term.name}`")]
    assert term.reason in row


@pytest.mark.parametrize("part", LiftPart)
def test_every_part_is_described(part):
    assert f"| {part} |" in TEXT


@pytest.mark.parametrize("source", [row["source"] for row in MODEL.provenance["data"]])
def test_every_source_has_a_name_and_its_figures(source):
    for part in ("data", "figures"):
        table = TEXT.partition(f"<!-- generated: {part} -->")[2].partition("<!-- end")[0]
        assert f"\n| {generate_score.SOURCES[source]} |" in table


def test_estimators_are_compared_with_the_null_ones():
    names = [row["part"] for row in MODEL.provenance["figures"]["estimators"]]
    assert {"ridge", "phase alone", "majority"} <= set(names)
    assert all(f"| {name} |" in TEXT for name in names)
