"""A rounded back: its outline against the upright one, the view, and the head as a second sign."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.faults import Measurement, NotMeasured, RoundedBack, judge, rep_views
from synthetic import Lift


def with_angles(lift, **changes):
    return replace(lift, kinematics=replace(lift.kinematics, **changes))


def without_outline(lift, is_hidden):
    flexion = lift.kinematics.back_flexion.copy()
    flexion[is_hidden] = np.nan
    return with_angles(lift, back_flexion=flexion)


def lockouts(lift):
    rows = np.concatenate([rep.lockout for rep in rep_views(lift)])
    return np.isin(np.arange(len(lift.motion)), rows)


def hanging(lift, by_deg):
    return with_angles(lift, head_tilt=lift.kinematics.head_tilt - by_deg)


def test_upright_outline_from_elsewhere_serves_where_no_lockout_shows_it():
    lift = lift_of(Lift(view="side"))
    hidden = without_outline(lift, lockouts(lift))
    [seen, from_elsewhere] = [RoundedBack().evaluate(rep_views(one)[0]) for one in (lift, hidden)]
    assert isinstance(from_elsewhere, Measurement)
    assert from_elsewhere.value == pytest.approx(seen.value, abs=5)


def test_a_bend_beyond_the_threshold_needs_no_upright_outline():
    rounded = lift_of(Lift(view="side", fault="rounded_back", severity=45))
    hidden = without_outline(rounded, rounded.kinematics.trunk_lean < 25)
    assert [(one.kind, one.rep) for one in judge(hidden, [RoundedBack()])[0]] == [
        ("rounded_back", rep) for rep in (1, 2, 3)
    ]


def test_without_an_upright_outline_a_smaller_bend_is_not_judged():
    flat = lift_of(Lift(view="side"))
    hidden = without_outline(flat, flat.kinematics.trunk_lean < 25)
    found, (not_judged,) = judge(hidden, [RoundedBack()])
    assert found == ()
    assert "upright back is not seen" in not_judged.reason


def test_head_that_hangs_lowers_the_threshold():
    lift = lift_of(Lift(view="side", fault="rounded_back", severity=25))
    plain, lowered = (
        RoundedBack().evaluate(rep_views(one)[0]) for one in (lift, hanging(lift, 60))
    )
    assert plain.excess < 0 < lowered.excess
    assert lowered.value == plain.value
    assert lowered.threshold == RoundedBack().min_threshold_deg


def test_head_that_hangs_is_no_fault_by_itself():
    assert judge(hanging(lift_of(Lift(view="side")), 60), [RoundedBack()])[0] == ()


def test_guessed_head_changes_nothing():
    lift = hanging(lift_of(Lift(view="side")), 60)
    motion = replace(lift.motion, confidence=np.full_like(lift.motion.confidence, 0.3))
    measured = RoundedBack().evaluate(rep_views(replace(lift, motion=motion))[0])
    assert measured.threshold == RoundedBack().threshold_deg


def test_threshold_is_higher_far_off_the_side():
    thresholds = [
        RoundedBack().evaluate(rep_views(lift_of(Lift(turn_deg=turn)))[0]).threshold
        for turn in (0.0, 25.0, 45.0)
    ]
    assert thresholds == pytest.approx([33.0, 33.0, 48.0], abs=0.1)


def test_no_outline_at_all_is_not_measured_however_far_the_head_hangs():
    lift = hanging(lift_of(Lift(view="side", fault="rounded_back", severity=45)), 60)
    blind = without_outline(lift, np.ones(len(lift.motion), bool))
    assert isinstance(RoundedBack().evaluate(rep_views(blind)[0]), NotMeasured)
