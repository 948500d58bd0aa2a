"""People between two looks: who is who, where they are, and how far a look is off."""

from dataclasses import replace

import numpy as np
import pytest
from builders import person

from services.pose.between import deviation, fill, pairs
from shared.data.skeleton import NECK, R_WRIST

STEP_S = 0.1


def moved(x_px=0.0, y_px=0.0):
    """The builder's person, moved."""
    return person(100 + x_px, 100 + y_px)


def test_people_are_paired_by_place_not_by_order():
    left, right = moved(), moved(300)
    assert pairs([left, right], [moved(305), moved(4)], STEP_S) == {0: 1, 1: 0}


def test_who_has_left_has_no_counterpart():
    assert pairs([moved(), moved(300)], [moved(3)], STEP_S) == {0: 0}


def test_a_person_moves_evenly_between_two_looks():
    filled = fill({0: (moved(),), 4: (moved(40),)}, [0.0, 0.1, 0.2, 0.3, 0.4])
    steps = [people[0].xy_px[NECK, 0] - moved().xy_px[NECK, 0] for people in filled]
    assert steps == pytest.approx([0, 10, 20, 30, 40], abs=1e-3)
    assert [people[0].is_interpolated for people in filled] == [False, True, True, True, False]


def test_uneven_motion_follows_its_curve():
    times_s = np.linspace(0, 1.2, 13)
    looks = {row: (moved(y_px=50 * times_s[row] ** 2),) for row in (0, 4, 8, 12)}
    filled = fill(looks, times_s)
    ways = [people[0].xy_px[NECK, 1] - moved().xy_px[NECK, 1] for people in filled]
    assert ways[4:9] == pytest.approx(50 * times_s[4:9] ** 2, abs=0.05)


def test_the_time_of_a_frame_decides_not_its_number():
    filled = fill({0: (moved(),), 2: (moved(40),)}, [0.0, 0.3, 0.4])
    assert filled[1][0].xy_px[NECK, 0] - moved().xy_px[NECK, 0] == pytest.approx(30, abs=1e-3)


def test_nobody_is_invented_between_looks_that_show_different_people():
    assert fill({0: (moved(),), 2: (moved(400),)}, [0.0, 0.1, 0.2])[1] == ()


def test_a_joint_hidden_in_one_look_is_unseen_between():
    hidden = moved(10)
    xy, confidence = hidden.xy_px.copy(), hidden.confidence.copy()
    xy[R_WRIST], confidence[R_WRIST] = np.nan, 0
    between = fill({0: (moved(),), 2: (replace(hidden, xy_px=xy, confidence=confidence),)},
                   [0.0, 0.1, 0.2])[1][0]  # fmt: skip
    assert np.isnan(between.xy_px[R_WRIST]).all()
    assert between.confidence[R_WRIST] == 0
    assert np.isfinite(between.xy_px[NECK]).all()


def test_nothing_that_needs_a_look_is_filled():
    between = fill({0: (moved(),), 2: (moved(10),)}, [0.0, 0.1, 0.2])[1][0]
    assert np.isnan(between.outline_px).all()
    assert np.isnan(between.turn_deg)


def test_deviation_is_in_trunk_lengths():
    trunk_px = np.linalg.norm(moved().xy_px[NECK] - moved().xy_px[[8, 11]].mean(0))
    off = deviation((moved(5, 0.1 * trunk_px),), (moved(),), (moved(10),), [0.0, 0.1, 0.2])
    assert off == pytest.approx(0.1, abs=1e-3)


def test_a_person_that_one_look_lacks_is_infinitely_far():
    assert deviation((moved(),), (moved(),), (), [0.0, 0.1, 0.2]) == float("inf")


def test_who_is_mostly_guessed_does_not_count():
    ghost = replace(moved(50), confidence=np.full(15, 0.2, np.float32))
    assert deviation((ghost,), (), (), [0.0, 0.1, 0.2]) == 0
