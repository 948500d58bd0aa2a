"""Scores of lifters who have not been seen."""

import numpy as np
import pytest
from labelled import leaning_reps, reps_of

from training.estimators import ESTIMATORS, SHIPPED, fit
from training.folds import unseen_log_odds, unseen_values
from training.null_model import phase_share, shuffled_aucs
from training.postures import Posture
from training.raw_joints import unseen_raw_values

REPS = leaning_reps()


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_estimator_gives_a_value_to_each_repetition(name):
    values = fit(REPS, name)(REPS)
    assert values.shape == (len(REPS),)
    knows_nothing = name in ("phase alone", "majority")
    better = values[REPS.label > 0.5].mean() - values[REPS.label < 0.5].mean()
    assert better == pytest.approx(0, abs=1e-9) if knows_nothing else better > 0


def test_what_is_learned_separates_lifters_not_seen():
    log_odds = unseen_log_odds(REPS, SHIPPED)
    assert log_odds[REPS.label > 0.5].min() > log_odds[REPS.label < 0.5].max()


def test_nothing_is_known_of_the_lifter_who_is_left_out():
    """The labels of a lifter do not change the lifter's own scores in any way."""
    label = REPS.label.copy()
    mine = REPS.athlete == "3"
    label[mine] = 1 - label[mine]
    before, after = (unseen_log_odds(reps, SHIPPED) for reps in (REPS, REPS.with_labels(label)))
    np.testing.assert_array_equal(before[mine], after[mine])
    assert (before[~mine] != after[~mine]).all()


def test_one_lifter_under_one_name_in_two_sources_is_left_out_of_both():
    lean = [45, 80, 44, 79, 46, 81, 45, 80]
    label, athlete = [1, 0] * 4, ["a", "a", "b", "b", "a", "a", "c", "c"]
    reps = reps_of(lean, label, athlete, source=["x"] * 4 + ["y"] * 4)
    other = reps.with_labels(np.where((reps.source == "y") & (reps.athlete == "a"), 1.0, label))
    mine = (reps.source == "x") & (reps.athlete == "a")
    np.testing.assert_array_equal(
        unseen_values(reps, SHIPPED)[mine], unseen_values(other, SHIPPED)[mine]
    )


def test_held_out_lifters_are_judged_by_models_without_them():
    other = reps_of([45, 80, 45, 80], [1, 0, 1, 0], ["3", "3", "new", "new"], source="held out")
    held = unseen_log_odds(REPS, SHIPPED, other)
    own = REPS[REPS.athlete == "3"]
    known = unseen_log_odds(REPS[REPS.athlete != "3"], SHIPPED, own)
    np.testing.assert_allclose(unseen_log_odds(REPS, SHIPPED)[REPS.athlete == "3"], known)
    assert held[0] > held[1]
    assert held[2] > held[3]


def test_shuffled_labels_teach_nothing():
    aucs = shuffled_aucs(REPS, seed=0)
    assert 0.3 < np.nanmean(aucs) < 0.6


def test_phase_explains_scores_only_where_they_follow_it():
    rng = np.random.default_rng(0)
    part_s = rng.random(REPS.part_s.shape)
    reps = type(REPS)(**{**vars(REPS), "part_s": part_s})
    share = part_s[:, 3] / part_s.sum(1)
    assert phase_share(reps, 5 * share) == pytest.approx(1)
    assert phase_share(reps, rng.normal(size=len(reps))) < 0.6


def test_the_originals_way_leaves_the_lifter_out_as_well():
    xy = np.zeros((15, 2), np.float32)
    postures = [Posture(xy, 1, "p", "3", "p: 1"), Posture(xy + 9, 0, "p", "new", "p: 2")]
    before = unseen_raw_values(REPS, postures)
    flipped = [postures[0]._replace(label=0), postures[1]]
    after = unseen_raw_values(REPS, flipped)
    mine = REPS.athlete == "3"
    np.testing.assert_array_equal(before[0][mine], after[0][mine])
    assert before[1][0] == after[1][0]
    assert before[1][1] != after[1][1]
    assert (before[0][~mine] != after[0][~mine]).all()
