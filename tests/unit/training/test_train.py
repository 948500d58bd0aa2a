from dataclasses import replace

import numpy as np
import pytest

from services.scorer.score.posture_model import linked, standardised
from shared.errors import UsageError
from synthetic.lift import joints_m
from training.calibration_plot import calibration_plot
from training.datasets import LabelledPoses
from training.estimators import ESTIMATORS, fit
from training.evaluation import figures
from training.samples import Samples, even_weights, gather
from training.train import train


def _px(bar_progress):
    joints = joints_m(bar_progress)
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
    confidence = np.ones((len(rows), 15), np.float32)
    group = np.array([row[1] for row in rows])
    return LabelledPoses("made", xy, confidence, label, group, group)


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


FIELDS = ("xy_px", "confidence", "label", "group", "clip")


def _joined(sets):
    return LabelledPoses(
        sets[0].source, *(np.concatenate([getattr(s, n) for s in sets]) for n in FIELDS)
    )


def whole(report):
    """The row over all sources."""
    return next(row for row in report.rows if row.part == "all")


def test_weights_are_even_over_labels_in_each_view():
    label = np.array([1.0] * 30 + [0.0] * 30)
    clip = np.array([f"g{i // 3}" for i in range(30)] + [f"b{i}" for i in range(30)])
    source = np.full(60, "one")
    view = np.where(np.arange(60) % 3 > 0, "side", "front")
    weight = even_weights(label, clip, source, view)
    assert weight.mean() == pytest.approx(1)
    for here in (view == "side", view == "front"):
        good, bad = (weight[here & (label == value)].sum() for value in (1, 0))
        assert 0.5 < good / bad < 2  # 10 clips against 30, with a prior of one clip each
    one = [weight[clip == name].sum() for name in ("g0", "g1")]
    assert one[0] == pytest.approx(one[1])


@pytest.mark.parametrize("name", ["ridge", "lasso", "elastic-net", "logistic"])
def test_the_stored_model_scores_as_its_estimator_does(name):
    rng = np.random.default_rng(6)
    samples = gather([labelled(rng, good, 5) for good in (True, False)])
    fitted = fit(samples, name)
    coefficients, pairs, intercept = fitted.linear
    z = standardised(samples.features, fitted.mean, fitted.scale, 3.0)
    linear = z @ coefficients + ((z @ pairs) * z).sum(-1) + intercept
    link = "logistic" if name == "logistic" else "identity"
    np.testing.assert_allclose(linked(linear, link), fitted.predict(samples.features), atol=1e-6)


def samples_of(label, group):
    source = np.full(len(label), "one")
    weight = even_weights(label, group, source, source)
    return Samples(np.zeros((len(label), 1)), label, group, group, source, source, weight)


def test_figures_weigh_each_clip_the_same():
    label = np.array([1.0] * 90 + [1.0] * 10 + [0.0] * 10)
    group = np.array(["many"] * 90 + ["few"] * 10 + ["bad"] * 10)
    score = np.array([1.0] * 90 + [0.0] * 10 + [0.5] * 10)
    row = figures("all", samples_of(label, group), score, seed=0)
    assert row.auc == pytest.approx(0.5)
    assert row.clip_auc == pytest.approx(0.5)
    assert (row.clips, row.groups) == (3, 3)
    perfect = figures("all", samples_of(label, group), label, seed=0)
    assert (perfect.auc, perfect.brier) == (1, 0)
    assert np.isnan(figures("good", samples_of(label, group)[label > 0], label[:100], 0).auc)


def test_an_interval_holds_the_truth_and_narrows_with_groups():
    rng = np.random.default_rng(7)
    widths = []
    for groups in (20, 200):
        group = np.repeat([f"{g:03d}" for g in range(groups)], 4)
        label = (np.arange(groups) % 2).repeat(4).astype(float)
        score = np.clip(rng.normal(0.4 + 0.2 * label, 0.2), 0, 1)
        row = figures("all", samples_of(label, group), score, seed=0)
        assert row.auc_low < 0.76 < row.auc_high  # Φ(0.2 / (0.2 √2))
        assert row.brier_low < row.brier < row.brier_high
        widths.append(row.auc_high - row.auc_low)
    assert widths[1] < widths[0] / 2


def test_a_calibrated_score_lies_on_the_diagonal_of_the_plot():
    rng = np.random.default_rng(0)
    score = rng.random(4000)
    label = (rng.random(4000) < score).astype(float)
    blue, each = (176, 105, 36), np.arange(4000).astype(str)
    for scores, near in ((score, True), (1 - score, False)):
        plot = calibration_plot(samples_of(label, each), scores)
        ys, xs = np.nonzero((plot == blue).all(-1))
        off = np.abs((480 - ys) - xs).mean()
        assert (off < 25) == near
