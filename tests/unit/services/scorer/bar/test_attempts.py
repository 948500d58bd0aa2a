"""Failed attempts of rendered sets, and what is none."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import observed

from shared.data.analysis import Failure
from synthetic import Lift, render_poses, reps_s


def failures(lift):
    return [attempt.failure for attempt in lift.attempts]


@pytest.mark.parametrize("fails_at", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("view", ["side", "oblique"])
def test_a_pull_without_lockout_is_told_and_not_counted(view, fails_at):
    lift = Lift(reps=3, fps=20, view=view, fails_at=fails_at)
    found = observed(render_poses(lift, noise_px=1.0))
    assert len(found.reps) == len(reps_s(lift)) == 2
    assert failures(found) == [Failure.NO_LOCKOUT]
    begin_s = found.motion.time_s[found.attempts[0].start]
    np.testing.assert_allclose(begin_s, lift.timing.whole_reps[2].start_s, atol=0.35)


def test_a_single_failed_pull_is_an_attempt():
    found = observed(render_poses(Lift(reps=1, fps=20, view="side", fails_at=0.5)))
    assert found.reps == ()
    assert failures(found) == [Failure.NO_LOCKOUT]
    assert found.refusal == ""


def test_from_the_front_a_short_pull_is_an_attempt():
    """The hips' angle is not seen there, but the others of the set are higher."""
    found = observed(render_poses(Lift(reps=3, fps=20, view="front", fails_at=0.7)))
    assert len(found.reps) == 2
    assert failures(found) == [Failure.NO_LOCKOUT]


def without_pull(lift):
    """A set with its only pull cut out: the lifter bends to the bar and stands up without it."""
    rep = reps_s(lift)[0]
    frames = render_poses(lift)
    kept = [f for f in frames if not rep.start_s - 0.1 <= f.time_s <= rep.end_s + 0.1]
    return [replace(f, index=n, time_s=n / lift.fps) for n, f in enumerate(kept)]


def test_a_bar_that_does_not_leave_the_floor_is_told():
    found = observed(without_pull(Lift(reps=1, fps=20, view="side", walk_in=True)))
    assert found.reps == ()
    assert failures(found) == [Failure.NOT_LIFTED]


@pytest.mark.parametrize("fault", ["incomplete_lockout", "hitching", "hips_shoot_up", "bent_arms"])
def test_faulty_reps_are_no_attempts(fault):
    severity = {"incomplete_lockout": 30, "hitching": 0.8, "hips_shoot_up": 16, "bent_arms": 30}
    lift = Lift(reps=3, fps=20, view="side", fault=fault, severity=severity[fault])
    found = observed(render_poses(lift, noise_px=1.0))
    assert len(found.reps) == 3
    assert found.attempts == ()


@pytest.mark.parametrize("view", ["side", "oblique", "front"])
@pytest.mark.parametrize("options", [{}, {"style": "romanian"}, {"style": "sumo"}])
def test_walking_in_and_whole_reps_are_no_attempts(view, options):
    frames = render_poses(Lift(reps=2, fps=20, view=view, walk_in=True, **options), noise_px=1.0)
    found = observed(frames)
    assert found.attempts == ()


def bobbed(frames, begin_s, end_s, rise_px):
    """The frames, with a lifter whose body goes up and down in some, and a bar that rolls."""
    out = []
    for frame in frames:
        if not begin_s <= frame.time_s <= end_s:
            out.append(frame)
            continue
        part = np.sin(np.pi * 3 * (frame.time_s - begin_s) / (end_s - begin_s))
        people = []
        for person in frame.people:
            xy = person.xy_px.copy()
            xy[:3, 1] -= rise_px * part
            xy[[8, 9, 11, 12, 14], 1] -= rise_px * part
            people.append(replace(person, xy_px=xy))
        plates = tuple(replace(one, x_px=one.x_px + 20 * part) for one in frame.plates)
        out.append(replace(frame, people=tuple(people), plates=plates))
    return out


def test_hips_that_bob_and_a_bar_that_rolls_are_no_attempt():
    lift = Lift(reps=1, fps=20, view="side", delay_s=3.0)
    found = observed(bobbed(render_poses(lift), 0.5, 3.0, rise_px=60))
    assert len(found.reps) == 1
    assert found.attempts == ()
