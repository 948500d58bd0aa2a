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


#: Added to the numbers of plates' tracks, so that others have other numbers.
OTHER_TRACKS = 1_000_000


def beside(frame, right_px=400, bars="both"):
    """A frame in which a second person does the same at the same moment; who has a bar there."""
    [person], plates = frame.people, frame.plates
    second = tuple(
        replace(plate, x_px=plate.x_px + right_px, track=plate.track + OTHER_TRACKS)
        for plate in plates
    )
    seen = {"both": plates + second, "first": plates, "nobody": ()}[bars]
    return replace(frame, people=(moved(person, right_px), person), plates=seen)


@pytest.mark.parametrize(("bars", "lifters"), [("both", 2), ("nobody", 2), ("first", 1)])
def test_of_two_who_move_alike_both_lift_unless_only_one_has_a_bar(bars, lifters):
    alone = render_poses(Lift(reps=2, fps=10))
    assert len(lifters_of([beside(frame, bars=bars) for frame in alone])) == lifters


def test_one_body_that_is_found_twice_is_one_lifter():
    alone = render_poses(Lift(reps=2, fps=10, view="front"))
    frames = [replace(f, people=(moved(f.people[0], 12), *f.people)) for f in alone]
    assert len(lifters_of(frames)) == 1


@pytest.mark.parametrize("right_px", [-450, 450])
def test_of_two_who_move_alike_the_lifter_is_who_lifts_a_bar(right_px):
    alone = render_poses(Lift(reps=2, fps=10))
    frames = [beside(frame, right_px, bars="first") for frame in alone]
    [lifter] = lifters_of(frames)
    assert all(lifter.people[n] is frame.people[1] for n, frame in enumerate(frames))


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


def jumping(frames, rows, right_px=150, size=0.5):
    """Frames in which the skeleton sits on something smaller beside the lifter, in these rows."""

    def on_plate(frame):
        [person] = frame.people
        xy = (
            person.xy_px.mean(0)
            + np.float32([right_px, 120])
            + size * (person.xy_px - person.xy_px.mean(0))
        )
        box = np.concatenate([xy.min(0), xy.max(0)]).astype(np.float32)
        return replace(frame, people=(replace(person, xy_px=xy, box_px=box),))

    return [on_plate(frame) if n in rows else frame for n, frame in enumerate(frames)]


@pytest.mark.parametrize("rows", [range(20, 24), range(20, 36), range(8, 60)], ids=str)
def test_a_bad_skeleton_in_between_cuts_nothing_off(rows):
    frames = render_poses(Lift(reps=2, fps=10))
    [lifter] = lifters_of(jumping(frames, rows))
    good = [n for n in range(len(frames)) if n not in rows]
    assert all(lifter.people[n] is frames[n].people[0] for n in good)


@pytest.mark.parametrize("seed", range(4))
def test_a_lifter_who_is_lost_and_misplaced_again_and_again_stays_one(seed):
    """In bursts of up to 1.5 s nobody is seen, or a smaller skeleton somewhere near the lifter."""
    chance = np.random.default_rng(seed)
    frames = render_poses(Lift(reps=3, fps=10, view="side"), noise_px=2.0)
    broken, row = list(frames), 0
    while row < len(frames):
        row += int(chance.integers(5, 30))
        rows = range(row, row := row + int(chance.integers(1, 16)))
        if chance.random() < 0.5:
            broken = [replace(f, people=()) if n in rows else f for n, f in enumerate(broken)]
        else:
            right_px, size = chance.normal(0, 150), chance.uniform(0.3, 0.6)
            broken = jumping(broken, rows, right_px, size)
    [lifter] = lifters_of(broken)
    good = [n for n, frame in enumerate(broken) if frame is frames[n]]
    assert all(lifter.people.get(n) is frames[n].people[0] for n in good)


def test_pieces_are_joined_by_the_bar_that_both_hold():
    """The lifter is lost, walks three metres on, and wears a coat: only the bar says who it is."""
    frames = render_poses(Lift(reps=3, fps=10))
    bar = np.array([[frame.plates[0].x_px, frame.plates[0].y_px] for frame in frames])
    bar[45:, 0] += 1000
    changed = [
        frame
        if n < 30
        else replace(frame, people=())
        if n < 45
        else dressed(replace(frame, people=(moved(frame.people[0], 1000),)), (50, 60, 0))
        for n, frame in enumerate(dressed(frame, (50, 0, 0)) for frame in frames)
    ]
    shots = find_shots(changed)
    joined, apart = (find_lifters(changed, shots, bars=bars) for bars in ([bar], []))
    assert len(joined[0].people) == len(frames) - 15
    assert len(apart[0].people) < len(frames) - 15


def dressed(frame, shirt_lab):
    """A frame whose people wear shirts and trousers of this colour."""
    people = tuple(
        replace(person, clothes_lab=np.tile(np.float32(shirt_lab), (2, 1)))
        for person in frame.people
    )
    return replace(frame, people=people)


@pytest.mark.parametrize(("second_lab", "joined"), [((50, 60, 0), False), ((50, 5, 0), True)])
def test_whoever_stands_there_later_in_other_clothes_is_another(second_lab, joined):
    frames = [replace(f, plates=()) for f in render_poses(Lift(reps=2, fps=10))]
    change = [
        replace(frame, people=())
        if 20 <= n < 35
        else dressed(frame, (50, 0, 0) if n < 20 else second_lab)
        for n, frame in enumerate(frames)
    ]
    whole = len(frames) - 15
    assert (len(lifters_of(change)[0].people) == whole) is joined


def test_clip_with_nobody_has_no_lifter():
    assert lifters_of([poses(n, n / 10) for n in range(5)]) == []
