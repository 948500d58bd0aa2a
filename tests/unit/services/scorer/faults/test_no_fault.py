"""What is no fault: correct sets, small deviations, and errors of what was seen."""

from dataclasses import replace

import numpy as np
import pytest
from injected_faults import WITHIN_ERROR
from lifted import lift_of

from services.scorer.faults import judge
from services.scorer.motion.kinematics import compute_kinematics
from shared.data.skeleton import L_ANKLE, R_ANKLE
from synthetic import Lift


@pytest.mark.parametrize("style", ["conventional", "sumo", "romanian"])
@pytest.mark.parametrize("view", ["side", "oblique"])
@pytest.mark.parametrize("noise_px", [0.0, 3.0])
def test_correct_set_has_its_style_and_no_fault(style, view, noise_px):
    lift = lift_of(Lift(style=style, view=view), noise_px)
    found, not_judged = judge(lift)
    assert lift.style == style
    assert found == ()
    from_floor = {"hips_shoot_up", "stiff_legged", "squatted"}
    assert {one.kind for one in not_judged} == (from_floor if style == "romanian" else set())


@pytest.mark.parametrize(("fault", "severity"), WITHIN_ERROR.items())
def test_deviation_within_the_measuring_error_is_no_fault(fault, severity):
    assert judge(lift_of(Lift(fault=fault, severity=severity, view="side")))[0] == ()


@pytest.mark.parametrize(("fault", "severity"), [("rounded_back", 45), ("", 0)])
@pytest.mark.parametrize("upright_deg", [25, -60])
def test_misread_upright_back_makes_and_hides_no_round_one(fault, severity, upright_deg):
    lift = lift_of(Lift(view="side", fault=fault, severity=severity))
    flexion = lift.kinematics.back_flexion.copy()
    for rep in lift.reps:
        flexion[rep.top : rep.lower + 1] = upright_deg
    changed = replace(lift, kinematics=replace(lift.kinematics, back_flexion=flexion))
    assert {one.kind for one in judge(changed)[0]} == ({fault} - {""})


def test_camera_that_stops_panning_is_no_drift():
    rendered = Lift(view="side", reps=1)
    lift = lift_of(rendered)
    [rep] = lift.reps
    time_s = np.arange(rendered.frames) / rendered.fps
    progress = (time_s - time_s[rep.start]) / (time_s[rep.top] - time_s[rep.start])
    pan_px = 0.25 * lift.motion.trunk_length_px * np.clip(progress, -1, 1)
    xy, bar = lift.motion.xy_px.copy(), lift.bar.xy_px.copy()
    xy[..., 0] += pan_px[:, None]
    bar[:, 0] += pan_px
    motion = replace(lift.motion, xy_px=xy)
    panned = replace(
        lift,
        motion=motion,
        bar=replace(lift.bar, xy_px=bar),
        kinematics=compute_kinematics(motion),
    )
    assert judge(panned)[0] == ()


def test_ankles_that_move_along_with_the_pull_are_no_drift():
    """As where knees and shins come out from behind plates; they are back where they were."""
    lift = Lift(view="side")
    step_px = 0.2 * lift_of(lift).motion.trunk_length_px
    progress = iter(lift.timing.bar_progress(np.arange(lift.frames) / lift.fps))

    def moving(person):
        xy = person.xy_px.copy()
        xy[[L_ANKLE, R_ANKLE], 0] -= step_px * next(progress)  # the lifter faces right
        return replace(person, xy_px=xy)

    assert judge(lift_of(lift, change=moving))[0] == ()
