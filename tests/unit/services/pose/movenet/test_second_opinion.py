import numpy as np
import pytest
from coco_people import off, standing

from services.pose.movenet.points import PersonPoints
from services.pose.movenet.second_opinion import MAX_DISAGREEMENT, ask, region_of
from shared.data.skeleton import L_ANKLE, L_HEEL, L_TOE, R_ANKLE

#: COCO's points with left and right exchanged.
EXCHANGED = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]


@pytest.fixture(scope="module")
def lockout(finder, side):
    """A frame at lockout, and the lifter as MoveNet sees them."""
    frame = side[22]
    [person] = finder.find(frame.image)
    assert off(person, frame.joints_px) < 0.2
    return frame, person


def test_agreement_gives_what_movenet_lacks(landmarks, lockout):
    frame, person = lockout
    opinion = ask(landmarks, frame.image, person)
    assert opinion.disagreement < MAX_DISAGREEMENT
    trunk_px = person.trunk_px
    details = opinion.details
    assert np.isfinite(details.outline_px).all()
    assert (0 < details.outline_px).all()
    assert (details.outline_px < 0.5 * trunk_px).all()
    heel, toe = details.sole_px
    assert 0 < toe[0] - heel[0] < trunk_px  # the lifter faces right
    lowest_px = frame.joints_px[[L_ANKLE, R_ANKLE], 1].max()
    assert np.abs(details.sole_px[:, 1] - lowest_px).max() < 0.25 * trunk_px
    assert (details.feet_confidence > 0).any()
    assert details.feet_px[L_HEEL, 0] < details.feet_px[L_TOE, 0]


def test_turn_tells_the_front_from_the_side(landmarks, lockout, finder, front):
    frame, person = lockout
    [facing] = finder.find(front[0].image)
    assert abs(ask(landmarks, frame.image, person).details.turn_deg) < 30
    assert abs(ask(landmarks, front[0].image, facing).details.turn_deg) > 60


@pytest.mark.parametrize("shift", [(0.7, 0.0), (0.0, -0.8)])
def test_disagreement_is_not_believed(landmarks, lockout, shift):
    frame, person = lockout
    beside = person.xy_px + (np.array(shift) * person.trunk_px).astype(np.float32)
    opinion = ask(landmarks, frame.image, PersonPoints(beside, person.score))
    assert opinion.disagreement > MAX_DISAGREEMENT
    details = opinion.details
    for value in (details.feet_px, details.outline_px, details.sole_px, details.turn_deg):
        assert np.isnan(value).all()
    assert (details.feet_confidence == 0).all()


def test_somebody_without_a_trunk_is_not_looked_at(landmarks, lockout):
    nowhere = PersonPoints(np.full((17, 2), 50, np.float32), np.ones(17, np.float32))
    opinion = ask(landmarks, lockout[0].image, nowhere)
    assert np.isnan(opinion.disagreement)
    assert np.isnan(opinion.details.outline_px).all()


def test_region_holds_the_whole_body():
    region = region_of(standing())
    assert (region.x_px, region.y_px) == (100, 100)
    assert region.turn_rad == pytest.approx(0, abs=1e-6)
    assert region.side_px > 2 * np.hypot(8, 80)
    assert region_of(standing(scale=2)).side_px == pytest.approx(2 * region.side_px)


def test_a_mirrored_lifter_has_a_mirrored_opinion(landmarks, lockout):
    frame, person = lockout
    mirrored = np.ascontiguousarray(frame.image[:, ::-1])
    xy = (person.xy_px * (-1, 1) + (frame.image.shape[1] - 1, 0))[EXCHANGED]
    other = PersonPoints(xy.astype(np.float32), person.score[EXCHANGED])
    assert [region_of(one).mirrored for one in (person, other)] == [False, True]
    here, there = ask(landmarks, frame.image, person), ask(landmarks, mirrored, other)
    assert here.disagreement == pytest.approx(there.disagreement, abs=0.02)
    assert here.details.turn_deg == pytest.approx(there.details.turn_deg, abs=5)
    np.testing.assert_allclose(here.details.outline_px, there.details.outline_px[::-1], atol=4)
