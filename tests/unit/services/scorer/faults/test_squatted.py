"""A squatted start is judged where thighs and shoulders agree."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.faults import DEFAULT_RULES, evaluate_rules, judge, rep_views
from services.scorer.faults.squatted import Squatted
from services.scorer.score.evidence import gather_evidence
from shared.data.skeleton import L_ELBOW, L_WRIST, R_ELBOW, R_WRIST
from synthetic import Lift

HANDS = [L_WRIST, R_WRIST, L_ELBOW, R_ELBOW]

#: How far the hands of a rendered set are moved ahead, pixels: a third of a trunk.
SHIFT_PX = 70.0

SQUATTED = Lift(reps=2, view="side", fault="squatted", severity=-3)
CORRECT = Lift(reps=2, view="side")


def with_hands_moved(lift, ahead_px):
    def moved(person):
        xy = person.xy_px.copy()
        xy[HANDS, 0] += ahead_px  # rendered lifters face right
        return replace(person, xy_px=xy)

    return lift_of(lift, change=moved)


def reasons(lift):
    _, not_judged = judge(lift)
    return [one.reason for one in not_judged if one.kind == "squatted"]


@pytest.mark.parametrize(
    ("lift", "ahead_px", "reason"),
    [
        (SQUATTED, -SHIFT_PX, "the thighs are low, but the shoulders are not behind the bar"),
        (CORRECT, SHIFT_PX, "the shoulders are behind the bar, but the thighs are not low"),
    ],
)
def test_shoulders_that_contradict_the_thighs_leave_it_open(lift, ahead_px, reason):
    contradictory = with_hands_moved(lift, ahead_px)
    assert reasons(lift_of(lift)) == []
    assert reasons(contradictory) == [reason]
    assert "squatted" not in {fault.kind for fault in judge(contradictory)[0]}


def test_off_the_side_the_thighs_alone_decide():
    oblique = with_hands_moved(replace(SQUATTED, turn_deg=40.0), -SHIFT_PX)
    assert reasons(oblique) == []
    assert [fault.kind for fault in judge(oblique)[0]] == ["squatted", "squatted"]


def test_unseen_hands_contradict_nothing():
    def without_hands(person):
        xy = person.xy_px.copy()
        xy[HANDS] = np.nan
        return replace(person, xy_px=xy, confidence=np.where(np.isnan(xy[:, 0]), 0, 1))

    seen, unseen = lift_of(SQUATTED), lift_of(SQUATTED, change=without_hands)
    assert reasons(replace(unseen, reps=seen.reps, bar=seen.bar)) == []


def test_what_is_left_open_stays_evidence_for_the_score():
    contradictory = with_hands_moved(SQUATTED, -SHIFT_PX)
    evidence = gather_evidence(contradictory, evaluate_rules(contradictory))
    column = [rule.kind for rule in DEFAULT_RULES].index("squatted")
    for rep, view in zip(evidence, rep_views(contradictory), strict=True):
        measured = Squatted().evaluate(view)
        assert measured.doubt
        assert rep.fault_excess[column] == measured.excess > 0
