"""Rises of the hands that are no lifts: without shoulders, without hips, walking, too slow."""

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.reps.find import find_reps
from services.scorer.reps.lift_criteria import is_lift
from shared.data.skeleton import L_ANKLE, L_HIP, L_WRIST, NECK, R_ANKLE, R_HIP, R_WRIST
from synthetic import Lift

HANDS, HIPS, FEET = [L_WRIST, R_WRIST], [L_HIP, R_HIP], [L_ANKLE, R_ANKLE]


@pytest.fixture(scope="module")
def rise():
    """Joints in trunk lengths, times, the hands' height and the rep of a rendered pull."""
    motion = lift_of(Lift(reps=1, fps=30, view="side")).motion
    [rep] = find_reps(motion)
    xy = motion.xy_px / motion.trunk_length_px
    return xy, motion.time_s, -xy[:, HANDS, 1].mean(1), rep


def test_pull_is_a_lift(rise):
    assert is_lift(*rise)


@pytest.mark.parametrize(("shoulders", "is_expected"), [(0.2, False), (0.3, True)])
def test_rise_needs_a_quarter_of_it_in_the_shoulders(rise, shoulders, is_expected):
    """A curl, with hips that swing: their motion alone is no lift."""
    xy, time_s, height, rep = rise
    xy = np.broadcast_to(xy[:1], xy.shape).copy()
    xy[rep.top, NECK, 1] -= shoulders * (height[rep.top] - height[rep.start])
    assert is_lift(xy, time_s, height, rep) == is_expected


@pytest.mark.parametrize(("extension", "is_expected"), [(0.05, False), (0.07, True)])
def test_rise_needs_hips_that_extend(rise, extension, is_expected):
    """A shrug: neck and hips share a rise that is too small for either."""
    xy, time_s, height, rep = rise
    xy = np.broadcast_to(xy[:1], xy.shape).copy()
    xy[rep.top, NECK, 1] -= 2 * extension
    xy[rep.top, HIPS, 1] -= extension
    assert is_lift(xy, time_s, 0.35 * height, rep) == is_expected


def test_rise_while_the_feet_walk_is_no_lift(rise):
    xy, time_s, height, rep = rise
    for trunks, expected in ((0.3, True), (1.0, False)):
        walking = xy.copy()
        walking[:, :, 0] += trunks * ((time_s - time_s[rep.start]) / np.ptp(
            time_s[rep.start : rep.top + 1]
        ))[:, None]  # fmt: skip
        assert is_lift(walking, time_s, height, rep) == expected


def test_unseen_feet_refuse_no_lift(rise):
    xy, time_s, height, rep = rise
    hidden = xy.copy()
    hidden[:, FEET] = np.nan
    assert is_lift(hidden, time_s, height, rep)


def test_pull_of_more_than_twelve_seconds_is_no_lift(rise):
    xy, time_s, height, rep = rise
    duration_s = time_s[rep.top] - time_s[rep.start]
    assert is_lift(xy, time_s * 11 / duration_s, height, rep)
    assert not is_lift(xy, time_s * 13 / duration_s, height, rep)


def test_unseen_shoulders_show_no_lift(rise):
    xy, time_s, height, rep = rise
    assert not is_lift(np.full_like(xy, np.nan), time_s, height, rep)
