"""Training: figures of unseen groups, held-out postures and the smallest source."""

from dataclasses import replace

import numpy as np
import pytest
from labelled import labelled

from shared.errors import UsageError
from training.datasets import LabelledPoses
from training.estimators import ESTIMATORS
from training.train import train


def test_training_separates_good_from_bad_on_unseen_groups():
    rng = np.random.default_rng(1)
    sets = [labelled(rng, good, 5) for good in (True, False)]
    report = train(sets, seed=0)
    assert whole(report).auc > 0.95
    assert whole(report).brier < whole(report).majority
    good, bad = (report.model.score(s.xy_px, s.confidence).mean() for s in sets)
    assert good > bad + 0.4
    assert train(sets, seed=0).model.coefficients == report.model.coefficients


def test_training_on_noise_finds_nothing():
    rng = np.random.default_rng(2)
    both = labelled(rng, True, 12)
    groups = np.array([f"g{i // 5}" for i in range(60)])
    noise = replace(both, label=(np.arange(60) // 5 % 2).astype(float), group=groups, clip=groups)
    assert whole(train([noise], seed=0)).auc < 0.75


def test_training_needs_both_labels():
    with pytest.raises(UsageError, match="good and bad"):
        train([labelled(np.random.default_rng(0), True, 5)], seed=0)


def test_every_estimator_is_compared_and_one_can_be_asked_for():
    rng = np.random.default_rng(3)
    sets = [labelled(rng, good, 5) for good in (True, False)]
    report = train(sets, seed=0, estimator="logistic")
    assert {candidate.name for candidate in report.candidates} == {*ESTIMATORS, "voting"}
    assert report.model.link == "logistic"
    score = report.model.score(sets[0].xy_px, sets[0].confidence)
    assert score.mean() > 0.5
    with pytest.raises(UsageError, match="forest"):
        train(sets, seed=0, estimator="forest")


def test_a_small_source_is_evaluated_as_only_training_data():
    rng = np.random.default_rng(4)
    both = [labelled(rng, good, 5) for good in (True, False)]
    few = [replace(s, source="few", **{n: getattr(s, n)[:5] for n in FIELDS}) for s in both]
    small = LabelledPoses("few", *(np.concatenate([getattr(s, n) for s in few]) for n in FIELDS))
    parts = {row.part: row for row in train([*both, small], seed=0, held_out=both[:1]).rows}
    assert parts["all but few"].postures == 50
    assert parts["all but few, trained on few alone"].postures == 50
    assert parts["made, trained on few alone"].postures == 25


def test_held_out_postures_are_evaluated_and_not_trained_on():
    rng = np.random.default_rng(5)
    sets = [labelled(rng, good, 5) for good in (True, False)]
    upside_down = [replace(s, source="other", label=1 - s.label) for s in sets]
    report = train(sets, seed=0, held_out=[_joined(upside_down)])
    assert report.model.coefficients == train(sets, seed=0).model.coefficients
    other = next(row for row in report.rows if row.part == "other, held out")
    assert other.auc < 0.05
    assert other.clip_auc < 0.05


FIELDS = ("xy_px", "confidence", "label", "group", "clip", "turn_deg")


def _joined(sets):
    return LabelledPoses(
        sets[0].source, *(np.concatenate([getattr(s, n) for s in sets]) for n in FIELDS)
    )


def whole(report):
    """The row over all sources."""
    return next(row for row in report.rows if row.part == "all")
