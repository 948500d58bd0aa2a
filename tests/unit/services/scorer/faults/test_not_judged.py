"""What a clip does not show is not judged, and the reason is given."""

from dataclasses import replace

import numpy as np
import pytest
from injected_faults import INJECTED
from lifted import lift_of

from services.scorer.faults import DEFAULT_RULES, judge
from synthetic import Lift

KINDS = {rule.kind for rule in DEFAULT_RULES}


def test_from_the_front_only_hitching_is_judged():
    found, not_judged = judge(lift_of(Lift(view="front", fault="rounded_back", severity=45)))
    assert found == ()
    assert {one.kind for one in not_judged} >= KINDS - {"hitching"}
    [back] = [one for one in not_judged if one.kind == "rounded_back"]
    assert "85° off the side" in back.reason
    assert back.reps == ()


def no_outline(person):
    return replace(person, outline_px=np.full_like(person.outline_px, np.nan))


def no_feet(person):
    return replace(person, sole_px=np.full((2, 2), np.nan))


@pytest.mark.parametrize(
    ("change", "kind"), [(no_outline, "rounded_back"), (no_feet, "heels_lift")]
)
def test_what_is_not_seen_is_not_judged(change, kind):
    lift = Lift(fault=kind, severity=INJECTED[kind][0][1], view="side")
    found, not_judged = judge(lift_of(lift, change=change))
    assert found == ()
    (one,) = not_judged
    assert one.kind == kind
    assert "not seen" in one.reason


def test_drift_is_not_judged_where_too_little_of_it_shows():
    found, not_judged = judge(lift_of(Lift(turn_deg=45.0, fault="bar_drifts", severity=0.22)))
    assert found == ()
    [drift] = [one for one in not_judged if one.kind == "bar_drifts"]
    assert "45° off the side" in drift.reason


def test_rep_that_begins_before_the_clip_has_no_start_to_judge():
    lift = lift_of(Lift(view="side", partial="start", fault="stiff_legged", severity=68))
    found, _ = judge(lift)
    whole = {n for n, rep in enumerate(lift.reps, 1) if not rep.partial}
    assert {one.rep for one in found} == whole


def test_reps_that_are_not_judged_are_named():
    _, not_judged = judge(lift_of(Lift(view="side", partial="start")))
    assert [one.reps for one in not_judged if one.kind == "stiff_legged"] == [(1,)]


def test_pull_that_the_clip_cuts_off_has_no_lockout_to_judge():
    found, not_judged = judge(lift_of(Lift(view="side", partial="end")))
    assert "incomplete_lockout" not in {one.kind for one in found}
    assert [one.reps for one in not_judged if one.kind == "incomplete_lockout"] == [(3,)]


@pytest.mark.parametrize(("frames", "is_judged"), [(2, False), (12, True)])
def test_a_lockout_is_judged_where_the_clip_goes_on_after_it(frames, is_judged):
    """Of a clip that ends with the lift, one copy shows that the bar sinks again, another not."""
    lift = lift_of(Lift(reps=1, view="side", fault="incomplete_lockout", severity=40))
    [rep] = lift.reps
    after = np.arange(len(lift.motion)) > rep.top + frames
    motion = replace(lift.motion, shot=after.astype(np.int64))
    cut = replace(lift, motion=motion, reps=(replace(rep, lower=rep.top, end=rep.top + frames),))
    found, not_judged = judge(cut)
    assert ("incomplete_lockout" in {one.kind for one in found}) is is_judged
    assert ("incomplete_lockout" in {one.kind for one in not_judged}) is not is_judged


def test_without_reps_no_rule_judges():
    found, not_judged = judge(replace(lift_of(Lift(view="side")), reps=()))
    assert found == ()
    assert {one.kind for one in not_judged} == KINDS
