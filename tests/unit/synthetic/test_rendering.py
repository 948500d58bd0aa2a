from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from shared.data.skeleton import (
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
from synthetic import Lift, render, render_poses, reps_s, second_of, truth
from synthetic.canvas import Canvas
from synthetic.lift import PLATE_RADIUS_M, bar_m, joints_m
from synthetic.solids import NOWHERE, Cone, Disc

SHARES = np.linspace(0, 1, 21)


@cache
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
    frame = at_share(Lift(view=view, fps=10, width_px=640, height_px=480), share)
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


def angle(vector):
    """Of (n, 2) in pixels against upright, towards the right positive, degrees."""
    return np.degrees(np.arctan2(vector[..., 0], -vector[..., 1]))


@cache
def measured(lift):
    """Every fault's value, from the true points of a set that is filmed straight from the side."""
    lift = replace(lift, reps=1, fps=120, turn_deg=0.0)
    people = [frame.lifter for frame in truth(lift)]
    rep = reps_s(lift)[0]
    start, top = round(rep.start_s * lift.fps), round(rep.top_s * lift.fps)
    xy = np.stack([p.joints_px for p in people]).astype(float)
    feet = np.stack([p.feet_px for p in people]).astype(float)
    bar = np.stack([p.bar_px for p in people]).astype(float)
    pull = slice(start, top + 1)
    hips, neck = xy[:, [L_HIP, R_HIP]].mean(1), xy[:, NECK]
    knees, ankles = xy[:, [L_KNEE, R_KNEE]].mean(1), xy[:, [L_ANKLE, R_ANKLE]].mean(1)
    trunk, thigh, shank = angle(neck - hips), angle(hips - knees), angle(knees - ankles)
    arm = angle(xy[:, R_ELBOW] - xy[:, R_SHOULDER]) - angle(xy[:, R_WRIST] - xy[:, R_ELBOW])
    bend = angle(neck - xy[:, CHEST]) - angle(xy[:, CHEST] - hips)
    pitch = angle(feet[:, 2:].mean(1) - feet[:, :2].mean(1))
    trunk_length = np.linalg.norm(neck - hips, axis=-1)[top]
    speed = np.abs(np.diff(bar[pull, 1])) * lift.fps
    is_slow = speed < 0.15 * np.ptp(bar[pull, 1]) / (rep.top_s - rep.start_s)
    middle = np.abs(np.linspace(-1, 1, len(speed))) < 0.7
    return {
        "hips_shoot_up": trunk[pull].max() - trunk[start],
        "elevation": 90 + thigh[start],
        "rounded_back": bend[pull].max(),
        "bar_drifts": (bar[pull, 0].max() - bar[start, 0]) / trunk_length,
        "incomplete_lockout": max(trunk[top] - thigh[top], shank[top] - thigh[top]),
        "leaning_back": -trunk[top],
        "bent_arms": ((arm[pull] + 180) % 360 - 180).max(),
        "heels_lift": pitch[pull].max() - pitch[start],
        "hitching": (is_slow & middle).sum() / lift.fps,
        "neck_craned": (trunk - angle(xy[:, HEAD] - neck))[start],
    }


#: Values of a correct set differ from it by less than this.
TOLERANCES = {"bar_drifts": 0.01, "hitching": 0.035}

SEVERITIES = [
    ("hips_shoot_up", (6, 12, 20)),
    ("stiff_legged", (55, 65, 72)),
    ("squatted", (8, 0, -8)),
    ("rounded_back", (12, 25, 45)),
    ("bar_drifts", (0.08, 0.15, 0.3)),
    ("incomplete_lockout", (10, 20, 35)),
    ("leaning_back", (8, 14, 20)),
    ("bent_arms", (15, 30, 50)),
    ("heels_lift", (8, 15, 30)),
    ("hitching", (0.3, 0.5, 0.9)),
    ("neck_craned", (20, 45, 60)),
]


@pytest.mark.parametrize("style", ["conventional", "sumo"])
@pytest.mark.parametrize(
    ("fault", "severity"), [(fault, s) for fault, three in SEVERITIES for s in three]
)
def test_exactly_the_injected_fault_is_there(style, fault, severity):
    correct = measured(Lift(style=style))
    faulty = measured(Lift(style=style, fault=fault, severity=severity))
    name = {"stiff_legged": "elevation", "squatted": "elevation"}.get(fault, fault)
    before = correct[name] if fault == "neck_craned" else 0.0
    assert faulty[name] == pytest.approx(before + severity, abs=TOLERANCES.get(name, 1.0))
    free = {name}
    if fault == "hips_shoot_up":  # a lifter whose hips can shoot up begins with low ones
        free.add("elevation")
        assert faulty["elevation"] > 10
    if name in ("elevation", "hips_shoot_up", "bent_arms", "rounded_back"):
        free.add("neck_craned")  # measured against the trunk, which leans otherwise
    if fault == "incomplete_lockout":
        free.add("leaning_back")  # it leans forward
        assert faulty["leaning_back"] < 0
    if fault == "leaning_back":
        free.add("incomplete_lockout")
        assert faulty["incomplete_lockout"] <= 0.5
    for other in set(correct) - free:
        limit = TOLERANCES.get(other, 1.5)
        assert faulty[other] == pytest.approx(correct[other], abs=limit), other


@pytest.mark.parametrize("style", ["conventional", "sumo", "romanian"])
def test_a_correct_set_has_no_fault(style):
    values = measured(Lift(style=style))
    for name in set(values) - {"elevation", "neck_craned", "hitching"}:
        assert values[name] < TOLERANCES.get(name, 1.0), name
    assert values["hitching"] == 0


def test_what_no_body_can_do_is_refused():
    with pytest.raises(ValueError, match="more than a body can do"):
        joints_m(0.5, Lift(style="romanian", fault="hips_shoot_up", severity=25))
    with pytest.raises(ValueError, match="no fault"):
        Lift(fault="sneezing")


def test_feet_stand_flat_and_on_the_floor_throughout():
    lift = Lift(fps=20, turn_deg=0.0, style="sumo")
    feet = np.stack([frame.lifter.feet_px for frame in truth(lift)])
    assert np.ptp(feet, axis=0).max() < 0.5


def test_the_order_of_people_varies_and_nobody_is_lost():
    frames = render_poses(Lift(reps=1, fps=20, bystanders=2))
    lefts = [tuple(np.argsort([p.box_px[0] for p in frame.people])) for frame in frames]
    assert {len(frame.people) for frame in frames} == {3}
    assert len(set(lefts)) == 6


def test_noise_is_as_large_as_asked_and_the_same_for_the_same_seed():
    lift = Lift(reps=1, fps=20)
    exact, noisy, again = (
        np.stack([f.people[0].xy_px for f in render_poses(lift, noise, 3)])
        for noise in (0, 2.0, 2.0)
    )
    assert (noisy - exact).std() == pytest.approx(2.0, rel=0.05)
    np.testing.assert_array_equal(noisy, again)


def test_bystanders_never_lift():
    for frame in truth(Lift(reps=1, fps=10, bystanders=4)):
        assert all(np.isnan(person.bar_px).all() for person in frame.people[1:])


def test_a_cut_clip_says_which_times_it_does_not_show():
    start, end = (reps_s(Lift(partial=where)) for where in ("start", "end"))
    assert np.isnan(start[0].start_s)
    assert start[0].top_s > 0
    assert np.isfinite(end[-1].start_s)
    assert np.isnan([end[-1].top_s, end[-1].end_s]).all()


def test_walking_up_keeps_the_bar_on_the_floor_and_ends_at_it():
    lift = Lift(reps=1, fps=20, walk_in=True, turn_deg=0.0)
    frames = list(truth(lift))
    begin = round(reps_s(lift)[0].start_s * lift.fps)
    heights = np.array([frame.lifter.bar_px[1] for frame in frames[:begin]])
    hips = np.array([frame.lifter.joints_px[R_HIP, 0] for frame in frames])
    assert np.ptp(heights) < 0.1
    assert np.ptp(hips) > 150
    assert {f.lifter.phase for f in frames} == {"rest", "setup", "pull", "lockout", "lower"}


def test_a_second_lifter_lifts_at_another_rhythm():
    lift = Lift(fps=20, second_lifter=True)
    own = reps_s(second_of(lift))
    second = np.array([frame.people[1].height_share for frame in truth(lift)])
    ups = np.flatnonzero(np.diff((second > 0.5).astype(int)) == 1) / lift.fps
    assert len(ups) == len(own)
    for up, rep in zip(ups, own, strict=True):
        assert rep.start_s < up < rep.top_s
    first = np.array([frame.lifter.height_share for frame in truth(lift)])
    assert np.corrcoef(first, second)[0, 1] < 0.7


@pytest.mark.parametrize(("fault", "severities"), SEVERITIES)
def test_a_fault_changes_the_picture(fault, severities):
    def picture(lift):
        rep, share = reps_s(lift)[0], 0.35 if fault == "hips_shoot_up" else 0.6
        index = round((rep.start_s + share * (rep.top_s - rep.start_s)) * lift.fps)
        if fault in ("incomplete_lockout", "leaning_back"):
            index = round(rep.top_s * lift.fps) + 1
        return next(f.image for f in render(lift) if f.index == index).astype(int)

    settings = {"reps": 1, "fps": 10, "width_px": 240, "height_px": 180, "view": "side"}
    correct, faulty = Lift(**settings), Lift(**settings, fault=fault, severity=severities[1])
    difference = np.abs(picture(correct) - picture(faulty)).max(-1)
    assert (difference > 40).sum() > 30
