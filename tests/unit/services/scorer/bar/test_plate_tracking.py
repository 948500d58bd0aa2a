"""Which plate is the bar's: the one that moves with the hands, also where those are misplaced."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.bar.plate_tracking import follow_plate, gather_sightings, track_plate
from services.scorer.motion.motion import hands_px
from services.scorer.observe import observe_lifters
from shared.data.messages import Plate
from shared.data.skeleton import L_WRIST, R_WRIST
from synthetic import Lift, render_poses

LIFT = Lift(reps=2, fps=30, view="side")
#: A plate in a rack, and one that is larger: neither moves.
RACKED = Plate(1000.0, 300.0, 60.0, 60.0, 0.9)
LARGE = Plate(200.0, 700.0, 150.0, 150.0, 0.9)


@pytest.fixture(scope="module")
def motion():
    return lift_of(LIFT).motion


@pytest.fixture(scope="module")
def plates():
    return observe_lifters(render_poses(LIFT))[0].plates


def track(motion, plates):
    return track_plate(motion, hands_px(motion), gather_sightings(plates))


def raise_hands(motion, rows, trunks=0.5):
    """The motion with hands that are placed too high in some rows."""
    xy = motion.xy_px.copy()
    xy[rows, [[L_WRIST], [R_WRIST]], 1] -= trunks * motion.trunk_length_px
    return replace(motion, xy_px=xy)


def test_sightings_of_each_row_are_found_by_its_number():
    seen = gather_sightings([(RACKED,), (), (LARGE, RACKED)])
    assert seen.row.tolist() == [0, 2, 2]
    assert seen.xy_px[seen.of_row(0)].tolist() == [[1000, 300]]
    assert not len(seen.xy_px[seen.of_row(1)])
    assert seen.height_px[seen.of_row(2)].tolist() == [300, 120]


def test_plate_that_moves_with_the_hands_is_the_bars(motion, plates):
    crowded = [(RACKED, *seen, LARGE) for seen in plates]
    tracked = track(motion, crowded)
    true = [seen[0] for seen in plates]
    assert tracked.diameter_px == pytest.approx(2 * true[0].half_height_px, rel=0.01)
    assert (tracked.sighting >= 0).all()
    found_px = gather_sightings(crowded).xy_px[tracked.sighting]
    np.testing.assert_allclose(found_px, [(plate.x_px, plate.y_px) for plate in true])


def test_plate_that_moves_otherwise_than_the_hands_is_not_the_bars(motion):
    rolling = [(replace(RACKED, x_px=4.0 * row),) for row in range(len(motion))]
    assert track(motion, rolling) is None
    assert track(motion, [()] * len(motion)) is None


@pytest.mark.parametrize(("fraction", "is_tracked"), [(0.5, True), (0.3, False)])
def test_plate_must_be_seen_with_the_hands_in_two_fifths_of_the_rows(
    motion, plates, fraction, is_tracked
):
    rarely = [seen if row % 10 < 10 * fraction else () for row, seen in enumerate(plates)]
    assert (track(motion, rarely) is not None) == is_tracked


def test_plate_seen_with_its_shadow_is_no_sighting_of_the_bars(motion, plates):
    shadowed = [
        (replace(seen[0], half_height_px=1.3 * seen[0].half_height_px),) if row % 3 == 0 else seen
        for row, seen in enumerate(plates)
    ]
    tracked = track(motion, shadowed)
    assert (tracked.sighting[::3] < 0).all()
    assert (tracked.sighting[1::3] >= 0).all()


def test_motion_without_a_size_has_no_plate(motion, plates):
    assert track(replace(motion, trunk_length_px=float("nan")), plates) is None


def test_plate_is_followed_where_hands_are_misplaced_for_a_moment(motion, plates):
    for duration_s, is_followed in ((0.3, True), (2.0, False)):
        wrong = slice(60, 60 + round(duration_s * LIFT.fps))
        misled, seen = raise_hands(motion, wrong), gather_sightings(plates)
        tracked = track(misled, plates)
        assert (tracked.sighting[wrong] < 0).all()
        followed = follow_plate(misled, seen, tracked)
        assert (followed[wrong] >= 0).all() == is_followed
        assert (followed[:60] >= 0).all()


def test_hidden_hands_lose_the_plate_no_more_than_misplaced_ones(motion, plates):
    hidden = slice(60, 68)
    xy = motion.xy_px.copy()
    xy[hidden, [[L_WRIST], [R_WRIST]]] = np.nan
    blind = replace(motion, xy_px=xy)
    followed = follow_plate(blind, gather_sightings(plates), track(blind, plates))
    assert (followed >= 0).all()


def test_plate_is_not_followed_over_a_cut(motion, plates):
    wrong = slice(60, 66)
    misled = raise_hands(motion, wrong)
    shot = np.zeros(len(motion), np.int64)
    shot[wrong], shot[66:] = 1, 2
    cut = replace(misled, shot=shot)
    followed = follow_plate(cut, gather_sightings(plates), track(cut, plates))
    assert (followed[wrong] < 0).all()
