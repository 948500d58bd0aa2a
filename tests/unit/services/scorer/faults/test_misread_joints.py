"""Joints that are misread through a whole clip, or where the pull begins, make no fault."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.faults import BarDrifts, LeaningBack, judge, rep_views
from services.scorer.motion.kinematics import compute_kinematics
from shared.data.analysis import Style
from shared.data.skeleton import L_ANKLE, R_ANKLE
from synthetic import Lift

WITH_STANDING = Lift(reps=2, view="side", walk_in=True)


def leaning_back_by(lift, deg):
    """The same lift, with a trunk that is read too far back in every frame."""
    angles = lift.kinematics
    return replace(lift, kinematics=replace(angles, trunk_lean=angles.trunk_lean - deg))


def test_lean_that_the_standing_lifter_shows_as_well_is_no_fault():
    lift = leaning_back_by(lift_of(WITH_STANDING), 12)
    assert judge(lift, [LeaningBack()])[0] == ()


def test_where_the_lifter_is_not_seen_to_stand_the_lean_counts_in_full():
    lift = leaning_back_by(lift_of(Lift(reps=2, view="side")), 12)
    assert [one.rep for one in judge(lift, [LeaningBack()])[0]] == [1, 2]


def test_standing_with_the_bar_before_a_romanian_set_is_no_reference():
    lift = leaning_back_by(lift_of(WITH_STANDING), 12)
    romanian = replace(lift, style=Style.ROMANIAN)
    assert [one.rep for one in judge(romanian, [LeaningBack()])[0]] == [1, 2]


def test_leaning_back_is_found_after_standing_upright():
    lift = lift_of(replace(WITH_STANDING, fault="leaning_back", severity=20))
    found, _ = judge(lift, [LeaningBack()])
    assert [one.value for one in found] == pytest.approx([20, 20], abs=3)


def test_standing_takes_off_at_most_a_networks_error():
    lift = leaning_back_by(lift_of(WITH_STANDING), 40)
    measured = LeaningBack().evaluate(rep_views(lift)[0])
    assert measured.value == pytest.approx(40 - LeaningBack().max_standing_deg, abs=4)


def test_feet_that_jump_where_the_pull_begins_give_no_drift():
    lift = lift_of(Lift(view="side", fault="bar_drifts", severity=0.22))
    assert {one.kind for one in judge(lift, [BarDrifts()])[0]} == {"bar_drifts"}
    xy = lift.motion.xy_px.copy()
    for rep in rep_views(lift):
        early = rep.pull[: len(rep.pull) // 4]
        rows = np.union1d(rep.setup, early)[:, None]
        xy[rows, [L_ANKLE, R_ANKLE], 0] += 0.25 * lift.motion.trunk_length_px
    motion = replace(lift.motion, xy_px=xy)
    jumping = replace(lift, motion=motion, kinematics=compute_kinematics(motion))
    found, (not_judged,) = judge(jumping, [BarDrifts()])
    assert found == ()
    assert "seem to move" in not_judged.reason
