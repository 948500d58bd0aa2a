"""Which plate is the bar's: the one that moves with the hands, or as a lifted bar without them."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.bar.plate_tracking import find_bar_plate, track_plate
from services.scorer.motion.motion import hands_px
from services.scorer.observe import observe_lifters
from services.scorer.plates.sightings import gather_sightings
from shared.data.messages import Plate
from shared.data.skeleton import HEAD, L_WRIST, NECK, R_WRIST
from synthetic import Lift, render_poses

LIFT = Lift(reps=2, fps=30, view="side")
#: A plate in a rack, and one that is larger: neither moves.
RACKED = Plate(1000.0, 300.0, 60.0, 60.0, 0.9, track=9001)
LARGE = Plate(200.0, 700.0, 150.0, 150.0, 0.9, track=9002)


@pytest.fixture(scope="module")
def motion():
    return lift_of(LIFT).motion


@pytest.fixture(scope="module")
def plates():
    return observe_lifters(render_poses(LIFT))[0].plates


@pytest.fixture(params=["tracked", "untracked"])
def any_plates(request, plates):
    """The plates of each row, as the pose stage gives them, or as stored before it tracked any."""
    if request.param == "tracked":
        return plates
    return [tuple(replace(plate, track=None) for plate in seen) for seen in plates]


def track(motion, plates):
    return track_plate(motion, hands_px(motion), gather_sightings(plates))


def move_hands(motion, rows, by_px):
    """The motion with hands that are misplaced in some rows; NaN: not seen."""
    xy = motion.xy_px.copy()
    for hand in (L_WRIST, R_WRIST):
        xy[rows, hand] += by_px
    return replace(motion, xy_px=xy)


def test_plate_that_moves_with_the_hands_is_the_bars(motion, any_plates):
    crowded = [(RACKED, *seen, LARGE) for seen in any_plates]
    tracked = track(motion, crowded)
    true = [seen[0] for seen in any_plates]
    assert tracked.diameter_px == pytest.approx(2 * true[0].half_height_px, rel=0.01)
    assert (tracked.sighting >= 0).all()
    found_px = gather_sightings(crowded).xy_px[tracked.sighting]
    np.testing.assert_allclose(found_px, [(plate.x_px, plate.y_px) for plate in true])


def test_plates_at_rest_are_not_the_bar(motion):
    """Even one that the hands are beside for most of the time, as at lockout."""
    hands = hands_px(motion)
    beside = replace(RACKED, x_px=float(hands[60, 0]), y_px=float(hands[:, 1].min()))
    assert track(motion, [(RACKED, LARGE, beside)] * len(motion)) is None


def test_plate_that_rolls_by_is_not_the_bar(motion):
    rolling = [(replace(RACKED, x_px=4.0 * row),) for row in range(len(motion))]
    assert track(motion, rolling) is None
    assert track(motion, [()] * len(motion)) is None


def test_circles_on_the_body_are_not_the_bar(motion):
    """Head and shoulders rise with the hands."""
    for joint in (HEAD, NECK):
        circles = [
            (Plate(float(x), float(y), 50.0, 50.0, 0.9, track=row // 16),)
            for row, (x, y) in enumerate(motion.xy_px[:, joint])
        ]
        assert track(motion, circles) is None


def test_plate_seen_with_its_shadow_is_no_sighting_of_the_bars(motion, plates):
    shadowed = [
        (replace(seen[0], half_height_px=1.3 * seen[0].half_height_px, track=None),)
        if row % 3 == 0
        else seen
        for row, seen in enumerate(plates)
    ]
    tracked = track(motion, shadowed)
    assert (tracked.sighting[::3] < 0).mean() > 0.9
    assert (tracked.sighting[1::3] >= 0).all()
    assert tracked.diameter_px == pytest.approx(2 * plates[1][0].half_height_px, rel=0.01)


@pytest.mark.parametrize("rows", [slice(60, 69), slice(60, 120), slice(0, None)])
@pytest.mark.parametrize("by_px", [np.nan, 150.0], ids=["hidden", "misplaced"])
def test_plate_is_found_where_hands_are_not(motion, plates, rows, by_px):
    crowded = [(RACKED, *seen, LARGE) for seen in plates]
    if np.isfinite(by_px):  # and misplaced by different amounts
        count = len(range(*rows.indices(len(motion))))
        by_px = np.random.default_rng(0).normal(0, by_px, (count, 2))
    misled = move_hands(motion, rows, by_px)
    found = find_bar_plate(misled, crowded)
    assert (found.plate.sighting >= 0).all()
    true = [(seen[0].x_px, seen[0].y_px) for seen in plates]
    np.testing.assert_allclose(found.plate_px, true)


def test_plate_is_found_without_anybody(motion, plates):
    nobody = replace(motion, xy_px=np.full_like(motion.xy_px, np.nan), trunk_length_px=np.nan)
    found = find_bar_plate(nobody, [(RACKED, *seen, LARGE) for seen in plates])
    assert (found.plate.sighting >= 0).mean() > 0.9
    rows = np.flatnonzero(found.plate.sighting >= 0)
    true = [(plates[row][0].x_px, plates[row][0].y_px) for row in rows]
    np.testing.assert_allclose(found.plate_px[rows], true)


def test_other_lifters_bar_is_not_the_bar(motion, plates):
    """It is lifted while the lifter's hands rest."""
    hands = hands_px(motion)
    resting = move_hands(motion, slice(0, None), hands[0] - hands)
    assert track(resting, plates) is None


