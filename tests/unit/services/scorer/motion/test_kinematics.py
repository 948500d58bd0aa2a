from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.motion.kinematics import compute_kinematics, displayed_angles
from shared.data.analysis import ANGLES
from shared.data.skeleton import L_ANKLE, L_HIP, L_KNEE
from synthetic.lift import hold_bar
from synthetic.settings import Lift

#: The camera looks down by 6° and the renderer's limbs stand a little aslant, degrees.
NEAR = 4.0


@pytest.mark.parametrize("view", ["side", "oblique"])
@pytest.mark.parametrize("facing", ["right", "left"])
def test_angles_are_those_of_the_rendered_lifter(view, facing):
    lift = Lift(view=view, facing=facing)
    lifted = lift_of(lift)
    k, time_s = lifted.kinematics, lifted.motion.time_s
    true, _ = hold_bar(lift, lift.timing.bar_progress(time_s))
    rows = [lift.reps, *(row for rep in lifted.reps for row in (rep.start, rep.top))]
    shank, thigh = np.degrees(true.shank[rows, 0]), np.degrees(true.thigh[rows, 0])
    trunk = np.degrees(true.trunk[rows])
    assert k.trunk_lean[rows] == pytest.approx(trunk, abs=NEAR)
    assert k.thigh_elevation[rows] == pytest.approx(thigh, abs=NEAR)
    assert k.shank_lean[rows] == pytest.approx(shank, abs=NEAR)
    assert k.hip[rows] == pytest.approx(180 - trunk - (90 - thigh), abs=NEAR)
    assert k.knee[rows] == pytest.approx(180 - shank - (90 - thigh), abs=NEAR)
    pitch = k.foot_pitch[rows]  # plates hide the feet at the start
    assert pitch[np.isfinite(pitch)] == pytest.approx(0, abs=NEAR)
    assert np.isfinite(pitch).any()


def test_hips_pushed_through_are_beyond_straight():
    lifted = lift_of(Lift(fault="leaning_back", severity=20, view="side"))
    rep = lifted.reps[0]
    assert lifted.kinematics.hip[(rep.top + rep.lower) // 2] == pytest.approx(200, abs=NEAR)


def test_without_a_direction_angles_are_unknown():
    motion = lift_of(Lift(view="side")).motion
    for nowhere in (replace(motion, facing=0), replace(motion, turn_deg=70.0)):
        k = compute_kinematics(nowhere)
        for values in (k.trunk_lean, k.thigh_elevation, k.hip, k.knee, k.head_tilt, k.foot_pitch):
            assert np.isnan(values).all()
    assert np.isnan(compute_kinematics(replace(motion, facing=0)).back_flexion).all()


def test_displayed_angles_are_those_of_the_kinematics():
    k = lift_of(Lift(view="side", reps=1)).kinematics
    angles = displayed_angles(k)
    for name in ANGLES:
        column = np.array([getattr(row, name) for row in angles], np.float32)
        assert np.array_equal(column, getattr(k, name).astype(np.float32), equal_nan=True)


def test_a_leg_misplaced_behind_a_plate_has_little_weight():
    lifted = lift_of(Lift(view="side", reps=1))
    k, motion = lifted.kinematics, lifted.motion
    wrong = motion.xy_px.copy()
    hip = wrong[:, L_HIP]
    wrong[:, L_KNEE] = hip + 0.4 * (wrong[:, L_KNEE] - hip) + 20
    wrong[:, L_ANKLE] = hip + 0.4 * (wrong[:, L_ANKLE] - hip)
    alike = replace(motion, confidence=np.ones_like(motion.confidence))
    seen = compute_kinematics(replace(alike, xy_px=wrong))
    top = lifted.reps[0].top
    assert seen.knee[top] == pytest.approx(k.knee[top], abs=4)
