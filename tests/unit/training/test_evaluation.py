"""AUC, Brier score and calibration of sets."""

import numpy as np
import pytest
from labelled import reps_of

from training.evaluation import SetTable, auc_of, calibration_bins, figures, sets_of


def table(log_odds, label, athlete=None, source="one"):
    count = len(label)
    names = np.array(athlete or [f"lifter {n}" for n in range(count)], dtype=str)
    clips = np.array([f"clip {n}" for n in range(count)])
    sources = np.broadcast_to(np.array(source, dtype=str), count)
    values = np.array(log_odds, float), np.array(label, float)
    return SetTable(*values, names, clips, sources, np.full(count, "side"))


def test_a_set_has_the_mean_log_odds_of_its_repetitions():
    reps = reps_of([50] * 3, [1, 1, 0], ["a", "a", "b"], clip=["x", "x", "y"])
    sets = sets_of(reps, np.array([1.0, 3.0, -1.0]))
    assert sets.log_odds.tolist() == [2.0, -1.0]
    assert sets.clip.tolist() == ["x", "y"]
    assert sets.athlete.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("log_odds", "auc"),
    [([2, 1, 0, -1], 1), ([-1, 0, 1, 2], 0), ([1, 1, 1, 1], 0.5), ([2, 0, 1, -1], 0.75)],
)
def test_the_auc_is_the_fraction_of_pairs_in_order(log_odds, auc):
    assert auc_of(table(log_odds, [1, 1, 0, 0])) == auc


def test_pairs_are_compared_within_a_source_only():
    sets = table([0, -1, 5, 4], [1, 0, 1, 0], source=["x", "x", "y", "y"])
    assert auc_of(sets) == 1
    assert auc_of(table([0, -1, 5, 4], [1, 0, 1, 0])) == 0.75


def test_sources_weigh_by_lifters_and_pairs_by_their_number():
    source, athlete = ["x"] * 2 + ["y"] * 4, ["a", "a", "b", "c", "d", "e"]
    sets = table([1, 0, 0, 1, 2, 3], [1, 0, 1, 1, 0, 0], athlete, source)
    row = figures("all", sets, seed=0)
    assert row.auc.value == pytest.approx((1 * 1 + 4 * 0) / 5)
    assert row.pairs_auc.value == pytest.approx(1 / 5)


def test_intervals_are_over_lifters_not_files():
    rng = np.random.default_rng(0)
    athlete = np.repeat(np.arange(8), 10).astype(str).tolist()
    label = np.repeat([1, 0], 40)
    log_odds = np.repeat(rng.normal(0, 2, 8), 10) + label  # all sets of a lifter alike
    by_lifter = figures("all", table(log_odds, label, athlete), seed=0)
    by_file = figures("all", table(log_odds, label), seed=0)
    assert by_lifter.brier.value == by_file.brier.value
    assert by_lifter.brier.high - by_lifter.brier.low > by_file.brier.high - by_file.brier.low
    assert by_lifter.lifters == 8


def test_scores_that_are_too_sure_have_a_slope_below_one():
    rng = np.random.default_rng(1)
    true = rng.normal(0, 1.5, 4000)
    label = rng.random(4000) < 1 / (1 + np.exp(-true))
    athlete = ["a", "b"] * 2000
    right, sure = (figures("", table(k * true, label, athlete), 0).slope.value for k in (1, 2))
    assert right == pytest.approx(1, abs=0.1)
    assert sure == pytest.approx(0.5, abs=0.05)


def test_one_label_alone_has_no_auc_and_two_lifters_no_interval():
    row = figures("", table([1, 2], [1, 1], ["a", "b"]), seed=0)
    assert np.isnan(row.auc.value)
    assert np.isnan(row.slope.value)
    assert np.isnan(row.brier.low)
    assert row.brier.value == pytest.approx(0.043, abs=0.001)


def test_calibration_bins_leave_out_empty_ones():
    bins = calibration_bins(table([-3, 3, 3], [0, 1, 0]), np.array([0, 0.5, 0.9, 1]))
    assert [(count, round(good, 2)) for count, _, good in bins] == [(1, 0.0), (2, 0.5)]
