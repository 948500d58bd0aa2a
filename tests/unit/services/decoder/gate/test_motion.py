"""Where a recording moves, on drawn key frames."""

import numpy as np
import pytest

from services.decoder.gate.motion import LONGEST_GAP_S, MARGIN_S, Changes, joined

HEIGHT, WIDTH = 36, 64
STILL = np.zeros((HEIGHT, WIDTH), np.float32)


def gym(count, seed=0):
    """Key frames of an empty gym: an uneven wall, and noise."""
    rng = np.random.default_rng(seed)
    wall = rng.uniform(40, 120, (HEIGHT, WIDTH))
    return [np.clip(wall + rng.normal(0, 1, wall.shape), 0, 255) for _ in range(count)]


def changes_of(pictures, step_s=4.0):
    greys = [np.round(picture).astype(np.uint8) for picture in pictures]
    return Changes.between([step_s * number for number in range(len(greys))], greys)


def with_person(picture, column):
    """A person an eighth of the picture high, a little darker than the wall behind."""
    picture = picture.copy()
    picture[20:25, column : column + 2] -= 15
    return picture


def with_fan(picture, number):
    """A fan of 4 × 4 pixels: where its blades are differs from picture to picture."""
    picture = picture.copy()
    blades = np.random.default_rng(number).random((4, 4)) < 0.5
    picture[4:8, 50:54] = np.where(blades, 200, 60)
    return picture


def test_an_empty_gym_does_not_move():
    assert not changes_of(gym(40)).moving(STILL).any()


def test_a_small_person_who_walks_moves():
    pictures = gym(10)
    for number in (4, 5, 6):
        pictures[number] = with_person(pictures[number], 8 * number)
    assert changes_of(pictures).moving(STILL).tolist() == [3 <= gap <= 6 for gap in range(9)]


def test_light_that_fades_or_is_corrected_does_not_move():
    pictures = [picture + 3 * number for number, picture in enumerate(gym(20))]
    assert not changes_of(pictures).moving(STILL).any()


def test_lights_that_go_out_move_once_and_are_not_learned():
    pictures = [picture * (0.3 if number >= 20 else 1) for number, picture in enumerate(gym(40))]
    changes = changes_of(pictures)
    moving = changes.moving(STILL)
    assert np.flatnonzero(moving).tolist() == [19]
    assert changes.learned(STILL, moving, []).max() < 5


def test_a_fan_is_learned_while_nobody_is_there():
    changes = changes_of([with_fan(picture, number) for number, picture in enumerate(gym(40))])
    moving = changes.moving(STILL)
    noise = changes.learned(STILL, moving, [])
    assert moving.mean() > 0.9
    assert not changes.moving(noise).any()


def test_a_person_is_seen_beside_a_fan_that_was_learned():
    fans = [with_fan(picture, number) for number, picture in enumerate(gym(40))]
    noise = changes_of(fans).learned(STILL, np.ones(39, bool), [])
    fans[20] = with_person(fans[20], 30)
    assert np.flatnonzero(changes_of(fans).moving(noise)).tolist() == [19, 20]


def test_nothing_is_learned_where_people_are():
    changes = changes_of([with_fan(picture, number) for number, picture in enumerate(gym(40))])
    people_s = list(np.arange(0, 160, 1.0))
    assert changes.learned(STILL, changes.moving(STILL), people_s) is STILL


def test_key_frames_too_far_apart_are_looked_between():
    assert changes_of(gym(3), LONGEST_GAP_S + 1).moving(STILL).all()


def test_stretches_have_margins_and_are_joined():
    changes = changes_of(gym(26))
    moving = np.zeros(25, bool)
    moving[[5, 7, 20]] = True
    first, second = changes.spans(moving, 0.0, 100.0)
    assert first == (20 - MARGIN_S, 32 + MARGIN_S)
    assert second == (80 - MARGIN_S, 84 + MARGIN_S)


@pytest.mark.parametrize(
    ("times_s", "expected"),
    [
        ([], [(10.0, 20.0)]),  # no key frame at all: there may be anything
        ([12.0, 16.0, 20.0], [(10.0, 12.0 + MARGIN_S)]),  # before the first
        ([10.0, 14.0], [(14.0 - MARGIN_S, 20.0)]),  # after the last
    ],
)
def test_what_no_key_frames_show_is_looked_at(times_s, expected):
    changes = Changes.between(times_s, [np.zeros((HEIGHT, WIDTH), np.uint8)] * len(times_s))
    spans = changes.spans(np.zeros(max(len(times_s) - 1, 0), bool), 10.0, 20.0)
    assert [(max(10.0, start), end) for start, end in spans] == [
        (max(10.0, start), end) for start, end in expected
    ]


def test_spans_that_touch_are_one():
    assert joined([(5, 7), (0, 2), (2, 3)]) == [(0, 3), (5, 7)]