def test_bar_that_lies_until_it_is_lifted_is_seen_from_the_start(motion, plates):
    """With a stretch in which the lifter hides it, longer than tracks are linked over."""
    still = [(replace(plates[0][0], track=9003),)] * 40
    walked = [*still, *[()] * 30, *plates]
    more = 70
    time_s = np.arange(len(motion) + more) / LIFT.fps
    extended = replace(
        motion,
        time_s=time_s,
        shot=np.zeros(len(time_s), np.int64),
        xy_px=np.concatenate([np.full((more, 15, 2), np.nan), motion.xy_px]),
        confidence=np.concatenate([np.zeros((more, 15)), motion.confidence]),
        main=np.ones(len(time_s), bool),
    )
    tracked = track(extended, walked)
    assert (tracked.sighting[:40] >= 0).all()
    assert (tracked.sighting[40:70] < 0).all()
    assert (tracked.sighting[70:] >= 0).all()


def test_each_shot_has_its_own_place_of_the_plate(motion, plates):
    """After a cut, another camera sees the plate elsewhere from the hands."""
    half = len(motion) // 2
    shot = (np.arange(len(motion)) >= half).astype(np.int64)
    moved = [
        tuple(replace(plate, x_px=plate.x_px + 90.0 * cut) for plate in seen)
        for seen, cut in zip(plates, shot, strict=True)
    ]
    tracked = track(replace(motion, shot=shot), moved)
    assert (tracked.sighting >= 0).all()


def test_a_hub_that_is_seen_beside_the_rim_leads_on_to_it(motion, plates):
    """For a while both are tracked, then the hub alone, then the rim again; hands are misplaced."""
    rim = [seen[0] for seen in plates]
    hub = [replace(one, half_height_px=0.6 * one.half_height_px, track=9004) for one in rim]
    both, alone, again = slice(50, 60), slice(60, 72), slice(72, None)
    crowded = [(replace(one, track=9005),) for one in rim]
    crowded[both] = [(*seen, small) for seen, small in zip(crowded[both], hub[both], strict=True)]
    crowded[alone] = [(small,) for small in hub[alone]]
    crowded[again] = [(replace(one, track=9006),) for one in rim[again]]
    misled = move_hands(motion, slice(60, None), np.nan)
    tracked = track(misled, crowded)
    assert (tracked.sighting >= 0).all()
    np.testing.assert_allclose(tracked.centre_px, [(one.x_px, one.y_px) for one in rim], atol=1.5)
