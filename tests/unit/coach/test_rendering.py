import numpy as np
import pytest

from coach.rendering import Lift, render
from coach.rendering.lift import PLATE_RADIUS_M, bar_m, height_share, joints_m
from shared.skeleton import L_KNEE, L_WRIST, LIMBS, R_WRIST

SHARES = np.linspace(0, 1, 21)


def test_bones_keep_their_length():
    joints = np.stack([joints_m(share) for share in SHARES])
    for a, b in LIMBS:
        lengths = np.linalg.norm(joints[:, a] - joints[:, b], axis=-1)
        assert np.ptp(lengths) < 0.02, (a, b)


def test_the_bar_starts_on_the_floor_and_goes_straight_up():
    path = np.stack([bar_m(share) for share in SHARES])
    assert path[0, 1] == pytest.approx(PLATE_RADIUS_M, abs=0.005)
    assert (np.diff(path[:, 1]) > 0).all()
    assert np.ptp(path[:, 0]) == 0


@pytest.mark.parametrize("fps", [10, 30, 120])
def test_there_are_three_reps_at_any_frame_rate(fps):
    lift = Lift(fps=fps)
    heights = np.array([height_share(i / fps, lift.reps) for i in range(lift.frames)])
    assert (np.diff((heights > 0.5).astype(int)) == 1).sum() == 3
    assert heights[0] == heights[-1] == 0
    assert heights.max() == 1


def test_a_mirrored_lift_has_mirrored_joints_with_sides_exchanged():
    right, left = (next(render(Lift(facing=f))) for f in ("right", "left"))
    width = right.image.shape[1]
    np.testing.assert_allclose(left.joints_px[L_WRIST][0], width - right.joints_px[R_WRIST][0])
    assert left.visible[R_WRIST] == right.visible[L_WRIST]


def test_the_same_settings_give_the_same_pixels():
    lift = Lift(width_px=320, height_px=240)
    np.testing.assert_array_equal(next(render(lift)).image, next(render(lift)).image)


def test_what_a_plate_or_the_body_hides_is_not_visible():
    side = next(render(Lift(view="side")))
    assert not side.visible[R_WRIST]  # behind the near plate
    assert not side.visible[L_KNEE]  # behind the near leg
