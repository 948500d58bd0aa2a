from dataclasses import replace

import numpy as np
import pytest
from builders import analysis_of, poses

from services.scorer.analysis import judge_again, judge_poses
from services.scorer.faults import DEFAULT_RULES
from services.scorer.motion.view import classify_view, estimate_turn_deg, infer_facing
from services.scorer.reps.deadlift import OTHER_LIFT
from services.scorer.score import lift_model
from shared.data import codec
from shared.data.analysis import Analysis, Failure, PoseRecord, SourceRecord
from shared.data.job_options import JudgingOptions
from shared.data.messages import EndReason
from shared.data.pose_options import PoseOptions
from shared.data.poses import Poses
from synthetic import Lift, render_poses, reps_s

MODEL = lift_model.load_default()
SOURCE = SourceRecord("/c.mp4", "ab" * 32, 640, 480, 1.0, 10, 10.0)


def judged(frames, end_reason=EndReason.COMPLETE, original=False):
    pose = PoseRecord("blazepose-full", 1, options=PoseOptions(original=original))
    return judge_poses(Poses(SOURCE, pose, tuple(frames), end_reason), JudgingOptions(), MODEL)


def test_a_clip_without_anybody_says_so():
    analysis = judged([poses(n, n / 10) for n in range(10)], EndReason.TRUNCATED)
    assert np.isnan(analysis.score)
    assert analysis.summary.view == "unknown"
    assert analysis.reps == ()
    assert any("nobody" in warning for warning in analysis.warnings)
    assert any("breaks off" in warning for warning in analysis.warnings)
    assert judged([]).frames == ()


def test_a_set_is_judged_whole():
    lifter = analysis_of(Lift(reps=3, view="side"))
    assert [rep.index for rep in lifter.reps] == [1, 2, 3]
    assert lifter.faults == ()
    assert (lifter.summary.view, lifter.summary.facing, lifter.summary.style) == (
        "side",
        1,
        "conventional",
    )
    assert lifter.bar.source == "plate"
    assert lifter.bar.unit == "m"
    assert all(0.45 < rep.rom < 0.65 for rep in lifter.reps)
    assert all(0.8 < rep.concentric_s < 1.5 for rep in lifter.reps)
    assert all(rep.peak_velocity > rep.mean_velocity > 0.2 for rep in lifter.reps)
    assert {frame.phase for frame in lifter.frames} == {"setup", "pull", "lockout", "lower", "rest"}


def test_a_rep_without_a_seen_body_is_counted_and_not_judged():
    lift = Lift(reps=3, fps=20, view="side", fault="hips_shoot_up", severity=16)
    second = reps_s(lift)[1]
    frames = [
        replace(f, people=()) if second.start_s - 0.1 <= f.time_s <= second.end_s + 0.1 else f
        for f in render_poses(lift)
    ]
    lifter = judged(frames)
    assert [rep.body_seen for rep in lifter.reps] == [True, False, True]
    assert [np.isfinite(rep.score) for rep in lifter.reps] == [True, False, True]
    assert lifter.reps[1].rom == pytest.approx(lifter.reps[0].rom, rel=0.1)
    assert (lifter.reps[1].faults, lifter.reps[1].contributions) == ((), ())
    assert {fault.rep for fault in lifter.faults} == {1, 3}
    assert any(one.reps == (2,) and "covered" in one.reason for one in lifter.not_judged)
    assert any("in rep 2" in warning for warning in lifter.summary.warnings)
    stored = Analysis.from_json(lifter.to_json()).reps
    assert [rep.body_seen for rep in stored] == [True, False, True]


def test_a_failed_attempt_is_told():
    lifter = judged(render_poses(Lift(reps=3, fps=20, view="side", fails_at=0.5)))
    assert len(lifter.reps) == lifter.summary.reps == 2
    assert [attempt.failure for attempt in lifter.attempts] == [Failure.NO_LOCKOUT]
    assert any("does not lock out" in warning for warning in lifter.summary.warnings)
    assert Analysis.from_json(lifter.to_json()).attempts == lifter.attempts


@pytest.mark.parametrize("fps", [10, 60, 120])
def test_rate_and_mirroring_change_neither_score_nor_reps(fps):
    usual = analysis_of(Lift(reps=3, view="side"))
    for other in (Lift(reps=3, view="side", fps=fps), Lift(reps=3, view="side", facing="left")):
        lifter = analysis_of(other)
        assert len(lifter.reps) == 3
        assert lifter.score == pytest.approx(usual.score, abs=0.03)


