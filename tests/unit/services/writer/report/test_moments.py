from dataclasses import replace

import numpy as np
import pytest
from analyses import NAN, lifter_set

from services.writer.report.moments import Moment, Way, find_moment, find_part, moment_of
from shared.data.analysis import LiftPart, Phase

#: Two repetitions of 3.6 s: setup 0.6, pull 1.0, lockout 0.6, lowering 1.0, rest 0.4; 10 frames/s.
LIFTER = lifter_set(reps=2)
FRAMES, (FIRST, SECOND) = list(LIFTER.frames), LIFTER.reps


@pytest.mark.parametrize(
    ("index", "way", "amount"),
    [
        (4, Way.BEFORE, 0.2),
        (11, Way.UP, 0.5),
        (18, Way.TOP, 0.0),
        (27, Way.DOWN, 0.5),
    ],
)
def test_a_moment_is_told_by_the_bar(index, way, amount):
    moment = moment_of(FRAMES, FIRST, FRAMES[index])
    assert moment.way is way
    assert moment.amount == pytest.approx(amount, abs=0.02)


@pytest.mark.parametrize("index", [4, 6, 9, 11, 15, 24, 27, 30])
def test_the_same_moment_is_found_in_another_repetition(index):
    found = find_moment(FRAMES, SECOND, moment_of(FRAMES, FIRST, FRAMES[index]))
    assert found.index == pytest.approx(index + 36, abs=1)


def test_a_slower_repetition_is_compared_where_the_bar_is():
    slow = replace(SECOND, start_s=FRAMES[38].time_s)  # the bar lies until 4.2 s
    found = find_moment(FRAMES, slow, Moment(Way.UP, 0.5))
    assert found.index == 47


@pytest.mark.parametrize(
    ("part", "low", "high", "phase"),
    [
        (LiftPart.START, 0.0, 0.05, None),
        (LiftPart.PULL_LOW, 0.2, 0.3, Phase.PULL),
        (LiftPart.PULL_HIGH, 0.7, 0.8, Phase.PULL),
        (LiftPart.LOCKOUT, 0.99, 1.0, Phase.LOCKOUT),
        (LiftPart.LOWERING_HIGH, 0.7, 0.8, Phase.LOWER),
        (LiftPart.LOWERING_LOW, 0.2, 0.3, Phase.LOWER),
    ],
)
def test_each_part_has_a_frame_that_shows_it(part, low, high, phase):
    found = find_part(FRAMES, SECOND, part)
    floor_px, top_px = FRAMES[0].bar_px[1], FRAMES[18].bar_px[1]
    assert low - 0.03 <= (floor_px - found.bar_px[1]) / (floor_px - top_px) <= high + 0.03
    assert phase in (None, found.phase)
    assert found.time_s >= SECOND.start_s - 0.051


def test_without_a_bar_the_time_is_used():
    nowhere = np.full(2, NAN, np.float32)
    blind = [replace(frame, bar_px=nowhere) for frame in FRAMES]
    assert find_part(blind, SECOND, LiftPart.PULL_LOW).time_s == pytest.approx(4.45, abs=0.06)
    down = find_moment(blind, SECOND, moment_of(blind, FIRST, blind[27]))
    assert down.index == pytest.approx(63, abs=1)


def test_moments_outside_the_clip_are_the_nearest_that_it_shows():
    cut = replace(FIRST, start_s=NAN, end_s=NAN)
    assert find_part(FRAMES, cut, LiftPart.START).index == 0
    assert find_part(FRAMES, cut, LiftPart.LOWERING_LOW) in FRAMES
