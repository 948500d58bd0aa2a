import numpy as np
import pytest

from services.scorer.bar.ring_alignment import align_rings
from services.scorer.plates.sightings import PlateSightings

CHUNK, RIM_PX = 16, 100.0


def sightings_of(y_px, heights_px, tracks):
    """Sightings of one plate, one in each row."""
    rows = np.arange(len(y_px))
    xy_px = np.column_stack([np.full(len(rows), 300.0), y_px])
    return PlateSightings(rows, xy_px, np.asarray(heights_px, float), np.asarray(tracks))


def aligned(y_px, heights_px, tracks, time_s=None, shot=None):
    rows = np.arange(len(y_px))
    time_s = rows / 30 if time_s is None else time_s
    shot = np.zeros(len(rows), np.int64) if shot is None else shot
    seen = sightings_of(y_px, heights_px, tracks)
    return align_rings(seen, rows, time_s, shot, RIM_PX)[:, 1]


#: A bar that rests, is pulled at a constant speed, and rests: its height over three chunks.
TRUE_PX = 400 - 5 * np.clip(np.arange(3 * CHUNK) - 12, 0, 30)
TRACKS = np.repeat([1, 2, 3], CHUNK)


@pytest.mark.parametrize("other", [0, 1, 2])
@pytest.mark.parametrize("off_px", [-8.0, 8.0])
def test_a_chunk_that_traced_another_ring_is_moved_onto_the_rims_path(other, off_px):
    is_other = TRACKS == other + 1
    y_px = TRUE_PX + np.where(is_other, off_px, 0)
    heights_px = np.where(is_other, 0.85 * RIM_PX, RIM_PX)
    np.testing.assert_allclose(aligned(y_px, heights_px, TRACKS), TRUE_PX, atol=1.0)


def test_two_chunks_of_another_ring_are_moved_together():
    is_other = TRACKS > 1
    y_px = TRUE_PX + np.where(is_other, 7.0, 0)
    heights_px = np.where(is_other, 1.15 * RIM_PX, RIM_PX)
    np.testing.assert_allclose(aligned(y_px, heights_px, TRACKS), TRUE_PX, atol=1.5)


def test_a_chunk_beside_the_path_is_moved_whatever_its_size():
    y_px = TRUE_PX + np.where(TRACKS == 2, 8.0, 0)
    found_px = aligned(y_px, np.full(3 * CHUNK, RIM_PX), TRACKS)
    np.testing.assert_allclose(found_px, TRUE_PX, atol=1.0)


@pytest.mark.parametrize(("last", "off_px"), [(2, 8.0), (1, 2.0)])
def test_a_path_of_the_rim_stays_that_jumps_once_or_little(last, off_px):
    jumping = TRUE_PX + np.where(TRACKS > last, off_px, 0)
    np.testing.assert_array_equal(aligned(jumping, np.full(3 * CHUNK, RIM_PX), TRACKS), jumping)


@pytest.mark.parametrize("why", ["far", "late", "cut"])
def test_what_does_not_meet_the_rims_path_stays_as_it_is(why):
    rows = np.arange(3 * CHUNK)
    is_other = TRACKS == 3
    y_px = TRUE_PX + np.where(is_other, 30.0 if why == "far" else 8.0, 0)
    heights_px = np.where(is_other, 0.85 * RIM_PX, RIM_PX)
    time_s = rows / 30 + np.where(is_other, 1.0 if why == "late" else 0.0, 0)
    shot = np.where(is_other & (why == "cut"), 1, 0)
    np.testing.assert_array_equal(aligned(y_px, heights_px, TRACKS, time_s, shot), y_px)


def test_rows_without_a_plate_stay_unknown():
    seen = sightings_of(TRUE_PX, np.full(3 * CHUNK, RIM_PX), TRACKS)
    sighting = np.arange(3 * CHUNK)
    sighting[20:24] = -1
    centre_px = align_rings(seen, sighting, sighting / 30, np.zeros(3 * CHUNK, int), RIM_PX)
    assert np.isnan(centre_px[20:24]).all()
    assert np.isfinite(np.delete(centre_px, range(20, 24), 0)).all()
