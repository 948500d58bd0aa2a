"""Standing up without the bar is no rep, where plates show that it stays on the floor."""

import pytest
from lifted import lift_of

from services.scorer.bar.idle_bar import drop_reps_without_bar
from services.scorer.bar.plate_tracking import find_bar_plate
from services.scorer.observe import observe_lifters
from services.scorer.reps.find import find_reps
from synthetic import Lift, render_poses


def plates_of(lift):
    return observe_lifters(render_poses(lift))[0].plates


@pytest.mark.parametrize("view", ["side", "oblique"])
def test_walking_in_and_away_is_no_rep(view):
    lift = Lift(reps=3, view=view, walk_in=True)
    motion = lift_of(lift, noise_px=1.0).motion
    rises = find_reps(motion)
    assert (
        drop_reps_without_bar(motion, find_bar_plate(motion, plates_of(lift)), rises) == rises[:3]
    )
    if view == "side":
        assert len(rises) > 3  # the lifter stands up afterwards, without the bar


def test_without_plates_every_rise_stays():
    lift = Lift(reps=2, view="side", walk_in=True)
    motion = lift_of(lift, noise_px=1.0).motion
    rises = find_reps(motion)
    assert drop_reps_without_bar(motion, find_bar_plate(motion, [()] * len(motion)), rises) == rises


def test_plates_that_hang_in_a_rack_drop_no_rep():
    lift = Lift(reps=2, view="side")
    motion = lift_of(lift).motion
    plates = plates_of(lift)
    racked = [(*seen, *plates[0]) for seen in plates]  # one where the bar lay, all through
    rises = find_reps(motion)
    assert drop_reps_without_bar(motion, find_bar_plate(motion, racked), rises) == rises


def test_bar_seen_at_rest_in_too_few_frames_drops_no_rep():
    lift = Lift(reps=2, view="side", walk_in=True)
    motion = lift_of(lift, noise_px=1.0).motion
    rises = find_reps(motion)
    last = rises[-1]
    rarely = [
        () if last.start <= row <= last.top and row % 2 else seen
        for row, seen in enumerate(plates_of(lift))
    ]
    assert len(drop_reps_without_bar(motion, find_bar_plate(motion, plates_of(lift)), rises)) == 2
    assert drop_reps_without_bar(motion, find_bar_plate(motion, rarely), rises) == rises
