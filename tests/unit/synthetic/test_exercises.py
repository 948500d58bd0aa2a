import numpy as np
import pytest

from shared.data.skeleton import L_ANKLE, L_WRIST, NECK, R_ANKLE
from synthetic import Lift, render_poses
from synthetic.exercises import EXERCISES


def joints_of(exercise):
    lift = Lift(exercise=exercise, view="side", reps=1, fps=10)
    return np.array([frame.people[0].xy_px for frame in render_poses(lift)])


def test_a_walker_crosses_the_picture_without_sinking():
    xy = joints_of("walking")
    feet = xy[:, [L_ANKLE, R_ANKLE], 0].mean(1)
    assert feet[-1] - feet[0] > 300
    assert np.ptp(xy[:, NECK, 1]) < 40


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_feet_stay_and_something_moves(exercise):
    xy = joints_of(exercise)
    assert np.ptp(xy[:, L_ANKLE, 0]) < 1
    moved = np.ptp(xy[:, L_WRIST], axis=0).max()
    assert moved == 0 if exercise == "standing" else moved > 80


def test_who_presses_on_a_bench_lies():
    xy = joints_of("bench_press")
    assert (np.abs(xy[:, NECK, 1] - xy[:, 8, 1]) < 0.3 * np.abs(xy[:, NECK, 0] - xy[:, 8, 0])).all()
    assert (xy[:, L_WRIST, 1] < xy[:, NECK, 1]).all()


def test_no_bar_is_held():
    assert not any(frame.plates for frame in render_poses(Lift(exercise="squat", fps=5)))
