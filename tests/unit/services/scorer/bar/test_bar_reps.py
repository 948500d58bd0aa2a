"""Repetitions of rendered sets that the bar shows and the hands or the whole body do not."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import changed, observed

from shared.data.analysis import Partial
from shared.data.skeleton import L_ELBOW, L_WRIST, NECK, R_ELBOW, R_WRIST
from synthetic import Lift, render_poses, reps_s
from synthetic.exercises import EXERCISES

HANDS = [L_WRIST, R_WRIST]
ARMS = [L_ELBOW, R_ELBOW, *HANDS]


def hide(*joints):
    def change(_, xy, confidence):
        xy[list(joints)], confidence[list(joints)] = np.nan, 0

    return change


def without_people(frames, begin_s, end_s):
    """The frames, with nobody in some of them."""
    return [
        replace(frame, people=()) if begin_s <= frame.time_s <= end_s else frame for frame in frames
    ]


def assert_timed(lift, found):
    times = found.motion.time_s
    for rep, true in zip(found.reps, reps_s(lift), strict=True):
        np.testing.assert_allclose(
            times[[rep.start, rep.top]], [true.start_s, true.top_s], atol=0.3
        )


@pytest.mark.parametrize("view", ["side", "oblique"])
@pytest.mark.parametrize("joints", [ARMS, [*ARMS, NECK], range(15)])
def test_the_bar_counts_reps_with_covered_hands_or_body(view, joints):
    lift = Lift(reps=3, fps=20, view=view)
    first, *_ = reps_s(lift)
    frames = render_poses(lift, noise_px=1.0)
    covered = changed(frames, hide(*joints))
    rows = [n for n, frame in enumerate(frames) if frame.time_s > first.start_s - 0.3]
    found = observed(frames[: rows[0]] + covered[rows[0] :])
    assert [rep.partial for rep in found.reps] == [Partial.WHOLE] * 3
    assert_timed(lift, found)
    assert [rep.body_seen for rep in found.reps] == [NECK not in joints] * 3


def test_a_rep_in_which_nobody_is_found_is_counted():
    lift = Lift(reps=3, fps=20, view="side")
    second = reps_s(lift)[1]
    frames = without_people(render_poses(lift), second.start_s - 0.1, second.end_s + 0.1)
    found = observed(frames)
    assert_timed(lift, found)
    assert [rep.body_seen for rep in found.reps] == [True, False, True]


def test_hands_that_are_misplaced_do_not_outvote_the_bar():
    """As where a network sees the hands at the plate of another bar for a while."""
    lift = Lift(reps=3, fps=20, view="side")
    second = reps_s(lift)[1]
    middle_s = (second.start_s + second.top_s) / 2

    def jump(frame, xy, _):
        if second.start_s - 0.3 < frame.time_s < middle_s:
            xy[ARMS, 1] -= 0.9 * (xy[HANDS, 1].mean() - xy[NECK, 1])

    found = observed(changed(render_poses(lift), jump))
    assert_timed(lift, found)


@pytest.mark.parametrize("view", ["side", "oblique"])
@pytest.mark.parametrize("hidden", [[], ARMS, [*ARMS, NECK]])
@pytest.mark.parametrize("exercise", [*EXERCISES, "walking"])
def test_a_bar_in_other_lifts_makes_no_rep(exercise, hidden, view):
    """Not even where hands or neck are not seen: the plate is on the neck or in the hands."""
    lift = Lift(reps=2, fps=20, view=view, exercise=exercise)
    plate = render_poses(Lift(reps=1, fps=20, view=view))[0].plates[0]
    frames = []
    for frame in render_poses(lift):
        xy = frame.people[0].xy_px
        x, y = xy[NECK] if exercise in ("squat", "good_morning") else xy[HANDS].mean(0)
        frames.append(replace(frame, plates=(replace(plate, x_px=float(x), y_px=float(y)),)))
    assert observed(changed(frames, hide(*hidden))).reps == ()


@pytest.mark.parametrize("view", ["side", "oblique"])
def test_a_reversed_set_has_as_many_reps(view):
    frames = render_poses(Lift(reps=3, fps=20, view=view), noise_px=1.0)
    back = [
        replace(frame, index=n, time_s=frames[n].time_s) for n, frame in enumerate(frames[::-1])
    ]
    assert len(observed(back).reps) == 3


def test_a_plate_that_is_rolled_or_bounces_makes_no_rep():
    """Where nobody is seen, only what rises as far as a lifted bar counts."""
    lift = Lift(reps=2, fps=20, view="side")
    last = reps_s(lift)[1]
    frames = without_people(render_poses(lift), last.start_s - 0.3, last.end_s + 9)
    times = [frame.time_s for frame in frames]
    lies = next(frame for frame in frames if frame.time_s >= last.start_s - 0.3).plates
    moved = []
    for frame in frames:
        if frame.people:
            moved.append(frame)
            continue
        away_s = frame.time_s - last.start_s + 0.3
        bounce = abs(np.sin(3 * away_s)) * 1.0
        plates = tuple(
            replace(
                plate,
                x_px=plate.x_px + 40 * away_s,
                y_px=plate.y_px - bounce * plate.half_height_px,
            )
            for plate in lies
        )
        moved.append(replace(frame, plates=plates))
    assert len(times) == len(moved)
    assert len(observed(moved).reps) == 1
