import numpy as np
import pytest

from coach.rendering import Lift, render
from coach.rendering.canvas import Canvas
from coach.rendering.lift import PLATE_RADIUS_M, bar_m, joints_m
from coach.rendering.solids import NOWHERE, Cone, Disc
from shared.skeleton import (
    CHEST,
    HEAD,
    L_ANKLE,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    LIMBS,
    NECK,
    R_ANKLE,
    R_ELBOW,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
)

SHARES = np.linspace(0, 1, 21)


def at_share(lift, share):
    """The first frame of a set whose lift has come so far."""
    index = next(
        i
        for i in range(lift.frames)
        if float(lift.timing.height_share(np.array([i / lift.fps]))[0]) >= share
    )
    return next(frame for frame in render(lift) if frame.index == index)


def test_bones_keep_their_length():
    joints = np.stack([joints_m(share) for share in SHARES])
    for a, b in LIMBS:
        lengths = np.linalg.norm(joints[:, a] - joints[:, b], axis=-1)
        assert np.ptp(lengths) < 0.02, (a, b)


def test_derived_joints_follow_the_rules_of_the_skeleton():
    for joints in map(joints_m, SHARES):
        neck, hips = joints[[L_SHOULDER, R_SHOULDER]].mean(0), joints[[L_HIP, R_HIP]].mean(0)
        np.testing.assert_allclose(joints[NECK], neck)
        np.testing.assert_allclose(joints[CHEST], (neck + hips) / 2)


def test_the_bar_starts_on_the_floor_and_goes_straight_up():
    path = np.stack([bar_m(share) for share in SHARES])
    assert path[0, 1] == pytest.approx(PLATE_RADIUS_M, abs=0.005)
    assert (np.diff(path[:, 1]) > 0).all()
    assert np.ptp(path[:, 0]) == 0


@pytest.mark.parametrize("fps", [10, 30, 120])
def test_there_are_three_reps_at_any_frame_rate(fps):
    lift = Lift(fps=fps)
    heights = lift.timing.height_share(np.arange(lift.frames) / fps)
    assert (np.diff((heights > 0.5).astype(int)) == 1).sum() == 3
    assert heights[0] == heights[-1] == 0
    assert heights.max() == 1


def test_the_hips_rise_three_times_in_the_rendered_frames():
    frames = render(Lift(fps=10, width_px=160, height_px=120))
    hips_px = np.array([frame.joints_px[[L_HIP, R_HIP], 1].mean() for frame in frames])
    is_high = hips_px < (hips_px.min() + hips_px.max()) / 2
    assert (np.diff(is_high.astype(int)) == 1).sum() == 3


def test_a_mirrored_lift_has_mirrored_joints_with_sides_exchanged():
    right, left = (next(render(Lift(facing=f))) for f in ("right", "left"))
    width = right.image.shape[1]
    for mine, other in ((L_WRIST, R_WRIST), (R_KNEE, L_KNEE), (HEAD, HEAD)):
        x, y = right.joints_px[other]
        np.testing.assert_allclose(left.joints_px[mine], (width - x, y), rtol=1e-6)
        assert left.visible[mine] == right.visible[other]


def test_the_same_settings_give_the_same_pixels():
    lift = Lift(width_px=320, height_px=240)
    np.testing.assert_array_equal(next(render(lift)).image, next(render(lift)).image)


def test_a_frame_may_be_written_on_without_harm_to_the_next():
    first, second = (frame for frame, _ in zip(render(Lift(reps=1)), range(2), strict=False))
    kept = second.image.copy()
    first.image[:] = 0
    np.testing.assert_array_equal(second.image, kept)


@pytest.mark.parametrize(
    ("view", "share", "joint", "is_visible"),
    [
        ("side", 0, R_WRIST, False),  # behind the near plate
        ("side", 0, L_KNEE, False),  # behind the near leg
        ("side", 0, R_ANKLE, False),  # behind the near plate
        ("side", 0, R_ELBOW, True),  # its own arm does not hide it
        ("side", 0, L_SHOULDER, False),  # behind the trunk
        ("side", 1, R_HIP, False),  # behind arm and plate at lockout
        ("side", 1, R_KNEE, True),  # under the lifted plate
        ("oblique", 0, L_ANKLE, True),  # between the plates
        ("front", 1, L_SHOULDER, True),  # both sides from the front
        ("front", 1, R_SHOULDER, True),
        ("front", 0, L_HIP, False),  # behind the bent trunk
    ],
)
def test_visible_is_what_nothing_else_hides(view, share, joint, is_visible):
    frame = at_share(Lift(view=view, width_px=640, height_px=480), share)
    assert frame.visible[joint] == is_visible


@pytest.mark.parametrize(
    ("start", "end", "radii"),
    [
        ((20, 20, 0), (44, 40, 15), (8, 5)),  # leaning towards us
        ((20, 20, 0), (44, 40, -30), (5, 9)),  # away
        ((30, 30, 0), (31, 30, 20), (9, 4)),  # seen from its end
    ],
)
def test_a_cone_is_the_hull_of_the_balls_between_its_ends(start, end, radii):
    start, end = np.array(start, float), np.array(end, float)
    x, y = np.arange(64, dtype=np.float32)[None], np.arange(64, dtype=np.float32)[:, None]
    depth, normal, cover = Cone(start, end, radii, (1, 2, 3)).surface(x, y)

    expected = np.full(depth.shape, -np.inf)
    for t in np.linspace(0, 1, 400):
        middle, radius = start + t * (end - start), radii[0] + t * (radii[1] - radii[0])
        high = radius**2 - (x - middle[0]) ** 2 - (y - middle[1]) ** 2
        here = np.where(high >= 0, middle[2] + np.sqrt(np.maximum(high, 0)), -np.inf)
        expected = np.maximum(expected, here)
    inside = cover == 1
    np.testing.assert_allclose(depth[inside], expected[inside], atol=0.1)
    assert not np.isfinite(expected[cover == 0]).any()
    assert (depth[cover == 0] == NOWHERE).all()
    np.testing.assert_allclose(np.linalg.norm(normal[:, inside], axis=0), 1, atol=1e-3)


def test_the_nearer_solid_hides_the_farther_whatever_the_order():
    def ball(z, colour):
        return Cone(np.array([16.0, 16, z]), np.array([16.0, 16, z]), (8, 8), colour, 0.0)

    near, far = ball(10, (0, 0, 200)), ball(-10, (200, 0, 0))
    plate = Disc(np.array([16.0, 16, -40]), np.array([0, 0, 1.0]), 12, 2, ((1.0, (0, 200, 0)),))
    for order in ((near, far), (far, near)):
        canvas = Canvas(np.zeros((32, 32, 3), np.uint8))
        for cone in order:
            canvas.cones([cone])
        canvas.disc(plate)
        blue, green, red = canvas.image[16, 16]
        assert red > 100
        assert blue == green == 0
        assert canvas.image[16, 6, 1] > 50  # the plate, beside the balls
        assert canvas.depth_at(np.array([16, 16])) == pytest.approx(18, abs=0.1)
        assert canvas.depth_at(np.array([99, 16])) == NOWHERE
