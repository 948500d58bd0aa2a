"""From the scores of postures to those of repetitions and of the set."""

import numpy as np
import pytest

from services.scorer.motion.motion import RepBoundaries
from services.scorer.score.scoring import PRIOR_SCORE, score_set

FPS = 30


def times(seconds):
    return np.arange(round(seconds * FPS)) / FPS


def scored(score, seconds, reps=(), plausible=1.0, costs=None):
    time_s = times(seconds)
    scores = np.broadcast_to(score, len(time_s)).astype(float)
    sure = np.broadcast_to(plausible, len(time_s)).astype(float)
    return score_set(scores, sure, time_s, reps, np.zeros(len(reps)) if costs is None else costs)


def test_the_longer_a_lift_is_seen_the_more_its_own_postures_count():
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


def test_what_can_be_no_body_does_not_count():
    time_s = times(4)
    scores = np.where(time_s < 2, 0.9, 0.1)
    sure = np.where(time_s < 2, 1.0, 0.0)
    assert score_set(scores, sure, time_s, (), np.zeros(0)).set_score == pytest.approx(
        scored(0.9, 2).set_score, abs=0.01
    )


def test_of_a_single_repetition_both_scores_are_the_same():
    one = scored(0.4, 3, reps=[RepBoundaries(20, 40, 50, 70)], costs=np.array([0.05]))
    assert one.reps[0] == pytest.approx(one.set_score)
    assert one.set_score < scored(0.4, 3, reps=[RepBoundaries(20, 40, 50, 70)]).set_score


def test_repetitions_differ_as_their_postures_do_and_spread_around_the_set():
    time_s = times(6)
    scores = np.where(time_s < 3, 0.8, 0.4)
    reps = [RepBoundaries(0, 30, 40, 89), RepBoundaries(90, 120, 130, 179)]
    good, bad = (both := score_set(scores, np.ones(180), time_s, reps, np.zeros(2))).reps
    assert bad < both.set_score < good
    assert (good + bad) / 2 == pytest.approx(both.set_score, abs=0.01)


def test_a_repetition_that_is_not_seen_has_no_score():
    time_s = times(4)
    scores = np.where(time_s < 2, 0.7, np.nan)
    reps = [RepBoundaries(0, 20, 30, 50), RepBoundaries(70, 90, 95, 110)]
    found = score_set(scores, np.ones(120), time_s, reps, np.zeros(2))
    assert np.isfinite(found.reps[0])
    assert np.isnan(found.reps[1])


def test_nothing_seen_is_no_score_and_a_single_picture_is_one():
    assert np.isnan(scored(np.nan, 2).set_score)
    assert np.isnan(score_set(np.zeros(0), np.zeros(0), np.zeros(0), (), np.zeros(0)).set_score)
    picture = score_set(np.array([0.9]), np.ones(1), np.zeros(1), (), np.zeros(0))
    assert PRIOR_SCORE < picture.set_score < 0.9
