import re
from dataclasses import replace

import numpy as np
import pytest
from analyses import NAN, frame, unseen, with_joints

from services.scorer.faults.default_rules import DEFAULT_RULES
from services.writer.report.deviation import Amount, draw_deviation, off_of_fault
from shared.data.skeleton import L_HIP, L_KNEE, MIRRORED, NECK, R_HIP, R_KNEE

TRUNK_PX = 50.0
BENT = frame(0, 0.0, 0.1)


def amount(kind, off, facing=1):
    return Amount(kind, off, f"{abs(off):.0f}°", facing, TRUNK_PX)


def points(text):
    return np.array([list(map(float, point.split(","))) for point in text.split()])


def direction_deg(line):
    """Direction of a drawn line, 0 to the right and 90 up."""
    x, y = points(line)[1] - points(line)[0]
    return np.degrees(np.arctan2(-y, x))


def turned_deg(drawn):
    """How far the right place is anticlockwise of the limb, in degrees."""
    return (direction_deg(drawn.usual) - direction_deg(drawn.limb) + 180) % 360 - 180


@pytest.mark.parametrize(
    ("kind", "off", "anticlockwise_deg"),
    [
        ("hips_shoot_up", 17.0, 17),  # facing right, an upright trunk is further back
        ("lean_off_the_floor", 9.0, 9),
        ("leaning_back", -13.0, -13),
        ("squatted", -6.0, -6),  # higher hips: the thigh turns up, clockwise
        ("hips_low_at_start", -12.0, -12),
        ("stiff_legged", 12.0, 12),
        ("incomplete_lockout", -15.0, 15),  # further back: hips through
        ("knees_bent_at_lockout", -15.0, -15),
        ("bent_arms", 20.0, -20),  # the forearm hangs further back
        ("neck_craned", 20.0, -20),
    ],
)
def test_the_right_place_is_where_the_deviation_is_gone(kind, off, anticlockwise_deg):
    drawn = draw_deviation(BENT, amount(kind, off))
    assert turned_deg(drawn) == pytest.approx(anticlockwise_deg, abs=0.6)
    assert drawn.text == f"{abs(off):.0f}°"
    mirrored_xy = BENT.xy_px[list(MIRRORED)] * (-1, 1) + (320, 0)
    mirrored = draw_deviation(
        with_joints(BENT, mirrored_xy.astype(np.float32)), amount(kind, off, facing=-1)
    )
    assert turned_deg(mirrored) == pytest.approx(-anticlockwise_deg, abs=0.6)


def test_an_arc_joins_the_limb_and_the_right_place():
    drawn = draw_deviation(BENT, amount("hips_shoot_up", 17.0))
    x0, y0, radius, sweep, x1, y1 = map(
        float,
        re.fullmatch(
            r"M([\d.]+) ([\d.]+) A([\d.]+) [\d.]+ 0 0 ([01]) ([\d.]+) ([\d.]+)", drawn.arc
        ).groups(),
    )
    corner = points(drawn.limb)[0]
    assert np.hypot(x0 - corner[0], y0 - corner[1]) == pytest.approx(radius, abs=0.2)
    assert np.hypot(x1 - corner[0], y1 - corner[1]) == pytest.approx(radius, abs=0.2)
    assert sweep == 0  # anticlockwise
    hips = BENT.xy_px[[L_HIP, R_HIP]]
    assert np.abs(hips - corner).max(-1).min() < 0.1


def test_a_bar_that_drifts_is_drawn_back_by_the_drift():
    drawn = draw_deviation(BENT, amount("bar_drifts", 0.3))
    right, place = points(drawn.limb)
    np.testing.assert_allclose(place, BENT.bar_px, atol=0.06)
    np.testing.assert_allclose(right - place, (-0.3 * TRUNK_PX, 0), atol=0.1)
    upright = points(drawn.usual)
    assert upright[0][0] == pytest.approx(upright[1][0]) == pytest.approx(right[0], abs=0.1)
    assert not drawn.arc


def test_a_lifted_heel_is_drawn_against_the_level_of_the_sole():
    sole = np.array([[100, 190], [130, 200]], np.float32)  # heel higher than toe, facing right
    raised = replace(
        BENT, measured=replace(BENT.measured, person=replace(BENT.person, sole_px=sole))
    )
    drawn = draw_deviation(raised, amount("heels_lift", 18.4))
    assert abs(direction_deg(drawn.usual)) == pytest.approx(180, abs=1)
    assert draw_deviation(unseen(0, 0.0), amount("heels_lift", 18.4)) is None


def test_a_rounded_back_is_drawn_as_its_outline_and_a_straight_line():
    drawn = draw_deviation(BENT, amount("rounded_back", 45.0))
    assert len(points(drawn.limb)) > 4
    np.testing.assert_allclose(points(drawn.usual), points(drawn.limb)[[0, -1]])
    same = draw_deviation(BENT, amount("back_round_off_the_floor", 9.0))
    assert same.limb == drawn.limb


def test_in_the_repetition_to_copy_only_the_limb_is_drawn():
    for kind in ("hips_shoot_up", "bar_drifts", "rounded_back", "heels_lift"):
        drawn = draw_deviation(BENT, amount(kind, 17.0), is_wrong=False)
        assert drawn.limb, kind
        assert (drawn.usual, drawn.arc, drawn.text) == ("", "", ""), kind


def test_nothing_is_drawn_of_what_is_not_seen_or_has_no_picture():
    hidden = BENT.xy_px.copy()
    hidden[[NECK, L_HIP, R_HIP, L_KNEE, R_KNEE]] = NAN
    for kind in ("hips_shoot_up", "squatted", "incomplete_lockout"):
        assert draw_deviation(with_joints(BENT, hidden), amount(kind, 12.0)) is None
    assert draw_deviation(BENT, amount("hitching", NAN)) is None
    assert draw_deviation(BENT, amount("faults", NAN)) is None


def test_without_a_facing_no_right_place_is_drawn():
    assert draw_deviation(BENT, amount("hips_shoot_up", 17.0, facing=0)).usual == ""
    assert draw_deviation(BENT, amount("bar_drifts", 0.3, facing=0)) is None


def test_the_better_seen_side_is_drawn():
    confidence = np.full(15, 0.3, np.float32)
    confidence[[L_HIP, L_KNEE]] = 0.9
    apart = BENT.xy_px.copy()
    apart[[R_HIP, R_KNEE]] += 20
    drawn = draw_deviation(with_joints(BENT, apart, confidence), amount("squatted", -6.0))
    np.testing.assert_allclose(points(drawn.limb)[0], apart[L_KNEE], atol=0.06)


@pytest.mark.parametrize(
    ("kind", "value", "threshold", "off"),
    [
        ("squatted", 2.0, 8.0, -6.0),
        ("stiff_legged", 70.0, 58.0, 12.0),
        ("hips_shoot_up", 17.0, 9.0, 17.0),
        ("leaning_back", 14.0, 9.0, -14.0),
        ("incomplete_lockout", 25.0, 20.0, -25.0),
    ],
)
def test_faults_are_off_by_their_value_and_thighs_by_what_is_missing(kind, value, threshold, off):
    assert off_of_fault(kind, value, threshold) == off


def test_every_fault_with_a_place_in_the_picture_is_drawn():
    kinds = {rule.kind for rule in DEFAULT_RULES}
    drawn = {kind for kind in kinds if draw_deviation(BENT, amount(kind, 17.0)) is not None}
    assert kinds - drawn == {"hitching"}  # a time
