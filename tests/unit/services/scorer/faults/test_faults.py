from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from lifted import lifted_of

from services.scorer import faults
from services.scorer.faults.rule import Finding, OneRep, around, max_sustained
from services.scorer.motion.kinematics import compute_kinematics
from shared.data.skeleton import (
    L_ANKLE,
    L_ELBOW,
    L_KNEE,
    L_WRIST,
    R_ANKLE,
    R_ELBOW,
    R_KNEE,
    R_WRIST,
)
from synthetic.settings import FAULTS, Lift

RULES = {rule.KIND: rule for rule in faults.RULES}

#: Fault → severities that are injected, and how near the measured value must come. What is seen of
#: a back is its outline, and hips that shoot up do so for a moment only.
INJECTED = {
    "hips_shoot_up": ((16, 22), 5),
    "stiff_legged": ((65, 70), 2),
    "squatted": ((-3, 2), 3),
    "rounded_back": ((40, 45), 8),
    "bar_drifts": ((0.17, 0.22), 0.03),
    "incomplete_lockout": ((30, 40), 2),
    "leaning_back": ((20, 25), 2),
    "bent_arms": ((52, 60), 3),
    "heels_lift": ((20, 25), 4),
    "hitching": ((0.4, 0.8), 0.1),
    "neck_craned": ((40, 50), 4),
}
CASES = [(fault, s) for fault, (severities, _) in INJECTED.items() for s in severities]


def found_in(lift, **how):
    return faults.judge(*lifted_of(lift, **how))


def test_every_fault_has_a_rule_and_every_rule_is_complete():
    files = {path.stem for path in Path(faults.__file__).parent.glob("*.py")}
    assert set(RULES) == set(FAULTS) == files - {"__init__", "rule"}
    for rule in RULES.values():
        assert rule.NAME
        assert rule.UNIT
        assert rule.CUE.endswith(".")
        assert rule.REASON.endswith(".")


@pytest.mark.parametrize(("fault", "severity"), CASES)
@pytest.mark.parametrize(("view", "facing"), [("side", "left"), ("oblique", "right")])
def test_an_injected_fault_is_found_in_all_reps_and_no_other(fault, severity, view, facing):
    lift = Lift(fault=fault, severity=severity, view=view, facing=facing)
    lifted, kinematics = lifted_of(lift)
    found, _ = faults.judge(lifted, kinematics)
    assert [(one.kind, one.rep) for one in found] == [(fault, 1), (fault, 2), (fault, 3)]
    near = INJECTED[fault][1]
    for one, rep in zip(found, lifted.reps, strict=True):
        assert one.value == pytest.approx(severity, abs=near)
        start_s, end_s = lifted.motion.time_s[[rep.start, rep.end]]
        assert start_s - 0.5 <= one.from_s <= one.to_s <= end_s
        assert one.from_s <= lifted.motion.time_s[one.shown_at] <= one.to_s
        assert faults.MIN_CONFIDENCE <= one.confidence <= 1


@pytest.mark.parametrize("style", ["conventional", "sumo", "romanian"])
@pytest.mark.parametrize("view", ["side", "oblique"])
@pytest.mark.parametrize("noise_px", [0.0, 3.0])
def test_a_correct_set_has_its_style_and_no_fault(style, view, noise_px):
    lifted, kinematics = lifted_of(Lift(style=style, view=view), noise_px)
    found, abstentions = faults.judge(lifted, kinematics)
    assert lifted.style == style
    assert found == ()
    abstains = {one.kind for one in abstentions}
    from_floor = {"hips_shoot_up", "stiff_legged", "squatted"}
    assert abstains == (from_floor if style == "romanian" else set())


