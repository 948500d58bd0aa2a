"""Reps timed by the bar: hands behind plates are misplaced, plates are not."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.bar.path import track_bar
from services.scorer.bar.plate_tracking import find_bar_plate
from services.scorer.bar.retime import retime_by_bar
from services.scorer.observe import observe_lifters
from services.scorer.reps.find import find_reps
from shared.data.analysis import Partial
from shared.data.defaults import PLATE_MM, SMOOTH_HZ
from shared.data.skeleton import L_WRIST, R_WRIST
from synthetic import Lift, render_poses, reps_s

LIFT = Lift(reps=2, fps=30, view="side")


@pytest.fixture(scope="module")
def lift():
    return lift_of(LIFT)


def test_plate_times_the_lockout_where_hands_creep_up(lift):
    xy = lift.motion.xy_px.copy()
    for rep in lift.reps:
        rows = np.arange(rep.top, rep.lower + 1)
        creep_px = np.linspace(0, 0.15, len(rows)) * lift.motion.trunk_length_px
        xy[rows[:, None], [L_WRIST, R_WRIST], 1] -= creep_px[:, None]
    motion = replace(lift.motion, xy_px=xy)
    by_hands = find_reps(motion)
    by_bar = retime_by_bar(by_hands, lift.bar, motion)
    for hands, bar, true in zip(by_hands, by_bar, reps_s(LIFT), strict=True):
        assert motion.time_s[hands.top] - true.top_s > 0.2
        assert motion.time_s[bar.top] == pytest.approx(true.top_s, abs=0.15)
        assert motion.time_s[bar.start] == pytest.approx(true.start_s, abs=0.3)


def test_reps_without_plates_keep_the_hands_times(lift):
    bare = track_bar(
        lift.motion, find_bar_plate(lift.motion, [()] * len(lift.motion)), PLATE_MM, 0.0, SMOOTH_HZ
    )
    assert retime_by_bar(lift.reps, bare, lift.motion) == lift.reps


def test_plate_that_is_only_seen_while_it_moves_times_nothing(lift):
    motion = lift.motion
    seen = np.zeros(len(motion), bool)
    for rep in lift.reps:
        seen[(rep.start + rep.top) // 2] = seen[(rep.lower + rep.end) // 2] = True
    by_hands = find_reps(motion)
    late = replace(lift.bar, seen=seen, xy_px=np.roll(lift.bar.xy_px, 5, axis=0))
    assert retime_by_bar(by_hands, late, motion) == by_hands
    shifted = retime_by_bar(by_hands, replace(late, seen=np.ones_like(seen)), motion)
    assert [rep.top for rep in shifted] != [rep.top for rep in by_hands]


def test_plates_with_shadows_leave_the_rep_whole(lift):
    """The first sighting is lower than the plate lies, and far too large."""
    plates = list(observe_lifters(render_poses(LIFT))[0].plates)
    for row in range(0, len(plates), 3):
        [plate] = plates[row]
        plates[row] = (replace(plate, half_height_px=1.06 * plate.half_height_px),)
    [plate] = plates[0]
    low_px = 0.07 * lift.motion.trunk_length_px
    plates[0] = (
        replace(plate, y_px=plate.y_px + low_px, half_height_px=1.1 * plate.half_height_px),
    )
    bar = track_bar(lift.motion, find_bar_plate(lift.motion, plates), PLATE_MM, 0.0, SMOOTH_HZ)
    [first, _] = retime_by_bar(find_reps(lift.motion), bar, lift.motion)
    assert first.partial is Partial.WHOLE
    assert lift.motion.time_s[first.start] == pytest.approx(reps_s(LIFT)[0].start_s, abs=0.3)


def test_rep_timed_by_hands_ends_before_the_next_one_timed_by_the_bar(lift):
    first, second = lift.reps
    touch_and_go = (replace(first, end=second.start), second)
    seen = np.arange(len(lift.motion)) >= second.start - 20
    early = replace(lift.bar, seen=seen, xy_px=np.roll(lift.bar.xy_px, -4, axis=0))
    before, after = retime_by_bar(touch_and_go, early, lift.motion)
    assert after.start < second.start
    assert before == replace(first, end=after.start)
