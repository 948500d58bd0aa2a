"""Which motions show a lift: pulls do; waving, curling and standing do not."""

from dataclasses import replace

import numpy as np
from builders import person, poses

from services.scorer.lifter.evidence import measure_evidence, measure_heights
from shared.data.skeleton import HEAD, L_ANKLE, L_WRIST, NECK, R_ANKLE, R_WRIST
from synthetic import Lift, render_poses


def standing():
    [one] = poses(0, 0.0, person(x_px=300, y_px=300, height_px=300)).people
    return dict(enumerate([one] * 40))


def lifting(**settings):
    frames = render_poses(Lift(reps=1, fps=10, **settings))
    return {row: frame.people[0] for row, frame in enumerate(frames)}


def test_pull_is_strong_evidence():
    assert measure_evidence(lifting()) > 0.7


def test_standing_is_no_evidence():
    assert measure_evidence(standing()) < 0.05


def test_hands_that_move_alone_are_weak_evidence():
    waving = {}
    for row, one in standing().items():
        xy = one.xy_px.copy()
        xy[[L_WRIST, R_WRIST], 1] += 60 * np.sin(row / 3)
        waving[row] = replace(one, xy_px=xy)
    assert measure_evidence(waving) < 0.2


def test_whole_body_that_moves_up_and_down_is_no_evidence():
    jumping = {}
    for row, one in standing().items():
        xy = one.xy_px + np.float32([0, 60 * np.sin(row / 3)])
        jumping[row] = replace(one, xy_px=xy)
    assert measure_evidence(jumping) < 0.05


def test_arms_overhead_are_no_evidence():
    pressing = {}
    for row, one in lifting().items():
        xy = one.xy_px.copy()
        xy[[L_WRIST, R_WRIST], 1] -= 1000
        pressing[row] = replace(one, xy_px=xy)
    assert measure_evidence(pressing) == 0


def test_unseen_hands_give_no_evidence():
    hidden = {}
    for row, one in lifting().items():
        xy = one.xy_px.copy()
        xy[[L_WRIST, R_WRIST]] = np.nan
        hidden[row] = replace(one, xy_px=xy)
    assert measure_evidence(hidden) == 0


def test_body_height_falls_back_to_the_box_where_ankles_are_unseen():
    people = lifting()
    seen = measure_heights(people)
    for one in people.values():
        one.xy_px[[L_ANKLE, R_ANKLE, HEAD, NECK]] = np.nan
    fallback = measure_heights(people)
    assert np.isnan(fallback.neck_px).all()
    assert 0.7 < fallback.body_px / seen.body_px < 1.2
