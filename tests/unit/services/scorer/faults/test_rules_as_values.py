"""Rules are values: fields with limits and reasons, that settings and callers change."""

import dataclasses
import json
import re
from pathlib import Path

import pytest
from lifted import lift_of

from services.scorer import faults
from services.scorer.faults import (
    DEFAULT_RULES,
    BarDrifts,
    HeelsLift,
    Hitching,
    Measurement,
    NotMeasured,
    RoundedBack,
    Squatted,
    judge,
    rep_views,
    replace_rules,
    rules_with,
    settings_of,
)
from services.scorer.faults.quantities import quantities_of
from shared.data.document import meanings_of
from shared.errors import UsageError
from synthetic import FAULTS, Lift

BY_KIND = {rule.kind: rule for rule in DEFAULT_RULES}


def test_every_fault_has_one_rule_in_a_file_of_its_name():
    files = {path.stem for path in Path(faults.__file__).parent.glob("*.py")}
    assert len(BY_KIND) == len(DEFAULT_RULES)
    assert set(BY_KIND) == set(FAULTS)
    assert set(BY_KIND) <= files
    for kind, rule in BY_KIND.items():
        assert type(rule).__module__.endswith(f".{kind}")


@pytest.mark.parametrize("rule", DEFAULT_RULES, ids=lambda rule: rule.kind)
def test_every_field_has_a_unit_and_a_reason(rule):
    assert rule.cue.endswith(".")
    meanings, quantities = meanings_of(type(rule)), quantities_of(type(rule))
    names = rule.field_names()
    assert list(meanings) == ["views", *names[:-1]]
    assert set(quantities) == set(names) - {"views"}
    for name in quantities:
        assert meanings[name].endswith(".")
        assert re.search(r"Chosen: |because|\d|: .+|\. [A-Z]", meanings[name][:-1]), name


@pytest.mark.parametrize("rule", DEFAULT_RULES, ids=lambda rule: rule.kind)
def test_reason_quotes_the_threshold_that_was_used(rule):
    [name] = [name for name in rule.field_names() if name.startswith("threshold")]
    usual = getattr(rule, name)
    assert quantities_of(type(rule))[name].shown(usual) in rule.reason(usual)
    assert "Set for this analysis" not in rule.reason(usual)
    changed = dataclasses.replace(rule, **{name: usual / 2})
    assert quantities_of(type(rule))[name].shown(usual / 2) in changed.reason(usual / 2)
    assert f"{name} " in changed.reason(usual / 2).partition("Set for this analysis: ")[2]


def test_evaluate_measures_or_says_why_not():
    side, front = (rep_views(lift_of(Lift(view=view)))[0] for view in ("side", "front"))
    measured = Squatted().evaluate(side)
    assert isinstance(measured, Measurement)
    assert measured.excess < 0 < Squatted(threshold_deg=60).evaluate(side).excess
    assert Squatted().evaluate(front) == NotMeasured("the camera stands 85° off the side")
    assert isinstance(Hitching().evaluate(front), Measurement)


def test_view_that_is_left_out_is_not_judged():
    oblique = Lift(view="oblique", turn_deg=40.0, fault="incomplete_lockout", severity=40)
    lift = lift_of(oblique)
    assert {one.kind for one in judge(lift, [BY_KIND[oblique.fault]])[0]} == {oblique.fault}
    [rule] = (one for one in rules_with({oblique.fault: {"views": ["side"]}}) if one.settings)
    found, [not_judged] = judge(lift, [rule])
    assert found == ()
    assert not_judged.reason == "the camera stands 40° off the side"


def test_only_the_given_rules_judge():
    lift = lift_of(Lift(view="side", fault="rounded_back", severity=45))
    assert {one.kind for one in judge(lift, [RoundedBack()])[0]} == {"rounded_back"}
    assert judge(lift, [HeelsLift()]) == ((), ())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"round_back": {}}, "no fault 'round_back'; there are rounded_back, "),
        ({"rounded_back": {"limit": 3}}, "rounded_back has no field 'limit'; it has threshold_deg"),
        ({"rounded_back": 3}, "rounded_back takes fields with values, not 3"),
        ({"rounded_back": {"threshold_deg": "3"}}, "rounded_back.threshold_deg takes a number"),
        ({"rounded_back": {"threshold_deg": True}}, "rounded_back.threshold_deg takes a number"),
        ({"rounded_back": {"threshold_deg": 10**400}}, "from -180 to 180, in °, not 1000"),
        ({"rounded_back": {"threshold_deg": float("nan")}}, "from -180 to 180, in °, not nan"),
        ({"rounded_back": {"hold_s": -1}}, "rounded_back.hold_s takes a number from 0 to 10"),
        ({"rounded_back": {"margin_deg": 0}}, "rounded_back.margin_deg takes a number from 0.1"),
        ({"bar_drifts": {"max_bar_progress": 90}}, "max_bar_progress takes a number from 0 to 1"),
        ({"rounded_back": {"views": "side"}}, "rounded_back.views takes a list"),
        ({"rounded_back": {"views": ["top"]}}, "rounded_back.views takes a list"),
        ({"rounded_back": {"views": ["front"]}}, "takes one or more of side, oblique, not front"),
        ({"hitching": {"views": []}}, "takes one or more of side, oblique, front, not none"),
    ],
)
def test_wrong_settings_are_refused_by_fault_and_field(settings, message):
    with pytest.raises(UsageError) as refused:
        rules_with(settings)
    assert message in str(refused.value)


def test_rules_check_their_fields_when_they_are_made():
    with pytest.raises(UsageError, match="bar_drifts.threshold_trunk_lengths"):
        BarDrifts(threshold_trunk_lengths=12)
    with pytest.raises(dataclasses.FrozenInstanceError):
        BarDrifts().hold_s = 2


def test_views_are_the_same_in_any_order():
    assert Squatted(views=["oblique", "side"]) == Squatted()
    assert Squatted(views=["oblique", "side"]).settings == {}


def test_settings_hold_what_differs_and_survive_json():
    rules = replace_rules(
        RoundedBack(threshold_deg=30, hold_s=0.15), Hitching(views=("side", "front"))
    )
    settings = settings_of(rules)
    assert settings == {
        "rounded_back": {"threshold_deg": 30.0},
        "hitching": {"views": ["side", "front"]},
    }
    assert rules_with(json.loads(json.dumps(settings))) == rules
    assert settings_of(DEFAULT_RULES) == {}
    assert rules_with({}) == DEFAULT_RULES


def test_replaced_rules_keep_their_place_and_new_faults_come_last():
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Other(RoundedBack):
        kind = "other"

    rules = replace_rules(Squatted(threshold_deg=12), Other())
    assert [rule.kind for rule in rules] == [*BY_KIND, "other"]
    assert rules[3].threshold_deg == 12
    assert settings_of(rules) == {"squatted": {"threshold_deg": 12.0}}
