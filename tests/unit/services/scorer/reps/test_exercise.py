"""What is said to be done in rendered clips: a deadlift, another lift, or no lift."""

from dataclasses import replace

import numpy as np
import pytest
from builders import poses, poses_of
from lifted import observed

from services.scorer.analysis import judge_poses
from services.scorer.reps.deadlift import NO_DEADLIFT, OTHER_LIFT
from services.scorer.score import lift_model
from shared.data.analysis import Exercise
from shared.data.job_options import JudgingOptions
from shared.data.skeleton import MIRRORED
from synthetic import Lift, render_poses
from synthetic.exercises import EXERCISES

#: What is no lift. Sitting down is told as another lift: it looks like a squat without a bar.
NO_LIFTS = {"walking", "standing"}


def mirrored(frames, width_px=1280):
    """The frames as a mirror shows them."""

    def person(one):
        left, top, right, bottom = one.box_px
        return replace(
            one,
            xy_px=(one.xy_px * (-1, 1) + (width_px, 0))[list(MIRRORED)].astype(np.float32),
            confidence=one.confidence[list(MIRRORED)],
            feet_px=(one.feet_px * (-1, 1) + (width_px, 0))[[1, 0, 3, 2]].astype(np.float32),
            feet_confidence=one.feet_confidence[[1, 0, 3, 2]],
            outline_px=one.outline_px[::-1],
            sole_px=(one.sole_px * (-1, 1) + (width_px, 0)).astype(np.float32),
            box_px=np.array([width_px - right, top, width_px - left, bottom], np.float32),
        )

    return [
        replace(
            frame,
            people=tuple(map(person, frame.people)),
            plates=tuple(replace(p, x_px=width_px - p.x_px) for p in frame.plates),
        )
        for frame in frames
    ]


@pytest.mark.parametrize("facing", ["right", "left"])
@pytest.mark.parametrize("view", ["side", "oblique"])
@pytest.mark.parametrize("exercise", ["walking", *EXERCISES])
def test_other_exercises_are_named_and_have_no_rep(exercise, view, facing):
    lift = Lift(exercise=exercise, view=view, facing=facing, reps=2, fps=20)
    frames = render_poses(lift, noise_px=1.0)
    for shown in (frames, mirrored(frames)):
        found = observed(shown)
        expected = Exercise.NO_LIFT if exercise in NO_LIFTS else Exercise.OTHER_LIFT
        assert found.exercise is expected
        assert found.exercise_confidence > 0.6
        assert found.reps == ()
        assert found.refusal == (NO_DEADLIFT if exercise in NO_LIFTS else OTHER_LIFT)


@pytest.mark.parametrize("facing", ["right", "left"])
@pytest.mark.parametrize("style", ["conventional", "sumo", "romanian"])
def test_deadlifts_stay_deadlifts_in_both_facings_and_in_a_mirror(style, facing):
    frames = render_poses(Lift(style=style, facing=facing, reps=2, fps=20), noise_px=1.0)
    for shown in (frames, mirrored(frames)):
        found = observed(shown)
        assert found.exercise is Exercise.DEADLIFT
        assert found.exercise_confidence > 0.9
        assert len(found.reps) == 2


def test_an_empty_room_shows_no_lift():
    empty = replace(poses_of(Lift(reps=1)), frames=tuple(poses(n, n / 20) for n in range(100)))
    one = judge_poses(empty, JudgingOptions(), lift_model.load_default())
    assert one.summary.exercise is Exercise.NO_LIFT
    assert one.summary.exercise_confidence > 0.8
    assert one.reps == ()


def test_a_picture_that_is_upside_down_shows_nothing_that_is_known():
    def turned(frame):
        people = (replace(p, xy_px=(960 - p.xy_px).astype(np.float32)) for p in frame.people)
        return replace(frame, people=tuple(people))

    found = observed([turned(frame) for frame in render_poses(Lift(reps=1, fps=20))])
    assert (found.exercise, found.exercise_confidence) == (Exercise.UNKNOWN, 0.0)


def test_a_part_of_a_deadlift_is_less_certain_than_a_whole_one():
    lift = Lift(reps=1, fps=20, view="side")
    whole, picture = observed(render_poses(lift)), observed(render_poses(lift)[:1])
    assert whole.exercise is picture.exercise is Exercise.DEADLIFT
    assert whole.exercise_confidence > 0.9 > picture.exercise_confidence


def test_a_longer_clip_of_standing_is_more_certainly_no_lift():
    short, long = (
        observed(render_poses(Lift(exercise="standing", reps=reps, fps=10))) for reps in (1, 3)
    )
    assert short.exercise is long.exercise is Exercise.NO_LIFT
    assert short.exercise_confidence < long.exercise_confidence
