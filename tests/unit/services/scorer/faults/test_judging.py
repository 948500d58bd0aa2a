"""Confidence of a fault: guessed joints and single reps count for less."""

from dataclasses import replace

import pytest
from lifted import lift_of

from services.scorer.faults import judge
from shared.data.skeleton import L_ELBOW, L_WRIST, R_ELBOW, R_WRIST
from synthetic import Lift


def arms_seen_with(confidence):
    def change(person):
        changed = person.confidence.copy()
        changed[[L_ELBOW, R_ELBOW, L_WRIST, R_WRIST]] = confidence
        return replace(person, confidence=changed)

    return change


@pytest.mark.parametrize(
    ("severity", "confidence", "count"),
    [
        (38, 0.95, 3),
        (34, 0.3, 0),  # below the threshold of hidden hands
        (39, 0.3, 3),  # beyond it: hidden hands cost no further confidence
        (43, 0.22, 0),
    ],
)
def test_arms_that_are_guessed_must_be_bent_further(severity, confidence, count):
    rendered = Lift(fault="bent_arms", severity=severity, view="side")
    found, not_judged = judge(lift_of(rendered, change=arms_seen_with(confidence)))
    assert [one.kind for one in found] == ["bent_arms"] * count
    reasons = [one.reason for one in not_judged if one.kind == "bent_arms"]
    assert reasons == (["the hands are not seen clearly enough"] if confidence < 0.25 else [])


def test_threshold_of_hidden_hands_is_quoted_where_it_is_used():
    rendered = Lift(fault="bent_arms", severity=60, view="side")
    for confidence, threshold in ((0.95, 30), (0.3, 37)):
        found, _ = judge(lift_of(rendered, change=arms_seen_with(confidence)))
        assert {round(one.threshold * 0.985) for one in found} == {threshold}
        for one in found:
            assert f"more than {one.threshold:.1f}° short of straight" in one.reason


def test_fault_in_one_of_many_reps_is_less_certain():
    lift = lift_of(Lift(view="side", reps=6))
    lean = lift.kinematics.trunk_lean.copy()
    rep = lift.reps[2]
    lean[rep.start : rep.start + 8] += 22
    found, _ = judge(replace(lift, kinematics=replace(lift.kinematics, trunk_lean=lean)))
    once = [one for one in found if one.kind == "hips_shoot_up"]
    assert [one.rep for one in once] == [3]
    always, _ = judge(lift_of(Lift(view="side", reps=6, fault="hips_shoot_up", severity=22)))
    assert once[0].confidence < min(one.confidence for one in always) - 0.2


def test_oblique_view_lowers_confidence_by_a_quarter_at_50_degrees():
    rendered = Lift(fault="incomplete_lockout", severity=60)
    for turn_deg, confidence in ((0.0, 1.0), (49.9, 0.75)):
        found, _ = judge(lift_of(replace(rendered, turn_deg=turn_deg)))
        told = [one.confidence for one in found if one.kind == rendered.fault]
        assert told == pytest.approx([confidence] * 3, abs=0.01)
