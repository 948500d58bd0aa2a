"""Faults that are rendered into a set are found, measured near their severity, and no others."""

import pytest
from injected_faults import INJECTED
from lifted import lift_of

from services.scorer.faults import MIN_CONFIDENCE, judge
from synthetic import FAULTS, Lift

CASES = [(fault, s) for fault, (severities, _) in INJECTED.items() for s in severities]


def test_every_fault_is_injected():
    assert set(INJECTED) == set(FAULTS)


@pytest.mark.parametrize(("fault", "severity"), CASES)
@pytest.mark.parametrize(("view", "facing"), [("side", "left"), ("oblique", "right")])
def test_injected_fault_is_found_in_all_reps_and_no_other(fault, severity, view, facing):
    lift = lift_of(Lift(fault=fault, severity=severity, view=view, facing=facing))
    found, _ = judge(lift)
    assert [(one.kind, one.rep) for one in found] == [(fault, 1), (fault, 2), (fault, 3)]
    near = INJECTED[fault][1]
    for one, rep in zip(found, lift.reps, strict=True):
        assert one.value == pytest.approx(severity, abs=near)
        start_s, end_s = lift.motion.time_s[[rep.start, rep.end]]
        assert start_s - 0.5 <= one.from_s <= one.to_s <= end_s
        assert one.from_s <= lift.motion.time_s[one.shown_at] <= one.to_s
        assert MIN_CONFIDENCE <= one.confidence <= 1


@pytest.mark.parametrize("fault", ["bar_drifts", "heels_lift", "hips_shoot_up", "bent_arms"])
def test_trembling_joints_hide_no_fault_and_make_none(fault):
    lift = Lift(fault=fault, severity=INJECTED[fault][0][1], view="oblique")
    assert {one.kind for one in judge(lift_of(lift, noise_px=3.0))[0]} == {fault}


@pytest.mark.parametrize("fault", ["hips_shoot_up", "hitching", "heels_lift"])
@pytest.mark.parametrize(
    ("fps", "width_px", "height_px"), [(15, 1280, 960), (30, 320, 240), (120, 2560, 1920)]
)
def test_frame_rate_and_picture_size_do_not_matter(fault, fps, width_px, height_px):
    severity, near = INJECTED[fault][0][1], INJECTED[fault][1]
    lift = Lift(
        fault=fault, severity=severity, fps=fps, width_px=width_px, height_px=height_px, view="side"
    )
    found, _ = judge(lift_of(lift))
    assert {one.kind for one in found} == {fault}
    assert [one.value for one in found] == pytest.approx([severity] * 3, abs=1.5 * near)


def test_hitching_is_found_from_the_front_too():
    found, _ = judge(lift_of(Lift(view="front", fault="hitching", severity=0.8)))
    assert [(one.kind, one.rep) for one in found] == [("hitching", n) for n in (1, 2, 3)]
