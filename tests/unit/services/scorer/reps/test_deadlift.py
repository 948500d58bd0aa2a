"""What counts as a deadlift that was seen, in rendered motions of every kind."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import changed, observed

from services.scorer.reps.deadlift import NO_DEADLIFT, OTHER_LIFT
from shared.data.skeleton import L_ANKLE, L_ELBOW, L_HIP, L_WRIST, NECK, R_ANKLE, R_ELBOW, R_WRIST
from synthetic import Lift, render_poses
from synthetic.exercises import EXERCISES

VIEWS = ["side", "oblique", "front"]
HANDS = [L_WRIST, R_WRIST]


def held(frame, seconds, fps=15):
    """A clip in which nothing moves."""
    return [replace(frame, index=n, time_s=n / fps) for n in range(round(seconds * fps))]


def lowest(lift):
    """The frame of a set in which the bar is lowest."""
    return render_poses(lift)[0]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("exercise", ["walking", *EXERCISES])
def test_no_other_exercise_is_a_deadlift(exercise, view):
    lift = observed(render_poses(Lift(exercise=exercise, view=view, reps=2, fps=20), noise_px=1.0))
    assert lift.refusal in (NO_DEADLIFT, OTHER_LIFT)
    assert lift.reps == ()
    assert np.isnan(lift.bar.xy_px).all()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    "kind",
    [
        {},
        {"style": "sumo"},
        {"style": "romanian"},
        {"partial": "start"},
        {"partial": "end"},
        {"walk_in": True},
        {"fps": 4},  # as the clips of the original program
        {"bystanders": 3},
        {"fault": "squatted", "severity": 5},
        {"fault": "bent_arms", "severity": 50},
        {"fault": "incomplete_lockout", "severity": 30},
    ],
    ids=str,
)
def test_every_kind_of_deadlift_is_one(kind, view):
    lift = observed(render_poses(Lift(**{"reps": 1, "fps": 20, "view": view, **kind}), 1.0))
    assert lift.refusal == ""
    assert lift.reps


@pytest.mark.parametrize(
    ("style", "view"),
    [
        *((style, view) for style in ("conventional", "sumo") for view in VIEWS),
        # From the front, the neck of a Romanian start lies below the hips: nobody is seen there.
        ("romanian", "side"),
        ("romanian", "oblique"),
    ],
)
def test_a_picture_of_somebody_bent_over_the_bar_is_a_deadlift(style, view):
    assert observed([lowest(Lift(reps=1, style=style, view=view))]).refusal == ""


@pytest.mark.parametrize("exercise", sorted({"walking", *EXERCISES} - {"row", "swing"}))
def test_a_picture_of_anything_else_is_none(exercise):
    """In a picture, the start of a row or of a swing looks like that of a deadlift."""
    for frame in render_poses(Lift(exercise=exercise, view="side", reps=1, fps=3)):
        assert observed([frame]).refusal == NO_DEADLIFT


def test_a_picture_of_somebody_who_stands_with_the_bar_is_none():
    lift = Lift(reps=1, fps=20, view="side")
    frames = render_poses(lift)
    top = max(range(len(frames)), key=lambda n: -frames[n].people[0].xy_px[1, 1])
    assert observed([frames[top]]).refusal == NO_DEADLIFT


@pytest.mark.parametrize(("seconds", "refusal"), [(2.0, ""), (6.0, NO_DEADLIFT)])
def test_whoever_stays_bent_for_longer_than_a_rep_does_not_lift(seconds, refusal):
    assert observed(held(lowest(Lift(reps=1, view="side")), seconds)).refusal == refusal


def test_a_rise_that_is_not_counted_still_shows_a_deadlift():
    """As where hands are hidden on the way up, and no plate is found."""
    frames = [
        replace(frame, plates=())
        for frame in render_poses(Lift(reps=1, fps=15, view="side", delay_s=2.0))
    ]
    for frame in frames[30:]:
        for person in frame.people:
            person.xy_px[[L_ELBOW, R_ELBOW, *HANDS]] = np.nan
            person.confidence[[L_ELBOW, R_ELBOW, *HANDS]] = 0
    lift = observed(frames)
    assert lift.reps == ()
    assert lift.refusal == ""


def test_hands_that_are_guessed_too_high_at_the_top_refuse_nothing():
    def guess(_, xy, confidence):
        hands_over_hips = xy[L_HIP, 1] - xy[HANDS, 1].mean()
        trunk = np.linalg.norm(xy[L_HIP] - xy[NECK])
        if hands_over_hips > -0.3 * trunk:  # near the top
            xy[HANDS, 1] -= 0.4 * trunk
            confidence[HANDS] = 0.3

    frames = changed(render_poses(Lift(reps=1, fps=20, view="side")), guess)
    assert observed(frames).refusal == ""


def test_a_part_of_a_set_that_is_no_deadlift_is_not_counted():
    sets = [Lift(reps=2, fps=20, view="side", exercise=name) for name in ("deadlift", "squat")]
    frames = []
    for lift in sets:
        begin = len(frames)
        frames += [
            replace(frame, index=begin + frame.index, time_s=(begin + frame.index) / lift.fps)
            for frame in render_poses(lift)
        ]
    assert len(observed(frames).reps) == 2


def test_feet_that_are_not_seen_refuse_no_repetition():
    def hide(_, xy, confidence):
        xy[[L_ANKLE, R_ANKLE]], confidence[[L_ANKLE, R_ANKLE]] = np.nan, 0

    lift = observed(changed(render_poses(Lift(reps=2, fps=20, view="side")), hide))
    assert lift.refusal == ""
    assert len(lift.reps) == 2


def test_frames_out_of_order_are_no_deadlift_whatever_the_hands_do():
    frames = render_poses(Lift(reps=3, fps=30, view="side"))
    order = np.random.default_rng(0).permutation(len(frames))
    shuffled = [
        replace(frames[other], index=frame.index, time_s=frame.time_s)
        for frame, other in zip(frames, order, strict=True)
    ]
    assert "out of order" in observed(shuffled).refusal
    assert observed(frames).refusal == ""
