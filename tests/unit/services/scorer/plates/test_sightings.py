"""Tracks of the pose stage become paths of single plates, over seams of chunks and short gaps."""

import numpy as np

from services.scorer.plates.sightings import gather_sightings, link_tracks
from shared.data.messages import Plate

FPS = 30.0


def plate(x_px, y_px, track, radius_px=50.0):
    return Plate(float(x_px), float(y_px), radius_px, radius_px, 0.9, track=track)


def rise(row):
    """Height of a bar that sets off at row 10 with 1.5 m/s (330 px/s)."""
    return 600.0 - 11.0 * max(row - 10, 0)


def paths_of(plates, shot=None):
    seen = gather_sightings(plates)
    shot = np.zeros(len(plates), np.int64) if shot is None else shot
    return seen, link_tracks(seen, np.arange(len(plates)) / FPS, shot)


def test_all_sightings_are_listed_with_row_and_track():
    seen = gather_sightings([(plate(1, 2, 7),), (), (plate(3, 4, None), plate(5, 6, 7))])
    assert seen.row.tolist() == [0, 2, 2]
    assert seen.track.tolist() == [7, -1, 7]
    assert seen.xy_px.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert seen.height_px.tolist() == [100, 100, 100]


def test_moving_plate_is_linked_over_every_seam_beside_one_at_rest():
    plates = [
        (plate(300, rise(row), 2 * (row // 16)), plate(360, 500, 2 * (row // 16) + 1))
        for row in range(48)
    ]
    seen, paths = paths_of(plates)
    assert sorted(len(path) for path in paths) == [48, 48]
    for path in paths:
        assert len(set(seen.xy_px[path, 0])) == 1  # neither path takes over from the other


def test_short_gap_is_bridged_by_velocity_and_a_long_one_is_not():
    for gap, count in ((6, 1), (20, 2)):
        plates = [
            () if 16 <= row < 16 + gap else (plate(300, rise(row), row // 16),) for row in range(48)
        ]
        assert len(paths_of(plates)[1]) == count


def test_hub_of_a_plate_goes_on_with_its_rim():
    plates = [
        (plate(300, rise(row), row // 16, 20.0 if 16 <= row < 32 else 50.0),) for row in range(48)
    ]
    assert len(paths_of(plates)[1]) == 1


def test_plate_of_another_size_elsewhere_does_not_go_on():
    plates = [
        (plate(300 if row < 16 else 330, 600, row // 16, 50.0 if row < 16 else 30.0),)
        for row in range(32)
    ]
    assert len(paths_of(plates)[1]) == 2


def test_no_path_leads_over_a_cut():
    plates = [(plate(300, 600, 0),)] * 32
    shot = (np.arange(32) >= 16).astype(np.int64)
    assert [len(path) for path in paths_of(plates, shot)[1]] == [16, 16]


def test_untracked_sightings_are_linked_from_row_to_row():
    plates = [(plate(300, rise(row), None), plate(500, 500, None)) for row in range(40)]
    assert sorted(len(path) for path in paths_of(plates)[1]) == [40, 40]
