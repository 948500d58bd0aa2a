"""What good lifts look like, and what a deviation from them costs."""

import numpy as np
import pytest
from labelled import lifts_of, reps_of

from services.scorer.score.lift_model import COLUMNS
from services.scorer.score.terms import TERMS
from services.scorer.score.values import VALUES
from training.calibration import calibrate, calibrate_each, calibration_error
from training.constrained_ridge import PRIOR, PRIOR_TERM, fit_weights
from training.references import good_lifts, quantiles
from training.rep_table import tabulate, weights

LEANS = [column for column, term in enumerate(TERMS) if term.value == "trunk_lean"]


def test_lifts_give_their_repetitions():
    lifts = lifts_of(athletes=2)
    reps = tabulate(lifts)
    assert reps.clip.tolist() == [f"made: {lift.file}" for lift in lifts]
    assert reps.columns(*good_lifts(reps)).shape == (4, len(COLUMNS))
    assert set(reps.view) == {"side"}
    assert (reps.part_s.sum(1) > 1).all()
    assert all(rows.shape[1] == 30 and len(rows) > 10 for rows in reps.postures)


def test_good_and_bad_weigh_the_same_in_each_source():
    label = [1, 1, 1, 0, 1, 0, 0]
    reps = reps_of([50] * 7, label, list("aaabcdd"), source=["x"] * 4 + ["y"] * 3)
    weight = weights(reps)
    assert weight.mean() == pytest.approx(1)
    for source in "xy":
        mine = reps.source == source
        good, bad = (weight[mine & (reps.label == value)].sum() for value in (1, 0))
        assert good == pytest.approx(bad)


def test_the_tenth_repetition_says_less_than_the_first():
    reps = reps_of([50] * 11, [1] * 11, ["a"] * 10 + ["b"])
    weight = weights(reps)
    assert weight[:10].sum() / weight[10] == pytest.approx(np.sqrt(10))


def test_medians_and_widths_are_those_of_good_lifts():
    lean = [30, 40, 50, 60, 70, 5, 6]
    medians, widths = good_lifts(reps_of(lean, [1] * 5 + [0] * 2, list("abcdefg")))
    assert medians[LEANS] == pytest.approx([50] * len(LEANS))
    assert widths[LEANS] == pytest.approx([17] * len(LEANS))
    unseen = [column for column in range(len(TERMS)) if column not in LEANS]
    assert (widths[unseen] >= 1e5).all()  # what is not seen never deviates


def test_a_width_is_at_least_what_can_be_measured():
    _, widths = good_lifts(reps_of([50] * 5, [1] * 5, list("abcde")))
    assert widths[LEANS[0]] == VALUES["trunk_lean"].min_width


def test_weighted_quantiles_are_those_of_repeated_values():
    assert quantiles(np.array([3.0, 1.0, 2.0]), np.ones(3))[1] == 2
    low, median, high = quantiles(np.array([1.0, 2.0]), np.array([1.0, 99.0]))
    assert median == pytest.approx(2, abs=0.02)
    assert low > 1.3
    assert high == 2


def columns_of(rng, rows=200):
    columns = np.zeros((rows, len(COLUMNS)))
    columns[:, :3] = rng.random((rows, 3)) * 3
    return columns


def test_weights_follow_the_data_and_elsewhere_the_prior():
    columns = columns_of(np.random.default_rng(0))
    label = 1 - 0.3 * columns[:, 0] + 0.3 * columns[:, 1]  # the second deviation would pay
    found = fit_weights(columns, label, np.ones(len(label)))
    assert found[0] > 2 * PRIOR_TERM
    assert found[1] == 0
    assert found[3:] == pytest.approx(PRIOR[3:])


def test_a_strong_prior_leaves_the_weights_equal():
    columns = columns_of(np.random.default_rng(1))
    found = fit_weights(columns, 1 - columns[:, 0], np.ones(len(columns)), strength=1e9)
    assert found == pytest.approx(PRIOR, abs=1e-4)


def test_the_calibration_finds_the_log_odds_that_made_the_labels():
    rng = np.random.default_rng(2)
    value = rng.normal(size=20_000)
    label = (rng.random(len(value)) < 1 / (1 + np.exp(-(0.5 + 2 * value)))).astype(float)
    assert calibrate(value, label, np.ones(len(value))) == pytest.approx((0.5, 2), abs=0.1)


def test_the_calibration_stays_finite_where_labels_do_not_overlap():
    value = np.linspace(-50, 50, 20)
    intercept, slope = calibrate(value, (value > 0).astype(float), np.ones(20))
    assert np.isfinite(intercept)
    assert 0 < slope < 100


def test_a_draw_of_one_label_has_no_calibration():
    label = np.array([1.0, 1.0, 0.0, 0.0])
    found = calibrate_each(np.array([1.0, 2, 0, 1.5]), label, np.array([[1, 1, 0, 0], [1.0] * 4]))
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()


def test_few_lifters_leave_the_calibration_unsure():
    rng = np.random.default_rng(3)
    value = np.repeat(rng.normal(size=40), 5)
    label = (np.repeat(value[::5] + rng.normal(size=40), 5) > 0).astype(float)
    each = np.arange(200).astype(str)
    by_file, by_lifter = (
        calibration_error(value, label, np.ones(200), names, 0)
        for names in (each, np.repeat(np.arange(40), 5).astype(str))
    )
    assert by_lifter[1, 1] > 3 * by_file[1, 1]
