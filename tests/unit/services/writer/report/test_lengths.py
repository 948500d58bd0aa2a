import pytest
from analyses import IN_METRES, IN_TRUNKS, NAN, lifter_set

from services.writer.report.lengths import estimate_trunk_m, metres_per_unit


def test_a_trunk_is_as_long_as_the_scale_says_or_usual():
    scaled = lifter_set(1, trunk_length_px=66.0)
    assert estimate_trunk_m(scaled) == pytest.approx(66 / IN_METRES.px_per_unit)
    for without in (
        lifter_set(1, bar=IN_TRUNKS, trunk_length_px=66.0),
        lifter_set(1, trunk_length_px=NAN),
    ):
        assert estimate_trunk_m(without) == 0.5


def test_distances_are_in_metres_or_in_usual_trunks():
    assert metres_per_unit(lifter_set(1)) == 1.0
    assert metres_per_unit(lifter_set(1, bar=IN_TRUNKS)) == 0.5