def test_a_romanian_set_is_told_by_its_thighs_where_plates_hide_the_ankles():
    def shins_cut_short(person):
        xy = person.xy_px.copy()
        for knee, ankle in ((R_KNEE, R_ANKLE), (L_KNEE, L_ANKLE)):
            # as if it were seen at the plate's rim, while the hands are low
            if xy[[L_WRIST, R_WRIST], 1].mean() > xy[[L_KNEE, R_KNEE], 1].mean() - 20:
                xy[ankle] = xy[knee] + 0.3 * (xy[ankle] - xy[knee])
        return replace(person, xy_px=xy)

    lifted, kinematics = lifted_of(Lift(style="romanian", view="side"), change=shins_cut_short)
    bottoms = [rep.start for rep in lifted.reps]
    assert np.isnan(kinematics.knee[bottoms]).all()
    assert lifted.style == "romanian"
    lifted, _ = lifted_of(Lift(view="side"), change=shins_cut_short)
    assert lifted.style == "conventional"


@pytest.mark.parametrize(
    ("fault", "severity"),
    [
        ("hips_shoot_up", 5),
        ("stiff_legged", 50),
        ("squatted", 18),
        ("rounded_back", 15),
        ("bar_drifts", 0.07),
        ("incomplete_lockout", 12),
        ("leaning_back", 7),
        ("bent_arms", 18),
        ("heels_lift", 7),
        ("hitching", 0.1),
        ("neck_craned", 15),
    ],
)
def test_what_is_within_the_error_of_measuring_is_no_fault(fault, severity):
    assert found_in(Lift(fault=fault, severity=severity, view="side"))[0] == ()


@pytest.mark.parametrize("fault", ["bar_drifts", "heels_lift", "hips_shoot_up", "bent_arms"])
def test_tremble_hides_no_fault_and_makes_none(fault):
    lift = Lift(fault=fault, severity=INJECTED[fault][0][1], view="oblique")
    assert {one.kind for one in found_in(lift, noise_px=3.0)[0]} == {fault}


@pytest.mark.parametrize("fault", ["hips_shoot_up", "hitching", "heels_lift"])
def test_frame_rate_and_size_of_the_picture_do_not_matter(fault):
    severity, near = INJECTED[fault][0][1], INJECTED[fault][1]
    for fps, width_px, height_px in ((15, 1280, 960), (30, 320, 240), (120, 2560, 1920)):
        lift = Lift(
            fault=fault, severity=severity, fps=fps, width_px=width_px, height_px=height_px,
            view="side",
        )  # fmt: skip
        found, _ = found_in(lift)
        assert {one.kind for one in found} == {fault}
        assert [one.value for one in found] == pytest.approx([severity] * 3, abs=1.5 * near)


def test_from_the_front_only_time_is_judged():
    found, abstentions = found_in(Lift(view="front", fault="rounded_back", severity=45))
    assert found == ()
    assert {one.kind for one in abstentions} >= set(RULES) - {"hitching"}
    assert all("85° off the side" in a.why for a in abstentions if a.kind == "rounded_back")
    hitched, _ = found_in(Lift(view="front", fault="hitching", severity=0.8))
    assert [(one.kind, one.rep) for one in hitched] == [("hitching", n) for n in (1, 2, 3)]


def test_what_is_not_seen_is_not_judged():
    def no_outline(person):
        return replace(person, outline_px=np.full_like(person.outline_px, np.nan))

    def no_feet(person):
        return replace(person, sole_px=np.full((2, 2), np.nan))

    for change, kind in ((no_outline, "rounded_back"), (no_feet, "heels_lift")):
        lift = Lift(fault=kind, severity=INJECTED[kind][0][1], view="side")
        found, abstentions = found_in(lift, change=change)
        assert found == ()
        (one,) = abstentions
        assert one.kind == kind
        assert "not seen" in one.why


@pytest.mark.parametrize(("fault", "severity"), [("rounded_back", 45), ("", 0)])
@pytest.mark.parametrize("upright_deg", [25, -60])
def test_an_upright_back_that_is_misread_makes_no_round_one_and_hides_none(
    fault, severity, upright_deg
):
    lifted, kinematics = lifted_of(Lift(view="side", fault=fault, severity=severity))
    flexion = kinematics.back_flexion.copy()
    for rep in lifted.reps:
        flexion[rep.top : rep.lower + 1] = upright_deg
    found, _ = faults.judge(lifted, replace(kinematics, back_flexion=flexion))
    assert {one.kind for one in found} == ({fault} - {""})