def centres(frame):
    return [[plate.x_px, plate.y_px] for plate in frame.measured.plates]


def test_the_original_way_neither_smooths_nor_fills_in():
    frames = render_poses(Lift(reps=1), noise_px=4.0)
    frames[7].people[0].xy_px[4] = np.nan
    raw = judged(frames, original=True)
    for frame, measured in zip(raw.frames, frames, strict=True):
        np.testing.assert_array_equal(frame.xy_px, measured.people[0].xy_px)
        assert frame.filled == ()
        assert frame.bar_px.tolist() in centres(frame)
    usual = judged(frames)
    assert "RWrist" in usual.frames[7].filled
    assert any(frame.bar_px.tolist() not in centres(frame) for frame in usual.frames)


def test_the_original_way_keeps_people_who_seem_upside_down():
    frames = render_poses(Lift(reps=1, fps=10))
    someone = frames[7].people[0]
    someone.xy_px[:, 1] = someone.xy_px[:, 1].max() - someone.xy_px[:, 1]
    raw = judged(frames, original=True)
    np.testing.assert_array_equal(raw.frames[7].xy_px, someone.xy_px)
    assert judged(frames).frames[7].filled


def test_half_the_size_scores_the_same():
    usual = analysis_of(Lift(reps=2))
    half = analysis_of(Lift(reps=2, width_px=640, height_px=480))
    assert half.score == pytest.approx(usual.score, abs=0.01)
    assert half.reps[0].rom == pytest.approx(usual.reps[0].rom, rel=0.02)


def test_a_fault_lowers_the_score_and_shows_a_frame_that_has_it():
    good = analysis_of(Lift(reps=2, view="side"))
    bad = analysis_of(Lift(reps=2, view="side", fault="hips_shoot_up", severity=22))
    assert {fault.kind for fault in bad.faults} == {"hips_shoot_up"}
    assert bad.score < good.score - 0.15
    for fault in bad.faults:
        shown = next(frame for frame in bad.frames if frame.index == fault.shown_at)
        assert fault.from_s - 0.2 <= shown.time_s <= fault.to_s + 0.2


def cut(*lifts):
    """Sets one after the other, as shots of one film."""
    frames = []
    for shot, lift in enumerate(lifts):
        index = len(frames)
        time_s = frames[-1].time_s + 1 / lift.fps if frames else 0.0
        frames += [
            replace(
                frame,
                index=index + frame.index,
                time_s=time_s + frame.time_s,
                thumbnail=np.full_like(frame.thumbnail, 80.0 * shot),
            )
            for frame in render_poses(lift)
        ]
    return frames


def test_reps_in_a_shot_from_elsewhere_are_counted_not_judged():
    main = Lift(reps=3, fps=15, view="side")
    near = Lift(reps=1, fps=15, view="side", facing="left", width_px=2560, height_px=1920)
    lifter = judged(cut(main, near))
    assert len(lifter.reps) == 4
    assert lifter.faults == ()
    elsewhere = [one for one in lifter.not_judged if "film is cut" in one.reason]
    assert {one.kind for one in elsewhere} == {rule.kind for rule in DEFAULT_RULES}
    assert {one.reps for one in elsewhere} == {(4,)}
    assert np.isfinite([rep.rom for rep in lifter.reps[:3]]).all()
    assert np.isnan(lifter.reps[3].rom)
    assert lifter.summary.facing == judged(render_poses(main)).summary.facing


def test_a_lifter_of_no_size_is_no_lifter():
    frames = render_poses(Lift(reps=1, fps=10))
    for frame in frames:
        frame.people[0].xy_px[:] = frame.people[0].xy_px[0]  # as a damaged analysis may say
    with np.errstate(divide="ignore", invalid="ignore"):
        lifter = judged(frames)
    assert np.isnan(lifter.score)
    assert lifter.reps == lifter.faults == ()


def test_a_second_shot_that_is_seen_alike_is_judged_as_well():
    lift = Lift(reps=2, fps=15, view="side", fault="hips_shoot_up", severity=22)
    lifter = judged(cut(lift, lift))
    assert [fault.rep for fault in lifter.faults] == [1, 2, 3, 4]


