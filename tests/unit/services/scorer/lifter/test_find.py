"""Who of the people in rendered clips is found to lift."""

from dataclasses import replace

import numpy as np
import pytest
from builders import poses

from services.scorer.lifter.find import find_lifters
from services.scorer.lifter.tracks import find_shots
from shared.data.skeleton import L_WRIST, R_WRIST
from synthetic import Lift, render_poses


def lifters_of(frames):
    return find_lifters(frames, find_shots(frames))


def moved(person, right_px):
    """The same person farther to the right."""
    aside = np.float32([right_px, 0])
    return replace(
        person, xy_px=person.xy_px + aside, box_px=person.box_px + np.float32([right_px, 0] * 2)
    )


@pytest.mark.parametrize("view", ["side", "oblique", "front"])
@pytest.mark.parametrize("facing", ["right", "left"])
def test_lifter_is_who_lifts_not_the_first_nor_the_largest(view, facing):
    alone = render_poses(Lift(reps=2, fps=10, view=view, facing=facing))
    crowd = render_poses(Lift(reps=2, fps=10, view=view, facing=facing, bystanders=2))
    assert {len(frame.people) for frame in crowd} == {3}
    [lifter] = lifters_of(crowd)
    heights = [frame.people[0].xy_px[[L_WRIST, R_WRIST], 1].mean() for frame in alone]
    found = [lifter.people[n].xy_px[[L_WRIST, R_WRIST], 1].mean() for n in range(len(crowd))]
    assert np.corrcoef(heights, found)[0, 1] > 0.99


def test_two_lifters_are_both_found():
    frames = render_poses(Lift(reps=3, fps=10, second_lifter=True))
    first, second = lifters_of(frames)
    assert len(first.people) == len(second.people) == len(frames)
    assert all(first.people[row] is not second.people[row] for row in range(len(frames)))


def test_two_who_pull_at_the_same_moments_are_both_lifters():
    alone = render_poses(Lift(reps=2, fps=10))
    frames = [replace(f, people=(moved(f.people[0], 400), *f.people)) for f in alone]
    assert len(lifters_of(frames)) == 2


def test_lifter_who_is_lost_and_found_again_is_the_same():
    frames = render_poses(Lift(reps=2, fps=10))
    gap = range(20, 35)
    holed = [replace(f, people=()) if n in gap else f for n, f in enumerate(frames)]
    [lifter] = lifters_of(holed)
    assert sorted(lifter.people) == [n for n in range(len(frames)) if n not in gap]


def test_someone_who_comes_far_from_where_the_lifter_was_lost_is_another():
    frames = render_poses(Lift(reps=2, fps=10))
    holed = [replace(frame, people=()) if 20 <= n < 35 else frame for n, frame in enumerate(frames)]
    far = [
        frame if n < 35 else replace(frame, people=(moved(frame.people[0], 3000),))
        for n, frame in enumerate(holed)
    ]
    assert len(lifters_of(holed)[0].people) == len(frames) - 15
    assert len(lifters_of(far)[0].people) < len(frames) - 15


def test_clip_with_nobody_has_no_lifter():
    assert lifters_of([poses(n, n / 10) for n in range(5)]) == []