def test_a_camera_that_stops_panning_is_no_drift():
    lift = Lift(view="side", reps=1)
    [rep] = lifted_of(lift)[0].reps
    trunk = lifted_of(lift)[0].motion.trunk_length_px
    time_s = np.arange(lift.frames) / lift.fps
    share = (time_s - time_s[rep.start]) / (time_s[rep.top] - time_s[rep.start])
    pan_px = 0.25 * trunk * np.clip(share, -1, 1)
    lifted, _ = lifted_of(lift)
    xy, bar = lifted.motion.xy_px.copy(), lifted.bar.xy_px.copy()
    xy[..., 0] += pan_px[:, None]
    bar[:, 0] += pan_px
    panned = replace(
        lifted, motion=replace(lifted.motion, xy_px=xy), bar=replace(lifted.bar, xy_px=bar)
    )
    assert faults.judge(panned, compute_kinematics(panned.motion))[0] == ()


def test_ankles_that_walk_along_with_the_pull_are_no_drift():
    """As where knees and shins come out from behind plates; they are back where they were."""
    lift = Lift(view="side")
    step = 0.2 * lifted_of(lift)[0].motion.trunk_length_px
    share = iter(lift.timing.bar_progress(np.arange(lift.frames) / lift.fps))

    def walking(person):
        xy = person.xy_px.copy()
        xy[[L_ANKLE, R_ANKLE], 0] -= step * next(share)  # the lifter faces right
        return replace(person, xy_px=xy)

    assert found_in(lift, change=walking)[0] == ()


def test_soles_that_are_seen_for_a_moment_only_do_not_say_that_the_heels_stay_down():
    lift = Lift(view="side", reps=1)
    [rep] = lifted_of(lift)[0].reps
    number = iter(range(lift.frames))

    def at_lockout(person):
        seen = next(number) >= rep.top - 3
        return person if seen else replace(person, sole_px=np.full_like(person.sole_px, np.nan))

    found, abstentions = found_in(lift, change=at_lockout)
    assert found == ()
    assert [one.why for one in abstentions] == ["the soles are not seen during the pull"]


def test_a_plates_rim_is_no_sole():
    def rim_where_the_foot_is_hidden(person):
        if np.isfinite(person.sole_px).all():
            return person
        knee = person.xy_px[R_KNEE]
        sole = knee + [[-60, -15], [20, 30]]  # steep, and far above the floor
        return replace(person, sole_px=sole.astype(np.float32))

    lifted, kinematics = lifted_of(Lift(view="side"), change=rim_where_the_foot_is_hidden)
    assert np.isnan(kinematics.foot_pitch[[rep.start for rep in lifted.reps]]).all()
    assert faults.judge(lifted, kinematics)[0] == ()


def test_the_flat_foot_is_that_of_the_main_shot():
    lift = Lift(view="side", fps=10)
    lifted, _ = lifted_of(lift)
    motion = lifted.motion
    other = np.arange(len(motion)) >= len(motion) // 2
    sloped = np.where(other, -25.0, motion.sole_deg)
    pitch = compute_kinematics(replace(motion, sole_deg=sloped, main=~other)).foot_pitch
    assert np.nanmax(np.abs(pitch[~other])) < 4


def test_who_walks_up_to_the_camera_keeps_the_soles_of_the_set():
    lift = Lift(view="side", fault="heels_lift", severity=25, reps=2, walk_in=True)
    trunk = lifted_of(lift)[0].motion.trunk_length_px
    seconds = iter(np.arange(lift.frames) / lift.fps)

    def nearer(person):
        lower = 0.4 * trunk * (next(seconds) > lift.duration_s - 2)
        return replace(person, sole_px=(person.sole_px + (0, lower)).astype(np.float32))

    found, _ = found_in(lift, change=nearer)
    assert [one.rep for one in found if one.kind == "heels_lift"] == [1, 2]


