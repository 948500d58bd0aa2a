"""When what happens in a set: reps, cut clips, walking up, a second lifter."""

import numpy as np
import pytest

from shared.data.skeleton import R_HIP
from synthetic import Lift, reps_s, second_of, truth


@pytest.mark.parametrize("fps", [10, 30, 120])
def test_bar_rises_three_times_at_any_frame_rate(fps):
    lift = Lift(fps=fps)
    heights = lift.timing.bar_progress(np.arange(lift.frames) / fps)
    assert (np.diff((heights > 0.5).astype(int)) == 1).sum() == 3
    assert heights[0] == heights[-1] == 0
    assert heights.max() == 1


def test_times_outside_a_cut_clip_are_nan():
    start, end = (reps_s(Lift(partial=where)) for where in ("start", "end"))
    assert np.isnan(start[0].start_s)
    assert start[0].top_s > 0
    assert np.isfinite(end[-1].start_s)
    assert np.isnan([end[-1].top_s, end[-1].end_s]).all()


def test_bar_stays_on_the_floor_while_the_lifter_walks_up():
    lift = Lift(reps=1, fps=20, walk_in=True, turn_deg=0.0)
    frames = list(truth(lift))
    begin = round(reps_s(lift)[0].start_s * lift.fps)
    heights = np.array([frame.lifter.bar_px[1] for frame in frames[:begin]])
    hips = np.array([frame.lifter.joints_px[R_HIP, 0] for frame in frames])
    assert np.ptp(heights) < 0.1
    assert np.ptp(hips) > 150
    assert {f.lifter.phase for f in frames} == {"rest", "setup", "pull", "lockout", "lower"}


def test_second_lifter_lifts_at_another_rhythm():
    lift = Lift(fps=20, second_lifter=True)
    own = reps_s(second_of(lift))
    second = np.array([frame.people[1].bar_progress for frame in truth(lift)])
    ups = np.flatnonzero(np.diff((second > 0.5).astype(int)) == 1) / lift.fps
    assert len(ups) == len(own)
    for up, rep in zip(ups, own, strict=True):
        assert rep.start_s < up < rep.top_s
    first = np.array([frame.lifter.bar_progress for frame in truth(lift)])
    assert np.corrcoef(first, second)[0, 1] < 0.7


def test_bystanders_never_lift():
    for frame in truth(Lift(reps=1, fps=10, bystanders=4)):
        assert all(np.isnan(person.bar_px).all() for person in frame.people[1:])
