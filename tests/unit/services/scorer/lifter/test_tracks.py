from dataclasses import replace

import numpy as np
import pytest
from builders import person, poses

from services.scorer.lifter.find import evidence, find_lifters
from services.scorer.lifter.tracks import find_shots, link
from shared.data.skeleton import L_WRIST, MIRRORED, R_WRIST
from synthetic import Lift, render_poses


def one_stretch(frames):
    return np.zeros(len(frames), np.int64)


def near(lifter, truths):
    """Share of frames in which a lifter is where the truth is."""
    away = [
        np.linalg.norm(lifter.people[n].box_px - truth.box_px) if n in lifter.people else np.inf
        for n, truth in enumerate(truths)
    ]
    return float(np.mean(np.array(away) < 20))


@pytest.mark.parametrize("view", ["side", "oblique", "front"])
@pytest.mark.parametrize("facing", ["right", "left"])
def test_the_lifter_is_who_lifts_not_the_first_nor_the_biggest(view, facing):
    alone = render_poses(Lift(reps=2, fps=10, view=view, facing=facing))
    crowd = render_poses(Lift(reps=2, fps=10, view=view, facing=facing, bystanders=2))
    assert {len(frame.people) for frame in crowd} == {3}
    lifters = find_lifters(crowd, one_stretch(crowd))
    assert len(lifters) == 1
    heights = [frame.people[0].xy_px[[L_WRIST, R_WRIST], 1].mean() for frame in alone]
    found = [lifters[0].people[n].xy_px[[L_WRIST, R_WRIST], 1].mean() for n in range(len(crowd))]
    assert np.corrcoef(heights, found)[0, 1] > 0.99


def test_of_two_who_lift_both_are_found():
    frames = render_poses(Lift(reps=3, fps=10, second_lifter=True))
    lifters = find_lifters(frames, one_stretch(frames))
    assert len(lifters) == 2
    assert all(len(lifter.people) == len(frames) for lifter in lifters)
    assert all(a is not b for a, b in zip(lifters[0].people.values(), lifters[1].people.values(),
                                          strict=True))  # fmt: skip


def test_a_mirror_does_not_lift():
    def mirrored(someone):
        xy = someone.xy_px[list(MIRRORED)] * 0.7
        xy[:, 0] = 400 - xy[:, 0]
        left, top, right, bottom = someone.box_px * 0.7
        box = np.array([400 - right, top, 400 - left, bottom], np.float32)
        return replace(someone, xy_px=xy.astype(np.float32), box_px=box)

    alone = render_poses(Lift(reps=2, fps=10))
    frames = [replace(f, people=(mirrored(f.people[0]), *f.people)) for f in alone]
    lifters = find_lifters(frames, one_stretch(frames))
    assert len(lifters) == 1
    assert near(lifters[0], [f.people[0] for f in alone]) == 1


def test_two_who_pull_at_the_same_moments_both_lift():
    def beside(someone):
        moved = someone.xy_px + np.float32([400, 0])
        return replace(someone, xy_px=moved, box_px=someone.box_px + np.float32([400, 0, 400, 0]))

    alone = render_poses(Lift(reps=2, fps=10))
    frames = [replace(f, people=(beside(f.people[0]), *f.people)) for f in alone]
    assert len(find_lifters(frames, one_stretch(frames))) == 2


def test_waving_curling_and_standing_are_no_lifts():
    [standing] = poses(0, 0.0, person(x_px=300, y_px=300, height_px=300)).people
    stands = dict(enumerate([standing] * 40))
    waves = {}
    for n in range(40):
        xy = standing.xy_px.copy()
        xy[[L_WRIST, R_WRIST], 1] += 60 * np.sin(n / 3)
        waves[n] = replace(standing, xy_px=xy)
    lifts = {n: f.people[0] for n, f in enumerate(render_poses(Lift(reps=1, fps=10)))}
    assert evidence(stands) < 0.05
    assert evidence(waves) < 0.2
    assert evidence(lifts) > 0.7


def test_a_lifter_who_was_lost_and_found_is_the_same():
    frames = render_poses(Lift(reps=2, fps=10))
    gap = range(20, 35)
    holed = [replace(f, people=()) if n in gap else f for n, f in enumerate(frames)]
    [lifter] = find_lifters(holed, one_stretch(holed))
    assert sorted(lifter.people) == [n for n in range(len(frames)) if n not in gap]


def test_nobody_is_nobody():
    frames = [poses(n, n / 10) for n in range(5)]
    assert find_lifters(frames, one_stretch(frames)) == []


def thumbnails(values, people):
    return [
        replace(poses(n, n / 30, *someone), thumbnail=np.full(48, value, np.float32))
        for n, (value, someone) in enumerate(zip(values, people, strict=True))
    ]


def test_a_cut_begins_a_stretch_and_a_caption_does_not():
    here, there = person(100, 100, 100), person(400, 300, 200)
    values = [0.5] * 10 + [0.55] * 10
    cut = find_shots(thumbnails(values, [(here,)] * 10 + [(there,)] * 10))
    assert cut.tolist() == [0] * 10 + [1] * 10
    caption = find_shots(thumbnails(values, [(here,)] * 20))
    assert caption.tolist() == [0] * 20
    tracks = link(thumbnails(values, [(here,)] * 20), cut)
    assert [len(track.people) for track in tracks] == [10, 10]


def test_without_thumbs_all_is_one_stretch():
    """So it is in clips to train on; a mean of nothing is a warning, and that an error here."""
    frames = [replace(poses(n, n / 10), thumbnail=np.zeros(0, np.float32)) for n in range(3)]
    assert find_shots(frames).tolist() == [0, 0, 0]
