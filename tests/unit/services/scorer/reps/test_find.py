"""Repetitions found in rendered sets: counted and timed, whatever the camera and the style."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.motion.build import build_motion
from services.scorer.observe import observe_lifters
from services.scorer.reps.find import find_reps
from shared.data.analysis import Partial
from shared.data.defaults import SMOOTH_HZ
from shared.data.skeleton import L_ANKLE, L_WRIST, R_ANKLE, R_WRIST
from synthetic import Lift, render_poses, reps_s


def motion_of(lift, noise_px=1.0):
    return lift_of(lift, noise_px).motion


def rows_of(motion, rows):
    """Some rows of a motion, as if the clip began and ended there."""
    return replace(
        motion,
        **{
            name: getattr(motion, name)[rows]
            for name in (
                "time_s", "shot", "xy_px", "confidence", "filled", "outline_px", "sole_deg", "main",
            )
        },
    )  # fmt: skip


@pytest.mark.parametrize("fps", [10, 24, 30, 60, 120])
@pytest.mark.parametrize("view", ["side", "oblique", "front"])
def test_reps_are_counted_and_timed_at_every_rate_and_view(fps, view):
    lift = Lift(reps=4, fps=fps, view=view, bystanders=2)
    motion = motion_of(lift)
    reps = find_reps(motion)
    assert [rep.partial for rep in reps] == [Partial.WHOLE] * 4
    for rep, true in zip(reps, reps_s(lift), strict=True):
        times = motion.time_s[[rep.start, rep.top, rep.lower, rep.end]]
        # the bar's first and last centimetre are the slowest
        expected = [true.start_s, true.top_s, true.lower_s, true.end_s]
        np.testing.assert_allclose(times, expected, atol=0.25)


@pytest.mark.parametrize(
    ("width_px", "height_px"), [(426, 240), (240, 426), (1280, 960), (3840, 2160)]
)
@pytest.mark.parametrize("facing", ["right", "left"])
def test_neither_size_nor_mirroring_changes_the_count(width_px, height_px, facing):
    lift = Lift(reps=3, fps=30, width_px=width_px, height_px=height_px, facing=facing)
    assert len(find_reps(motion_of(lift, noise_px=height_px / 800))) == 3


@pytest.mark.parametrize("style", ["conventional", "sumo", "romanian"])
def test_reps_of_every_style_are_counted(style):
    assert len(find_reps(motion_of(Lift(reps=3, style=style)))) == 3


@pytest.mark.parametrize(
    ("fault", "severity"), [("hitching", 0.8), ("bent_arms", 50), ("hips_shoot_up", 16)]
)
def test_faulty_rep_is_one_rep(fault, severity):
    assert len(find_reps(motion_of(Lift(reps=3, fault=fault, severity=severity)))) == 3


@pytest.mark.parametrize(
    ("partial", "flags"),
    [
        ("start", [Partial.NO_START, Partial.WHOLE, Partial.WHOLE]),
        ("end", [Partial.WHOLE, Partial.WHOLE, Partial.NO_END]),
    ],
)
def test_reps_that_the_clip_cuts_off_are_partial(partial, flags):
    reps = find_reps(motion_of(Lift(reps=3, partial=partial)))
    assert [rep.partial for rep in reps] == flags


def test_standing_still_is_no_rep():
    motion = motion_of(Lift(reps=1))
    assert len(find_reps(motion)) == 1
    still = np.broadcast_to(motion.xy_px[:1], motion.xy_px.shape).copy()
    assert find_reps(replace(motion, xy_px=still)) == ()


def test_rise_far_below_the_others_is_no_rep():
    motion = motion_of(Lift(reps=3, view="side"), noise_px=0.0)
    reps = find_reps(motion)
    assert len(reps) == 3
    low = motion.xy_px.copy()
    between, rest = slice(reps[0].end, reps[2].start), low[reps[1].start]
    low[between] = rest + 0.4 * (low[between] - rest)
    found = find_reps(replace(motion, xy_px=low))
    assert [rep.top for rep in found] == [reps[0].top, reps[2].top]


def test_hands_misplaced_for_a_moment_split_no_rep():
    motion = motion_of(Lift(reps=2, fps=30))
    [first, _] = find_reps(motion)
    jumped = motion.xy_px.copy()
    middle = (first.start + first.top) // 2
    jumped[middle : middle + 5, [L_WRIST, R_WRIST], 1] += 0.6 * motion.trunk_length_px
    assert len(find_reps(replace(motion, xy_px=jumped))) == 2


def test_lifter_stretched_to_the_floor_for_a_moment_splits_no_rep():
    seen = observe_lifters(render_poses(Lift(reps=1, fps=30)))[0]

    def reps_with(people):
        return find_reps(build_motion(people, seen.time_s, seen.shot, SMOOTH_HZ))

    [rep] = reps_with(seen.people)
    people = list(seen.people)
    for row in range(rep.top + 3, rep.top + 12):
        xy = people[row].xy_px
        stretched = xy * (1, 1.8) - (0, 0.8 * np.nanmin(xy[:, 1]))
        people[row] = replace(people[row], xy_px=stretched.astype(np.float32))
    assert len(reps_with(people)) == 1


def test_hands_too_low_in_the_first_frame_leave_the_rep_whole():
    lift = Lift(reps=2, fps=30, view="side")
    motion = motion_of(lift, noise_px=0.0)
    xy = motion.xy_px.copy()
    xy[0, [L_WRIST, R_WRIST], 1] += 0.06 * motion.trunk_length_px
    [first, _] = find_reps(replace(motion, xy_px=xy))
    assert first.partial is Partial.WHOLE
    assert motion.time_s[first.start] == pytest.approx(reps_s(lift)[0].start_s, abs=0.3)


def test_ankles_that_a_plate_hides_do_not_sway_a_short_clip():
    motion = motion_of(Lift(reps=1, fps=30))
    [rep] = find_reps(motion)
    short = rows_of(motion, slice(max(rep.start - 5, 0), rep.top + 8))
    rise_px = np.linspace(0, 0.7, len(short)) * motion.trunk_length_px
    short.xy_px[:, [L_ANKLE, R_ANKLE], 1] -= rise_px[:, None]
    [found] = find_reps(short)
    assert abs(found.start - min(rep.start, 5)) <= 2


def test_sway_of_the_camera_neither_adds_nor_removes_reps():
    motion = motion_of(Lift(reps=3, fps=30))
    reps = find_reps(motion)
    sway_px = 0.3 * motion.trunk_length_px * np.sin(2 * np.pi * 0.1 * motion.time_s)
    swayed = find_reps(replace(motion, xy_px=motion.xy_px + sway_px[:, None, None] * (0, 1)))
    assert len(swayed) == 3
    for before, after in zip(reps, swayed, strict=True):
        assert abs(before.top - after.top) <= 6