def test_heels_that_are_up_all_through_a_clip_are_told_by_the_floor():
    def on_tiptoe(person):
        heel, toe = person.sole_px
        ahead = abs(float(toe[0] - heel[0]))
        raised = np.stack([[heel[0], toe[1] - np.tan(np.radians(30)) * ahead], toe])
        return replace(person, sole_px=raised.astype(np.float32))

    found, _ = found_in(Lift(view="side"), change=on_tiptoe)
    assert {one.kind for one in found} == {"heels_lift"}
    assert [one.value for one in found] == pytest.approx([20] * 3, abs=1.5)


def test_arms_that_are_guessed_must_be_bent_further():
    def arms(sure):
        def change(person):
            confidence = person.confidence.copy()
            confidence[[L_ELBOW, R_ELBOW, L_WRIST, R_WRIST]] = sure
            return replace(person, confidence=confidence)

        return change

    lift = Lift(fault="bent_arms", severity=38, view="side")
    assert len(found_in(lift, change=arms(0.95))[0]) == 3
    assert found_in(replace(lift, severity=34), change=arms(0.7))[0] == ()
    assert (
        len(found_in(replace(lift, severity=39), change=arms(0.7))[0]) == 3
    )  # not doubted besides
    found, abstentions = found_in(replace(lift, severity=43), change=arms(0.4))
    assert found == ()
    assert [one.why for one in abstentions if one.kind == "bent_arms"] == [
        "the hands are seen too unsurely"
    ]


def test_a_fault_in_one_of_many_reps_is_less_sure():
    lifted, kinematics = lifted_of(Lift(view="side", reps=6))
    lean = kinematics.trunk_lean.copy()
    rep = lifted.reps[2]
    lean[rep.start : rep.start + 8] += 22
    found, _ = faults.judge(lifted, replace(kinematics, trunk_lean=lean))
    once = [one for one in found if one.kind == "hips_shoot_up"]
    assert [one.rep for one in once] == [3]
    always, _ = found_in(Lift(view="side", reps=6, fault="hips_shoot_up", severity=22))
    assert once[0].confidence < min(one.confidence for one in always) - 0.2


def test_a_rep_that_begins_before_the_clip_has_no_start_to_judge():
    lifted, kinematics = lifted_of(
        Lift(view="side", partial="start", fault="stiff_legged", severity=68)
    )
    found, _ = faults.judge(lifted, kinematics)
    whole = {n for n, rep in enumerate(lifted.reps, 1) if not rep.partial}
    assert {one.rep for one in found} == whole


def test_what_some_reps_do_not_show_is_said():
    lifted, kinematics = lifted_of(Lift(view="side", partial="start"))
    _, abstentions = faults.judge(lifted, kinematics)
    assert [one.reps for one in abstentions if one.kind == "stiff_legged"] == [(1,)]


def test_a_pull_that_the_clip_cuts_off_has_no_lockout_to_judge():
    lifted, kinematics = lifted_of(Lift(view="side", partial="end"))
    found, _ = faults.judge(lifted, kinematics)
    assert "incomplete_lockout" not in {one.kind for one in found}


def test_no_reps_no_faults():
    lifted, kinematics = lifted_of(Lift(view="side"))
    found, abstentions = faults.judge(replace(lifted, reps=()), kinematics)
    assert found == ()
    assert {one.kind for one in abstentions} == set(RULES)


def test_thresholds_are_arguments():
    lifted, kinematics = lifted_of(Lift(view="side"))
    rep = OneRep(lifted, kinematics, lifted.reps[0])
    strict = RULES["squatted"].judge(rep, threshold_deg=60.0)
    assert isinstance(strict, Finding)
    assert strict.margin > 0 > RULES["squatted"].judge(rep).margin


def test_a_peak_counts_as_far_as_it_holds():
    time_s = np.arange(10) / 10
    values = np.array([0, 0, 9, 0, 5, 5, 5, 0, np.nan, 7.0])
    rows = np.arange(10)
    assert max_sustained(values, rows, time_s, 0.2) == (5.0, 5)  # the 9 is gone at once
    assert max_sustained(values, rows, time_s, 0.0)[0] == 9.0
    assert np.isnan(max_sustained(values * np.nan, rows, time_s, 0.2)[0])
    assert list(around(values, 4, rows, 5)) == [4, 5, 6]
