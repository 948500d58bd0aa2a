"""From evidence to log odds, and the model's file."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.scorer.score import lift_model
from services.scorer.score.evidence import RepEvidence
from services.scorer.score.lift_model import (
    COLUMNS,
    DEAD_ZONE,
    MAX_DEVIATION,
    LiftModel,
    load,
    load_default,
    probability,
)
from services.scorer.score.lift_parts import PARTS
from services.scorer.score.terms import TERMS
from services.scorer.score.values import VALUES
from shared.errors import ModelError

#: Medians 10 and half widths 2; the n-th column weighs n + 1.
MODEL = LiftModel(
    columns=COLUMNS,
    medians=(10.0,) * len(TERMS),
    widths=(2.0,) * len(TERMS),
    weights=tuple(float(n + 1) for n in range(len(COLUMNS))),
    usual_deviations=(0.0,) * len(COLUMNS),
    slope=0.5,
    intercept=2.0,
    calibration_error=((0.04, 0.0), (0.0, 0.01)),
    provenance={},
)


def rep(of=10.0, excess=(-1.0,), **changed):
    values = np.full((len(VALUES), len(PARTS)), of)
    return replace(RepEvidence(values, np.array(excess), 3.0, True, 1.0), **changed)


def test_a_repetition_like_good_ones_loses_nothing():
    assert MODEL.log_odds(MODEL.deviations([rep()])) == pytest.approx([2.0])
    assert not MODEL.deviations([rep(10.0 + 2.0 * DEAD_ZONE)]).any()


def test_deviations_count_one_way_in_half_widths_beyond_the_dead_zone():
    [high], [low] = MODEL.deviations([rep(16.0)]), MODEL.deviations([rep(4.0)])
    for column, term in enumerate(TERMS):
        expected = (1.5, 0.0) if term.sign > 0 else (0.0, 1.5)
        assert (high[column], low[column]) == expected, term.name
    assert MODEL.deviations([rep(99.0)]).max() == MAX_DEVIATION  # only misplaced joints are farther
    [wider] = MODEL.deviations([rep(16.0, magnification=1.25)])
    assert wider[:-2].max() == pytest.approx(0.9)


def test_log_odds_are_the_intercept_less_what_each_column_takes():
    columns = MODEL.deviations([rep(16.0, excess=(0.5,))])
    of_terms = sum(1.5 * (n + 1) for n, term in enumerate(TERMS) if term.sign > 0)
    of_faults = 0.5 * (len(TERMS) + 1) + 0.5 * (len(TERMS) + 2)
    assert MODEL.log_odds(columns) == pytest.approx([2.0 - 0.5 * (of_terms + of_faults)])
    assert MODEL.losses(columns).sum() == pytest.approx(0.5 * (of_terms + of_faults))


def test_what_is_not_seen_takes_nothing():
    columns = MODEL.deviations([rep(np.nan)])
    assert np.isnan(columns[0, : len(TERMS)]).all()
    assert MODEL.log_odds(columns) == pytest.approx([2.0])


def test_a_lift_that_begins_at_the_top_is_not_compared_at_the_floor():
    [columns] = MODEL.deviations([rep(15.0, from_floor=False)])
    for column, term in enumerate(TERMS):
        assert np.isnan(columns[column]) == term.from_floor, term.name


def test_calibration_is_less_certain_away_from_its_lifters():
    near, far = MODEL.calibration_sd(np.array([2.0, -2.0]))
    assert near == pytest.approx(0.2)
    assert far == pytest.approx(np.sqrt(0.04 + 0.01 * 8**2))


def test_probability_is_the_logistic_function():
    np.testing.assert_allclose(
        probability(np.array([0.0, np.log(3), -np.log(3)])), [0.5, 0.75, 0.25]
    )


def test_a_stored_model_is_the_same(tmp_path):
    MODEL.save(tmp_path / "model.json")
    assert load(tmp_path / "model.json") == MODEL


def test_every_term_of_the_shipped_model_may_lower_a_score():
    model = load_default()
    assert min(model.weights) >= 0
    assert sum(weight > 0 for weight in model.weights) > len(COLUMNS) / 2
    assert 0.8 < probability(np.array(model.intercept)) < 0.97


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"schema": 4}, "schema"),
        ({"columns": ["knee"]}, "columns"),
        ({"weights": [-1.0] * len(COLUMNS)}, "negative"),
        ({"widths": [0.0] * len(TERMS)}, "positive"),
        ({"medians": [1.0]}, "medians"),
        ({"slope": None}, "finite"),
        ({"slope": -1.0}, "slope"),
        ({"calibration_error": [[1.0]]}, "calibration_error"),
        ({"intercept": "2"}, "finite"),
        ({"more": 1}, "more"),
    ],
)
def test_a_model_that_cannot_be_used_is_refused(tmp_path, changed, said):
    file = tmp_path / "model.json"
    MODEL.save(file)
    file.write_text(json.dumps(json.loads(file.read_text()) | changed))
    with pytest.raises(ModelError, match=f"model.json.*{said}.*coach train"):
        load(file)


@pytest.mark.parametrize("text", ["", "[]", "{}", "\0"])
def test_what_is_no_model_is_refused(tmp_path, text):
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(ModelError, match="coach train"):
        load(tmp_path / "model.json")
    with pytest.raises(ModelError, match="cannot read"):
        load(tmp_path / "other.json")


def test_the_hash_is_that_of_the_file(tmp_path):
    model = load_default()
    model.save(tmp_path / "model.json")
    for file in (tmp_path / "model.json", Path(lift_model.__file__).with_name("lift_model.json")):
        assert model.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
        assert load(file).sha256 == model.sha256
