"""Every threshold names a source, and what can be measured again belongs to a constant."""

import importlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from services.scorer.faults import DEFAULT_RULES
from shared.data.document import meanings_of

ROOT = Path(__file__).resolve().parents[1]

sys.path.insert(0, str(ROOT))  # the benchmarks are no installed package
sources = importlib.import_module("benchmarks.derive.sources")
quantities = importlib.import_module("benchmarks.derive.quantities")
sys.path.remove(str(ROOT))

#: Modules with constants of their own; BlazePose's are those of its publication.
PLACES = [place for place in sources.PLACES if place != "services/pose"] + [
    str(path.relative_to(ROOT))
    for path in sorted((ROOT / "services" / "pose").iterdir())
    if path.name not in ("blazepose", "__pycache__")
]
CONSTANTS = list(sources.find_constants(PLACES))


def test_every_constant_names_a_kind_of_source():
    unnamed = [f"{one.place}: {one.name}" for one in CONSTANTS if not one.kind]
    assert not unnamed


def test_constants_of_all_rooms_are_found():
    places = {one.place.rpartition(":")[0] for one in CONSTANTS}
    assert {
        "services/scorer/bar/scale.py",
        "services/scorer/score/scoring.py",
        "services/pose/plates/rims.py",
        "services/writer/report/trust.py",
        "shared/data/anthropometry.py",
    } <= places


@pytest.mark.parametrize("rule", DEFAULT_RULES, ids=lambda rule: rule.kind)
def test_every_number_of_a_rule_names_a_kind_of_source(rule):
    meanings = meanings_of(type(rule))
    numbers = [name for name, value in rule.defaults().items() if isinstance(value, int | float)]
    assert numbers
    assert not [name for name in numbers if not sources.kind_of(meanings[name])]


@pytest.mark.parametrize("quantity", quantities.QUANTITIES, ids=lambda one: one.what)
def test_every_quantity_belongs_to_a_constant_that_exists(quantity):
    value = quantity.value
    numbers = value if isinstance(value, tuple) else (value,)
    assert all(isinstance(number, int | float) for number in numbers)


@pytest.mark.parametrize("name", ["NONE", "RoundedBack.none"])
def test_a_quantity_of_a_constant_that_is_gone_is_noticed(name):
    quantity = replace(
        quantities.QUANTITIES[0], constant=f"services.scorer.faults.rounded_back:{name}"
    )
    with pytest.raises(AttributeError):
        _ = quantity.value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("#: Limit, in px. Chosen: less is noise.\nA = 3", "chosen"),
        ("#: Limit, in px. Chosen: above what was measured.\nA = 3", "chosen"),  # the first counts
        ("#: Scatter, in px. Measured on rendered sets.\nA: float = 0.5", "measured"),
        ("#: Outliers (Hampel 1974).\nA, B = 3.0, 5", "publication"),
        ("#: Cosine of 60°. Derived.\nA = 1 / 2", "derived"),
        ("#: Limit, in px.\nA = 3", ""),
        ("#: Chosen: enough.\n\nA = 3", ""),  # a blank line ends a comment
        ("#: Chosen: enough.\nA = 3\nB = 4", "chosen"),
        ("# Chosen: enough.\nA = 3", ""),  # not a constant's comment
        ("A = 3", ""),
    ],
)
def test_the_kind_of_source_is_read_off_the_comment(text, kind):
    assert [one.kind for one in sources.constants_of(text, "module.py")][-1] == kind


@pytest.mark.parametrize(
    "text",
    ['A = "30"', "A = True", "limit = 3", "def f():\n    A = 3", "A = (HIP, KNEE)", "A = {1: 2}"],
)
def test_what_is_no_numeric_constant_is_left_out(text):
    assert not list(sources.constants_of(text, "module.py"))
