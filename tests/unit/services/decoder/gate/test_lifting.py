"""Sets from looks a second apart."""

import math
from dataclasses import replace

import numpy as np
import pytest
from builders import poses

from services.decoder.gate.lifting import LONGEST_S, PAD_S, PAUSE_S, find_sets, samples_of
from shared.data.gate import MAX_SAMPLES, Sample
from synthetic import Lift, render_poses

RED = np.array([[50, 60, 40], [30, 0, 0]], np.float32)
BLUE = np.array([[40, 10, -50], [60, 0, 0]], np.float32)


def samples(postures, from_s=0.0, clothes=RED, x_px=100.0):
    """One person, a look a second: "l" low, "u" upright, "-" neither, "." not there."""
    return [
        Sample(from_s + second, x_px, 200.0, posture == "l", posture == "u", clothes)
        for second, posture in enumerate(postures)
        if posture != "."
    ]


def found(seen, until_s=1e4, closed_s=-100.0, is_end=True):
    return find_sets(sorted(seen, key=lambda one: one.time_s), until_s, closed_s, is_end)


def test_a_set_is_found_with_time_around_it():
    assert found(samples("." * 20 + "uullu-lluu")).sets == ((22 - PAD_S, 27 + PAD_S),)


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (samples("." * 20 + "u" * 30), "somebody stands about"),
        (samples("l" * 60), "somebody sits, with hands on the knees"),
        (samples("." * 20 + "l") + samples("u" * 40, x_px=600.0), "upright is somebody else"),
        ([], "nobody"),
    ],
)
def test_what_is_no_lift_is_no_set(seen, why):
    assert found(seen).sets == (), why


def test_sets_are_apart_after_a_pause():
    pause = "u" * (int(PAUSE_S) + 1)
    first, second = found(samples("uul" + pause + "luu")).sets
    assert first[1] <= second[0]


def test_lifters_in_turn_have_sets_of_their_own():
    seen = samples("uluul") + samples("......uuuuuul", clothes=BLUE)
    assert [round(start, 1) for start, _ in found(seen).sets] == [0.0, 8.0]
    one = samples("uluul") + samples("......uuuuuul")
    assert len(found(one).sets) == 1


def test_people_who_lift_at_the_same_time_are_in_one_set():
    seen = samples("ululululu") + samples("lulululul", clothes=BLUE, x_px=500.0)
    assert len(found(seen).sets) == 1


def test_what_lasts_too_long_is_cut():
    sets = found(samples("ul" * int(LONGEST_S))).sets
    assert len(sets) == 2
    assert max(end - start for start, end in sets) <= LONGEST_S + 2 * PAD_S + 1


@pytest.mark.parametrize("at_s", range(0, 80, 7))
def test_sets_do_not_depend_on_where_parts_begin(at_s):
    seen = samples("uullulu" + "u" * 30 + "llululu" + "." * 40 + "uulluu")
    whole = found(seen, 100.0).sets
    first = found([s for s in seen if s.time_s < at_s], at_s, is_end=False)
    rest = [*first.samples, *(s for s in seen if s.time_s >= at_s)]
    assert (*first.sets, *found(rest, 100.0, first.closed_s).sets) == whole


def test_what_is_kept_is_bounded():
    seen = [replace(one, time_s=one.time_s / 20) for one in samples("ul" * 2 * MAX_SAMPLES)]
    assert len(found(seen, seen[-1].time_s, is_end=False).samples) <= MAX_SAMPLES


@pytest.mark.parametrize("view", ["side", "oblique", "front"])
@pytest.mark.parametrize("style", ["conventional", "sumo"])
def test_rendered_sets_are_found_with_all_repetitions(view, style):
    lift = Lift(reps=3, fps=10, view=view, style=style)
    frames = render_poses(lift)
    looks = [frame for frame in frames if frame.index % 10 == 0]
    seen = [one for frame in looks for one in samples_of(frame)]
    ((from_s, to_s),) = found(seen).sets
    low_s = [one.time_s for one in seen if one.is_low]
    assert from_s <= max(0.0, min(low_s) - 2)
    assert to_s >= frames[-1].time_s - 1


def test_ghosts_are_nobody():
    frame = render_poses(Lift(reps=1, fps=10))[0]
    ghost = replace(frame.people[0], detection_confidence=0.15)
    assert samples_of(poses(0, 0.0, ghost)) == []


def test_a_person_without_hands_and_feet_is_judged_by_the_trunk():
    person = render_poses(Lift(reps=1, fps=10, delay_s=0))[0].people[0]
    xy_px = person.xy_px.copy()
    xy_px[[4, 7, 10, 13]] = math.nan
    (sample,) = samples_of(poses(0, 0.0, replace(person, xy_px=xy_px)))
    assert isinstance(sample.is_low, bool)
