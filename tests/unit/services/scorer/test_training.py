from dataclasses import replace

import numpy as np
import pytest

from coach.rendering.lift import joints_m
from services.scorer.datasets import LabelledPoses
from services.scorer.evaluation import calibration_plot, figures
from services.scorer.training import ESTIMATORS, train
from shared.errors import UsageError


def _px(share):
    joints = joints_m(share)
    return np.stack([300 + 200 * joints[:, 0], 500 - 200 * joints[:, 1]], -1).astype(np.float32)


def labelled(rng, good, groups):
    """Postures whose knees are straight when good, bent when bad, with some noise."""
    rows = [
        (_px(rng.uniform(0.85, 1.0) if good else rng.uniform(0, 0.3)), f"{good}-{g}")
        for g in range(groups)
        for _ in range(5)
    ]
    xy = np.stack([row[0] + rng.normal(0, 2, (15, 2)) for row in rows]).astype(np.float32)
    label = np.full(len(rows), float(good))
    sure = np.ones((len(rows), 15), np.float32)
    return LabelledPoses("made", xy, sure, label, np.array([row[1] for row in rows]))


def test_training_separates_what_can_be_separated_and_judges_unseen_groups():
    rng = np.random.default_rng(1)
    sets = [labelled(rng, good, 5) for good in (True, False)]
    report = train(sets, seed=0)
    assert report.rows[-1].auc > 0.95
    assert report.rows[-1].brier < report.rows[-1].majority
    good, bad = (report.model.score(s.xy_px, s.confidence).mean() for s in sets)
    assert good > bad + 0.4
    assert train(sets, seed=0).model.coefficients == report.model.coefficients


def test_training_on_noise_finds_nothing():
    rng = np.random.default_rng(2)
    both = labelled(rng, True, 12)
    groups = np.array([f"g{i // 5}" for i in range(60)])
    noise = replace(both, label=(np.arange(60) // 5 % 2).astype(float), group=groups)
    assert train([noise], seed=0).rows[-1].auc < 0.75


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


def test_a_source_as_small_as_the_original_is_judged_alone():
    rng = np.random.default_rng(4)
    both = [labelled(rng, good, 5) for good in (True, False)]
    few = [replace(s, source="few", **{n: getattr(s, n)[:5] for n in FIELDS}) for s in both]
    small = LabelledPoses("few", *(np.concatenate([getattr(s, n) for s in few]) for n in FIELDS))
    report = train([*both, small], seed=0)
    assert report.small is not None
    assert report.small.postures == 50


FIELDS = ("xy_px", "confidence", "label", "group")


def test_figures_weigh_each_group_the_same():
    label = np.array([1.0] * 90 + [1.0] * 10 + [0.0] * 10)
    group = np.array(["many"] * 90 + ["few"] * 10 + ["bad"] * 10)
    row = figures("all", label, label, group, seed=0)
    assert row.good == pytest.approx(2 / 3)
    assert row.auc == 1
    assert row.brier == 0


def test_a_calibrated_score_lies_on_the_diagonal_of_the_plot():
    rng = np.random.default_rng(0)
    score = rng.random(4000)
    label = (rng.random(4000) < score).astype(float)
    group = np.arange(4000).astype(str)
    blue = (176, 105, 36)
    for scores, near in ((score, True), (1 - score, False)):
        ys, xs = np.nonzero((calibration_plot(label, scores, group) == blue).all(-1))
        off = np.abs((480 - ys) - xs).mean()
        assert (off < 25) == near
