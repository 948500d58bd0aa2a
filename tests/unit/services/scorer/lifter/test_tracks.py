"""People linked into tracks, and cuts that end them."""

from dataclasses import replace

import numpy as np
from builders import person, poses

from services.scorer.lifter.tracks import find_shots, link_people


def frames_with(values, people, fps=30):
    """Frames with thumbnails of these brightnesses, and with these people."""
    return [
        replace(poses(n, n / fps, *someone), thumbnail=np.full(48, value, np.float32))
        for n, (value, someone) in enumerate(zip(values, people, strict=True))
    ]


HERE, THERE = person(100, 100, 100), person(400, 300, 200)
CHANGE = [0.5] * 10 + [0.55] * 10


def test_cut_begins_a_shot_and_new_tracks():
    cut = frames_with(CHANGE, [(HERE,)] * 10 + [(THERE,)] * 10)
    shots = find_shots(cut)
    assert shots.tolist() == [0] * 10 + [1] * 10
    caption = frames_with(CHANGE, [(HERE,)] * 20)
    assert [len(track.people) for track in link_people(caption, shots)] == [10, 10]


def test_caption_that_appears_is_no_cut():
    assert find_shots(frames_with(CHANGE, [(HERE,)] * 20)).tolist() == [0] * 20


def test_flicker_that_lasts_is_no_cut():
    values = [0.5, 0.55] * 10
    assert find_shots(frames_with(values, [(HERE,), (THERE,)] * 10)).tolist() == [0] * 20


def test_frames_without_thumbnails_are_one_shot():
    """So are those of the training data; a mean of nothing would warn, which is an error here."""
    frames = [replace(poses(n, n / 10), thumbnail=np.zeros(0, np.float32)) for n in range(3)]
    assert find_shots(frames).tolist() == [0, 0, 0]


def test_people_are_linked_whatever_their_order_in_a_frame():
    frames = [poses(n, n / 30, *([HERE, THERE] if n % 2 else [THERE, HERE])) for n in range(10)]
    tracks = link_people(frames, find_shots(frames))
    assert [set(map(id, track.people.values())) for track in tracks] == [{id(THERE)}, {id(HERE)}]


def test_person_who_is_gone_for_more_than_a_second_begins_a_new_track():
    for gap_s, tracks in ((0.9, 1), (1.2, 2)):
        gap = int(gap_s * 10)
        frames = [poses(n, n / 10, *([] if 5 <= n < 4 + gap else [HERE])) for n in range(30)]
        assert len(link_people(frames, find_shots(frames))) == tracks


def test_person_who_jumps_or_changes_size_begins_a_new_track():
    for other in (THERE, person(100, 100, 250)):
        frames = [poses(n, n / 30, HERE if n < 5 else other) for n in range(10)]
        assert len(link_people(frames, find_shots(frames))) == 2
