"""Where people are looked for, and what the frames between get."""

import numpy as np
import pytest
from builders import person

from services.pose.backends import TimedImage
from services.pose.looks import MAX_ERROR, MAX_GAP_S, find_people, look_in_any_order
from shared.data.skeleton import NECK

TIMES_S = [row / 30 for row in range(48)]


def looked_at(height_px, times_s=TIMES_S):
    """Rows at which a person is looked for whose height over the floor is a function of time."""
    rows = []

    def look(row):
        rows.append(row)
        return (person(100, 100 - height_px(times_s[row])),)

    people = find_people(look, times_s)
    return people, rows


def test_a_hold_is_looked_at_seldom_but_never_too_seldom():
    people, rows = looked_at(lambda _: 0)
    assert len(rows) < len(TIMES_S) / 3
    assert max(np.diff([TIMES_S[row] for row in sorted(rows)])) <= MAX_GAP_S
    assert {0, len(TIMES_S) - 1} <= set(rows)
    assert len(people) == len(TIMES_S)


def test_even_motion_needs_no_more_looks_than_a_hold():
    _, rows = looked_at(lambda time_s: 40 * time_s)
    assert len(rows) == len(looked_at(lambda _: 0)[1])


def test_a_jerk_is_looked_at_more_often():
    _, rows = looked_at(lambda time_s: 60 * (time_s > 0.83))
    near = [row for row in rows if 0.7 < TIMES_S[row] < 0.95]
    assert len(near) >= 5


def test_between_looks_the_error_is_small():
    def height_px(time_s):
        return 25 * np.sin(2 * np.pi * time_s)  # half a metre up and down in a second

    people, _ = looked_at(height_px)
    neck = person().xy_px[NECK]
    trunk_px = np.linalg.norm(neck - person().xy_px[[8, 11]].mean(0))
    off = [
        abs(people[row][0].xy_px[NECK, 1] - (neck[1] - height_px(time_s))) / trunk_px
        for row, time_s in enumerate(TIMES_S)
    ]
    assert max(off) < MAX_ERROR


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_the_shortest_chunks_are_looked_at_whole(frames):
    people, rows = looked_at(lambda _: 0, TIMES_S[:frames])
    assert sorted(rows) == list(range(frames))
    assert len(people) == frames


def test_no_row_is_looked_at_twice():
    rows = looked_at(lambda time_s: 200 * (time_s % 0.2))[1]
    assert len(rows) == len(set(rows))


class Numbered:
    """A backend that tells which image it was given: the value of its pixels."""

    engine, takes_any_order = "none", True

    def people(self, images):
        for image, _ in images:
            yield (person(float(image.max())),)


def test_a_backend_is_asked_for_images_in_any_order():
    images = [TimedImage(np.full((2, 2, 3), n, np.uint8), float(n)) for n in range(5)]
    look = look_in_any_order(Numbered(), images)
    boxes = [look(row)[0].box_px[0] - person(0).box_px[0] for row in (0, 4, 2, 1, 2)]
    assert boxes == [0, 4, 2, 1, 2]
