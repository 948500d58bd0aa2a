from dataclasses import replace

import numpy as np
import pytest
from lifted import lifted_of

from services.scorer.motion.kinematics import compute_kinematics, displayed_angles
from shared.data.messages import ANGLES
from shared.data.skeleton import L_ANKLE, L_HIP, L_KNEE, NECK, R_HIP
from synthetic.lift import hold_bar
from synthetic.settings import Lift

#: The camera looks down by 6° and the renderer's limbs stand a little aslant, degrees.
NEAR = 4.0


@pytest.mark.parametrize("view", ["side", "oblique"])
@pytest.mark.parametrize("facing", ["right", "left"])
def test_angles_are_those_of_the_rendered_lifter(view, facing):
    lift = Lift(view=view, facing=facing)
    lifted, k = lifted_of(lift)
    time_s = lifted.motion.time_s
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
    lifted, k = lifted_of(Lift(fault="leaning_back", severity=20, view="side"))
    rep = lifted.reps[0]
    assert k.hip[(rep.top + rep.lower) // 2] == pytest.approx(200, abs=NEAR)


def test_without_a_direction_nothing_is_claimed():
    lifted, _ = lifted_of(Lift(view="side"))
    for nowhere in (replace(lifted.motion, facing=0), replace(lifted.motion, turn_deg=70.0)):
        k = compute_kinematics(nowhere)
        for values in (k.trunk_lean, k.thigh_elevation, k.hip, k.knee, k.head_tilt, k.foot_pitch):
            assert np.isnan(values).all()
    assert np.isnan(compute_kinematics(replace(lifted.motion, facing=0)).back_flexion).all()


def test_the_angles_for_people_stand_in_the_stated_order():
    _, k = lifted_of(Lift(view="side", reps=1))
    angles = displayed_angles(k)
    assert angles.dtype == np.float32
    for column, name in enumerate(ANGLES):
        assert np.array_equal(angles[:, column], getattr(k, name).astype(np.float32), True)


def outlined(motion, right, left):
    """The motion with one outline in all frames, in trunk lengths."""
    length = np.linalg.norm(
        motion.xy_px[:, NECK] - motion.xy_px[:, [L_HIP, R_HIP]].mean(1), axis=-1
    )
    outline = np.stack([right, left])[None] * length[:, None, None]
    return compute_kinematics(replace(motion, outline_px=outline)).back_flexion


def test_the_back_is_the_side_away_from_where_the_lifter_faces():
    x = np.linspace(0, 1, 11)
    flat = 0.3 - 0.1 * x  # bodies taper
    round_ = flat + np.tan(np.radians(15)) * np.minimum(x, 1 - x)  # two halves, 30°
    right, _ = lifted_of(Lift(facing="right", view="side", reps=1))
    left, _ = lifted_of(Lift(facing="left", view="side", reps=1))
    # from hips to a neck that is ahead to the right, the back is on the left; and mirrored
    assert outlined(right.motion, flat, round_) == pytest.approx(30, abs=0.01)
    assert outlined(right.motion, round_, flat) == pytest.approx(0, abs=0.01)
    assert outlined(left.motion, round_, flat) == pytest.approx(30, abs=0.01)
    assert outlined(left.motion, flat, round_) == pytest.approx(0, abs=0.01)


def test_an_outline_with_gaps_still_tells_and_half_an_outline_does_not():
    lifted, _ = lifted_of(Lift(facing="right", view="side", reps=1))
    x = np.linspace(0, 1, 11)
    back = np.tan(np.radians(15)) * np.minimum(x, 1 - x)
    gaps, half = back.copy(), back.copy()
    gaps[[0, 1, 4, 9]] = np.nan
    half[:5] = np.nan
    assert outlined(lifted.motion, x, gaps) == pytest.approx(30, abs=0.01)
    assert np.isnan(outlined(lifted.motion, x, half)).all()


def test_a_leg_that_is_misplaced_behind_a_plate_counts_little():
    lifted, k = lifted_of(Lift(view="side", reps=1))
    motion = lifted.motion
    wrong = motion.xy_px.copy()
    hip = wrong[:, L_HIP]
    wrong[:, L_KNEE] = hip + 0.4 * (wrong[:, L_KNEE] - hip) + 20
    wrong[:, L_ANKLE] = hip + 0.4 * (wrong[:, L_ANKLE] - hip)
    alike = replace(motion, confidence=np.ones_like(motion.confidence))
    seen = compute_kinematics(replace(alike, xy_px=wrong))
    top = lifted.reps[0].top
    assert seen.knee[top] == pytest.approx(k.knee[top], abs=4)
