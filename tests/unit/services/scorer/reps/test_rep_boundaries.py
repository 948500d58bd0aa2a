"""When a repetition's parts begin and end: by the plate where that is seen."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lifted_of
from services.scorer.bar.bar import track_bar

from services.scorer.reps.find import find_reps
from services.scorer.reps.rep_boundaries import retime_by_bar
from shared.data.skeleton import L_WRIST, R_WRIST
from synthetic import Lift, render_poses, reps_s

LIFT = Lift(reps=2, fps=30, view="side")


@pytest.fixture(scope="module")
def lifted():
    return lifted_of(LIFT)[0]


def crept(lifted):
    """The motion with hands that creep upwards while the bar is held."""
    motion = lifted.motion
    xy = motion.xy_px.copy()
    for rep in lifted.reps:
        rows = np.arange(rep.top, rep.lower + 1)
        drift = np.linspace(0, 0.15, len(rows)) * motion.trunk_length_px
        xy[rows[:, None], [L_WRIST, R_WRIST], 1] -= drift[:, None]
    return replace(motion, xy_px=xy)


def test_the_plate_tells_the_lockout_where_hands_creep(lifted):
    motion = crept(lifted)
    by_hands = find_reps(motion)
    by_bar = retime_by_bar(by_hands, lifted.bar, motion)
    for hands, bar, true in zip(by_hands, by_bar, reps_s(LIFT), strict=True):
        assert motion.time_s[hands.top] - true.top_s > 0.2
        assert motion.time_s[bar.top] == pytest.approx(true.top_s, abs=0.15)
        assert motion.time_s[bar.start] == pytest.approx(true.start_s, abs=0.3)


def test_without_plates_the_hands_times_stay(lifted):
    bare = track_bar(lifted.motion, [np.zeros((0, 5), np.float32)] * len(lifted.motion), 450, 0, 5)
    assert not bare.seen.any()
    assert retime_by_bar(lifted.reps, bare, lifted.motion) == lifted.reps


def test_a_plate_is_followed_where_the_hands_are_misplaced():
    plates = [frame.plates_px for frame in render_poses(LIFT, 0.0)]
    motion = lifted_of(LIFT)[0].motion
    [first, _] = find_reps(motion)
    xy = motion.xy_px.copy()
    wrong = slice(first.top + 2, first.top + 8)
    xy[wrong, [L_WRIST, R_WRIST], 1] -= 0.5 * motion.trunk_length_px
    usual = track_bar(motion, plates, 450, 0, 5.0)
    jumped = track_bar(replace(motion, xy_px=xy), plates, 450, 0, 5.0)
    assert usual.seen[wrong].all()
    assert jumped.seen[wrong].all()
    assert np.abs(jumped.xy_px - usual.xy_px).max() < 0.05 * motion.trunk_length_px


def test_a_plate_that_is_seen_with_its_shadow_is_not_the_bars_place():
    plates = [frame.plates_px.copy() for frame in render_poses(LIFT, 0.0)]
    motion = lifted_of(LIFT)[0].motion
    for seen in plates[::3]:
        seen[:, 3] *= 1.06
    plates[0][:, 1] += 0.07 * motion.trunk_length_px  # lower than where it lies, and far too large
    plates[0][:, 3] *= 1.1
    bar = track_bar(motion, plates, 450, 0, 5.0)
    assert not bar.seen[0]
    [first, _] = retime_by_bar(find_reps(motion), bar, motion)
    assert first.partial == ""
    assert motion.time_s[first.start] == pytest.approx(reps_s(LIFT)[0].start_s, abs=0.3)


def test_hands_that_are_put_too_low_where_the_clip_begins_begin_no_repetition(lifted):
    motion = lifted.motion
    xy = motion.xy_px.copy()
    xy[0, [L_WRIST, R_WRIST], 1] += 0.06 * motion.trunk_length_px
    [first, _] = find_reps(replace(motion, xy_px=xy))
    assert first.partial == ""
    assert motion.time_s[first.start] == pytest.approx(reps_s(LIFT)[0].start_s, abs=0.3)