def test_both_lifters_are_judged():
    analysis = analysis_of(Lift(reps=3, second_lifter=True))
    assert sorted(len(lifter.reps) for lifter in analysis.lifters) == [2, 3]


def test_metres_need_a_scale_and_the_height_is_one():
    bare = [replace(frame, plates=()) for frame in render_poses(Lift(reps=1))]
    assert judged(bare).bar.unit == "trunk"
    known = analysis_of(Lift(reps=1, view="front"), height_cm=176)
    assert known.bar.unit == "m"
    assert known.reps[0].rom == pytest.approx(0.55, abs=0.08)
    assert known.bar.low < known.bar.px_per_unit < known.bar.high


def test_a_stored_analysis_judged_again_is_the_same():
    before = Analysis.from_json(analysis_of(Lift(reps=2, fps=15, second_lifter=True)).to_json())
    again = judge_again(before, before.judging, MODEL)
    assert again.to_json() == judge_again(again, again.judging, MODEL).to_json()
    assert again.score == pytest.approx(before.score, abs=1e-3)
    assert [rep.top_s for rep in again.reps] == pytest.approx(
        [rep.top_s for rep in before.reps], abs=1e-4
    )


def test_the_analysis_travels_bit_for_bit():
    sent = analysis_of(Lift(reps=1, fps=10, second_lifter=True))
    got = codec.unpack(codec.pack(sent), Analysis)
    assert codec.pack(got) == codec.pack(sent)


@pytest.mark.parametrize(("turn", "view"), [(0, "side"), (35, "oblique"), (85, "front")])
def test_the_view_is_estimated_with_and_without_a_measured_turn(turn, view):
    people = [frame.people[0] for frame in render_poses(Lift(reps=1, fps=10, turn_deg=float(turn)))]
    xy = np.stack([someone.xy_px for someone in people]).astype(np.float64)
    trunk = float(np.linalg.norm(xy[0, 1] - xy[0, [8, 11]].mean(0)))
    trunk = max(trunk, *(float(np.linalg.norm(p[1] - p[[8, 11]].mean(0))) for p in xy))
    told = estimate_turn_deg(np.full(len(xy), np.nan), xy, trunk)
    assert classify_view(told) == view
    measured = estimate_turn_deg(np.array([someone.turn_deg for someone in people]), xy, trunk)
    assert measured == pytest.approx(turn, abs=2)
    assert classify_view(float("nan")) == "unknown"


@pytest.mark.parametrize(("facing", "sign"), [("right", 1), ("left", -1)])
def test_facing_is_inferred(facing, sign):
    people = [f.people[0] for f in render_poses(Lift(reps=1, fps=10, view="side", facing=facing))]
    xy = np.stack([someone.xy_px for someone in people]).astype(np.float64)
    feet = np.stack([someone.feet_px for someone in people]).astype(np.float64)
    assert infer_facing(xy, feet, 200.0) == sign


def test_a_clip_without_a_deadlift_gets_no_score_and_says_why():
    frames = render_poses(Lift(reps=2, fps=15, view="side", exercise="squat"))
    analysis = judged(frames, EndReason.TRUNCATED)
    assert np.isnan(analysis.score)
    assert np.isnan([frame.score for frame in analysis.frames]).all()
    assert {frame.phase for frame in analysis.frames} == {None}
    assert analysis.reps == analysis.faults == analysis.not_judged == ()
    assert (analysis.summary.reps, analysis.summary.contributions) == (0, ())
    assert analysis.refusal == analysis.summary.warnings[0] == OTHER_LIFT
    assert "breaks off" in analysis.summary.warnings[1]
    assert analysis.frames[0].person is not None  # the skeleton stays
    again = judge_again(Analysis.from_json(analysis.to_json()), JudgingOptions(), MODEL)
    assert again.summary.warnings == analysis.summary.warnings
    assert np.isnan(again.score)


def test_nobody_is_said_once():
    analysis = judged([poses(n, n / 10) for n in range(10)])
    assert len(analysis.summary.warnings) == 1
    assert analysis.refusal.startswith("nobody was found")


def test_a_set_that_is_judged_has_no_refusal():
    assert analysis_of(Lift(reps=1, fps=10)).refusal == ""
