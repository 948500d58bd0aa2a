"""The unit of the bar's numbers: metres by plates or by height, else trunk lengths."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.bar.scale import estimate_scale
from shared.data.analysis import BarSource, LengthUnit
from shared.data.skeleton import HEAD
from synthetic import Lift
from synthetic.camera import camera_of

LIFT = Lift(reps=1, fps=15, view="side")
PX_PER_M = camera_of(LIFT).px_per_m
UNKNOWN = float("nan")


@pytest.fixture(scope="module")
def motion():
    return lift_of(LIFT).motion


def by_plate(motion, plate_mm=450.0, height_cm=0.0):
    return estimate_scale(BarSource.PLATE, motion, 0.45 * PX_PER_M, plate_mm, height_cm)


def by_hands(motion, height_cm=0.0):
    return estimate_scale(BarSource.WRISTS, motion, UNKNOWN, 450.0, height_cm)


def test_plates_give_metres(motion):
    scale = by_plate(motion)
    assert scale.unit is LengthUnit.METRE
    assert scale.px_per_unit == pytest.approx(PX_PER_M)
    assert scale.basis == "plates of 450 mm"
    assert scale.low < scale.px_per_unit < scale.high


def test_scale_of_the_whole_way_is_the_cameras():
    assert lift_of(LIFT).bar.scale.px_per_unit == pytest.approx(PX_PER_M, rel=0.02)


@pytest.mark.parametrize("plate_mm", [250.0, 600.0])
def test_plates_that_would_make_an_impossible_trunk_are_refused(motion, plate_mm):
    scale = by_plate(motion, plate_mm)
    assert scale.unit is LengthUnit.TRUNK
    assert scale.px_per_unit == scale.low == scale.high == motion.trunk_length_px
    assert "would make a trunk of" in scale.basis
    assert "--plate-mm" in scale.basis


def test_height_gives_metres_where_no_plate_is_seen(motion):
    scale = by_hands(motion, height_cm=176)
    assert scale.unit is LengthUnit.METRE
    assert scale.px_per_unit == pytest.approx(PX_PER_M, rel=0.05)
    assert scale.low < PX_PER_M < scale.high
    assert scale.basis == "the lifter's height of 176 cm"


def test_height_gives_metres_where_plates_are_refused(motion):
    scale = by_plate(motion, plate_mm=250.0, height_cm=176)
    assert scale.unit is LengthUnit.METRE
    assert "height" in scale.basis


def test_believable_plates_go_before_the_height(motion):
    assert by_plate(motion, height_cm=200) == by_plate(motion)


def test_without_plates_and_height_the_unit_is_the_trunk(motion):
    scale = by_hands(motion)
    assert (scale.source, scale.unit) == (BarSource.WRISTS, LengthUnit.TRUNK)
    assert scale.px_per_unit == motion.trunk_length_px
    assert "no scale" in scale.basis


def test_height_of_a_lifter_without_a_head_gives_no_scale(motion):
    xy = motion.xy_px.copy()
    xy[:, HEAD] = np.nan
    assert by_hands(replace(motion, xy_px=xy), height_cm=176).unit is LengthUnit.TRUNK
