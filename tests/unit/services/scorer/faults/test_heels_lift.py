"""Soles: what tells a lifted heel, and what only looks like one."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.faults import judge
from services.scorer.motion.kinematics import compute_kinematics
from shared.data.skeleton import R_KNEE
from synthetic import Lift


def test_soles_seen_for_a_moment_do_not_show_heels_down():
    lift = Lift(view="side", reps=1)
    [rep] = lift_of(lift).reps
    number = iter(range(lift.frames))

    def at_lockout(person):
        seen = next(number) >= rep.top - 3
        return person if seen else replace(person, sole_px=np.full_like(person.sole_px, np.nan))

    found, not_judged = judge(lift_of(lift, change=at_lockout))
    assert found == ()
    assert [one.reason for one in not_judged] == ["the soles are not seen during the pull"]


def test_rim_of_a_plate_is_no_sole():
    def rim_where_the_foot_is_hidden(person):
        if np.isfinite(person.sole_px).all():
            return person
        knee = person.xy_px[R_KNEE]
        sole = knee + [[-60, -15], [20, 30]]  # steep, and far above the floor
        return replace(person, sole_px=sole.astype(np.float32))

    lift = lift_of(Lift(view="side"), change=rim_where_the_foot_is_hidden)
    assert np.isnan(lift.kinematics.foot_pitch[[rep.start for rep in lift.reps]]).all()
    assert judge(lift)[0] == ()


def test_flat_foot_is_that_of_the_main_shot():
    motion = lift_of(Lift(view="side", fps=10)).motion
    other = np.arange(len(motion)) >= len(motion) // 2
    sloped = np.where(other, -25.0, motion.sole_deg)
    pitch = compute_kinematics(replace(motion, sole_deg=sloped, main=~other)).foot_pitch
    assert np.nanmax(np.abs(pitch[~other])) < 4


def test_lifter_who_walks_to_the_camera_keeps_the_sets_soles():
    lift = Lift(view="side", fault="heels_lift", severity=25, reps=2, walk_in=True)
    trunk_px = lift_of(lift).motion.trunk_length_px
    seconds = iter(np.arange(lift.frames) / lift.fps)

    def nearer(person):
        lower = 0.4 * trunk_px * (next(seconds) > lift.duration_s - 2)
        return replace(person, sole_px=(person.sole_px + (0, lower)).astype(np.float32))

    found, _ = judge(lift_of(lift, change=nearer))
    assert [one.rep for one in found if one.kind == "heels_lift"] == [1, 2]


def test_heels_up_all_through_a_clip_are_told_by_the_floor():
    def on_tiptoe(person):
        heel, toe = person.sole_px
        ahead = abs(float(toe[0] - heel[0]))
        raised = np.stack([[heel[0], toe[1] - np.tan(np.radians(30)) * ahead], toe])
        return replace(person, sole_px=raised.astype(np.float32))

    found, _ = judge(lift_of(Lift(view="side"), change=on_tiptoe))
    assert {one.kind for one in found} == {"heels_lift"}
    assert [one.value for one in found] == pytest.approx([20] * 3, abs=1.5)
