"""What a repetition gives to judge."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.faults import evaluate_rules
from services.scorer.score.evidence import gather_evidence
from services.scorer.score.lift_parts import PARTS
from services.scorer.score.values import VALUES
from shared.data.analysis import LiftPart
from synthetic import Lift


def gathered(lift):
    return gather_evidence(lift, evaluate_rules(lift))


def first(lift):
    evidence = gathered(lift_of(lift))
    return evidence[0]


def value(rep, name, part):
    return rep.values[list(VALUES).index(name), PARTS.index(part)]


def test_a_value_is_that_of_its_part():
    rep = first(Lift(reps=1, view="side"))
    lean = [value(rep, "trunk_lean", part) for part in PARTS[:4]]
    assert lean == sorted(lean, reverse=True)  # the trunk comes up with the bar
    assert value(rep, "knee", LiftPart.LOCKOUT) > 165
    assert rep.seen_s > 2


def test_the_frame_rate_makes_no_difference():
    slow, fast = (first(Lift(reps=1, view="side", fps=fps)) for fps in (15, 60))
    angles = [row for row, one in enumerate(VALUES.values()) if one.unit == "deg"]
    np.testing.assert_allclose(slow.values[angles], fast.values[angles], atol=5)
    assert slow.seen_s == pytest.approx(fast.seen_s, rel=0.1)


def test_a_top_that_the_clip_cuts_off_is_no_lockout():
    lift = lift_of(Lift(reps=1, view="side"))
    [rep] = lift.reps
    last = rep.top - 2
    cut = replace(
        lift,
        reps=(replace(rep, top=last, lower=last, end=last),),
        motion=replace(lift.motion, shot=np.where(np.arange(len(lift.motion)) > last, 1, 0)),
    )
    [evidence] = gathered(cut)
    assert np.isnan(value(evidence, "hip", LiftPart.LOCKOUT))
    assert np.isfinite(value(evidence, "hip", LiftPart.PULL_HIGH))


def test_evidence_of_a_fault_begins_below_its_threshold():
    rep = first(Lift(reps=1, view="side"))

    def faults(*excess):
        return replace(rep, fault_excess=np.array(excess))

    assert faults(-1.1, np.nan).worst_fault == 0
    assert 0 < faults(-0.4, np.nan).worst_fault < faults(0.0, np.nan).worst_fault < 0.5
    assert faults(0.5, 5.0).fault_sum == pytest.approx(1.5)
    assert faults(*[9.0] * 8).fault_sum == 2  # faults share causes


def test_a_romanian_lift_has_no_start_at_the_floor():
    assert first(Lift(reps=1, view="side")).from_floor
    assert not first(Lift(reps=1, view="side", style="romanian")).from_floor


def test_a_repetition_whose_body_is_hidden_gives_nothing():
    lift = lift_of(Lift(reps=1, view="side"))
    hidden = replace(lift, reps=(replace(lift.reps[0], body_seen=False),))
    assert gathered(hidden) == (None,)
