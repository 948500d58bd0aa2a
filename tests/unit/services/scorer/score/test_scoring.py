"""From the scores of postures to those of repetitions and of the set."""

import numpy as np
import pytest

from services.scorer.reps.rep_boundaries import RepBoundaries
from services.scorer.score.scoring import PRIOR_SCORE, score_set

FPS = 30


def times(seconds):
    return np.arange(round(seconds * FPS)) / FPS


def scored(score, seconds, reps=(), plausibility=1.0, costs=None):
    time_s = times(seconds)
    scores = np.broadcast_to(score, len(time_s)).astype(float)
    weight = np.broadcast_to(plausibility, len(time_s)).astype(float)
    return score_set(scores, weight, time_s, reps, np.zeros(len(reps)) if costs is None else costs)


def test_a_longer_lift_is_drawn_less_to_the_prior():
    whole = [scored(0.9, seconds).set_score for seconds in (0.5, 2, 20, 200)]
    assert whole == sorted(whole)
    assert PRIOR_SCORE < whole[0] < 0.7
    assert whole[-1] == pytest.approx(0.9, abs=0.01)
    assert scored(0.2, 1).set_score < PRIOR_SCORE


def test_the_frame_rate_makes_no_difference():
    time_s = times(3)
    scores = 0.5 + 0.3 * np.sin(time_s)
    full = score_set(scores, np.ones(90), time_s, (), np.zeros(0)).set_score
    third = score_set(scores[::3], np.ones(30), time_s[::3], (), np.zeros(0)).set_score
    assert third == pytest.approx(full, abs=0.005)


def test_impossible_skeletons_have_no_weight():
    time_s = times(4)
    scores = np.where(time_s < 2, 0.9, 0.1)
    plausibility = np.where(time_s < 2, 1.0, 0.0)
    assert score_set(scores, plausibility, time_s, (), np.zeros(0)).set_score == pytest.approx(
        scored(0.9, 2).set_score, abs=0.01
    )


def test_a_single_rep_has_the_score_of_its_set():
    one = scored(0.4, 3, reps=[RepBoundaries(20, 40, 50, 70)], costs=np.array([0.05]))
    assert one.reps[0] == pytest.approx(one.set_score)
    assert one.set_score < scored(0.4, 3, reps=[RepBoundaries(20, 40, 50, 70)]).set_score


def test_scores_of_reps_spread_around_that_of_the_set():
    time_s = times(6)
    scores = np.where(time_s < 3, 0.8, 0.4)
    reps = [RepBoundaries(0, 30, 40, 89), RepBoundaries(90, 120, 130, 179)]
    good, bad = (both := score_set(scores, np.ones(180), time_s, reps, np.zeros(2))).reps
    assert bad < both.set_score < good
    assert (good + bad) / 2 == pytest.approx(both.set_score, abs=0.01)


def test_a_rep_without_visible_postures_has_no_score():
    time_s = times(4)
    scores = np.where(time_s < 2, 0.7, np.nan)
    reps = [RepBoundaries(0, 20, 30, 50), RepBoundaries(70, 90, 95, 110)]
    found = score_set(scores, np.ones(120), time_s, reps, np.zeros(2))
    assert np.isfinite(found.reps[0])
    assert np.isnan(found.reps[1])


def test_a_single_picture_has_a_score_and_nobody_has_none():
    assert np.isnan(scored(np.nan, 2).set_score)
    assert np.isnan(score_set(np.zeros(0), np.zeros(0), np.zeros(0), (), np.zeros(0)).set_score)
    picture = score_set(np.array([0.9]), np.ones(1), np.zeros(1), (), np.zeros(0))
    assert PRIOR_SCORE < picture.set_score < 0.9
