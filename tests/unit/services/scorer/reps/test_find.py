from dataclasses import replace

import numpy as np
import pytest
from services.scorer.bar.bar import drop_reps_without_bar

from services.scorer.lifter.find import find_lifters
from services.scorer.lifter.tracks import find_shots
from services.scorer.motion.build import build_motion
from services.scorer.reps.find import find_reps, label_phases
from shared.data.skeleton import L_ANKLE, L_WRIST, R_ANKLE, R_WRIST
from synthetic import Lift, render_poses, reps_s


def motion(lift, noise_px=1.0):
    return motion_and_plates(lift, noise_px)[0]


def motion_and_plates(lift, noise_px=1.0):
    frames = render_poses(lift, noise_px)
    shots = find_shots(frames)
    people = find_lifters(frames, shots)[0].people
    time_s = np.array([frame.time_s for frame in frames])
    moved = build_motion([people.get(n) for n in range(len(frames))], time_s, shots, 6.0)
    return moved, [frame.plates_px for frame in frames]


@pytest.mark.parametrize("fps", [10, 24, 30, 60, 120])
@pytest.mark.parametrize("view", ["side", "oblique", "front"])
def test_reps_are_counted_and_timed_at_every_rate_and_view(fps, view):
    lift = Lift(reps=4, fps=fps, view=view, bystanders=2)
    moved = motion(lift)
    reps = find_reps(moved)
    truth = reps_s(lift)
    assert [rep.partial for rep in reps] == [""] * 4
    for rep, true in zip(reps, truth, strict=True):
        times = moved.time_s[[rep.start, rep.top, rep.lower, rep.end]]
        # the bar's first and last centimetre are the slowest
        expected = [true.start_s, true.top_s, true.lower_s, true.end_s]
        np.testing.assert_allclose(times, expected, atol=0.25)


@pytest.mark.parametrize(
    ("width_px", "height_px"), [(426, 240), (240, 426), (1280, 960), (3840, 2160)]
)
@pytest.mark.parametrize("facing", ["right", "left"])
def test_neither_size_nor_mirroring_changes_the_count(width_px, height_px, facing):
    noise_px = height_px / 800
    lift = Lift(reps=3, fps=30, width_px=width_px, height_px=height_px, facing=facing)
    assert len(find_reps(motion(lift, noise_px))) == 3


@pytest.mark.parametrize("style", ["conventional", "sumo", "romanian"])
def test_every_style_is_counted(style):
    assert len(find_reps(motion(Lift(reps=3, style=style)))) == 3


@pytest.mark.parametrize("fault", ["hitching", "bent_arms", "hips_shoot_up"])
def test_a_faulty_rep_is_one_rep(fault):
    severity = {"hitching": 0.8, "bent_arms": 50, "hips_shoot_up": 16}[fault]
    assert len(find_reps(motion(Lift(reps=3, fault=fault, severity=severity)))) == 3


@pytest.mark.parametrize("view", ["side", "oblique"])
def test_walking_in_and_away_is_not_counted(view):
    moved, plates = motion_and_plates(Lift(reps=3, view=view, walk_in=True))
    rises = find_reps(moved)
    assert drop_reps_without_bar(moved, plates, rises) == rises[:3]
    if view == "side":
        assert len(rises) > 3  # standing up afterwards, without the bar, is none


@pytest.mark.parametrize(
    ("partial", "flags"),
    [
        ("start", ["begins before the clip", "", ""]),
        ("end", ["", "", "ends after the clip"]),
    ],
)
def test_what_the_clip_does_not_show_whole_is_flagged(partial, flags):
    reps = find_reps(motion(Lift(reps=3, partial=partial)))
    assert [rep.partial for rep in reps] == flags


def test_phases_follow_each_other():
    moved = motion(Lift(reps=2))
    phases = label_phases(moved, find_reps(moved))
    changes = [a for a, b in zip(phases, [*phases[1:], None], strict=True) if a != b]
    once = ["pull", "lockout", "lower"]
    assert changes == ["setup", *once, "rest", *once, "rest"]


def test_standing_still_is_no_rep():
    moved = motion(Lift(reps=1))
    still = moved.xy_px.copy()
    still[:] = still[0]
    assert find_reps(type(moved)(**{**vars(moved), "xy_px": still})) == ()


def test_hands_misplaced_for_a_moment_split_no_rep():
    moved = motion(Lift(reps=2, fps=30))
    [first, _] = find_reps(moved)
    jumped = moved.xy_px.copy()
    middle = (first.start + first.top) // 2
    jumped[middle : middle + 5, [L_WRIST, R_WRIST], 1] += 0.6 * moved.trunk_length_px
    assert len(find_reps(replace(moved, xy_px=jumped))) == 2


def test_ankles_that_a_plate_hides_do_not_sway_a_short_clip():
    moved = motion(Lift(reps=1, fps=30))
    [rep] = find_reps(moved)
    rows = slice(max(rep.start - 5, 0), rep.top + 8)
    short = moved.xy_px[rows].copy()
    short[:, [L_ANKLE, R_ANKLE], 1] += (
        np.linspace(0, -0.7, len(short))[:, None] * moved.trunk_length_px
    )
    cut = replace(
        moved, xy_px=short, time_s=moved.time_s[rows], shot=moved.shot[rows],
        confidence=moved.confidence[rows], filled=moved.filled[rows],
    )  # fmt: skip
    [found] = find_reps(cut)
    assert abs(found.start - min(rep.start, 5)) <= 2


def test_a_lifter_stretched_to_the_floor_for_a_moment_splits_no_rep():
    frames = render_poses(Lift(reps=1, fps=30))
    shots = find_shots(frames)
    people = find_lifters(frames, shots)[0].people
    time_s = np.array([frame.time_s for frame in frames])
    seen = [people.get(n) for n in range(len(frames))]
    [rep] = find_reps(build_motion(seen, time_s, shots, 6.0))
    for n in range(rep.top + 3, rep.top + 12):
        low = seen[n].xy_px * (1, 1.8) - (0, 0.8 * np.nanmin(seen[n].xy_px[:, 1]))
        seen[n] = replace(seen[n], xy_px=low.astype(np.float32))
    assert len(find_reps(build_motion(seen, time_s, shots, 6.0))) == 1
