import pytest

from shared.data.pose_options import PoseOptions
from shared.errors import UsageError


def test_what_differs_from_the_usual_is_told():
    assert PoseOptions().changed() == {}
    asked = PoseOptions(height_px=256, stages=3, region=True)
    assert asked.changed() == {"height_px": 256, "stages": 3, "region": True}
    assert PoseOptions(**asked.changed()) == asked
    assert PoseOptions(auto_stages=True).changed() == {"auto_stages": True}


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"height_px": 88}, "--pose-height"),  # too low
        ({"height_px": 1480}, "--pose-height"),  # too high
        ({"height_px": 370}, "multiple of 8"),  # between two cells
        ({"stages": -1}, "--pose-stages"),
        ({"stages": 7}, "--pose-stages"),  # no network of the family has so many
        ({"stages": 3, "auto_stages": True}, "auto or 3, not both"),
        ({"original": True, "auto_stages": True}, "leave out --pose-stages auto"),
        ({"original": True, "height_px": 256}, "leave out --pose-height"),
        ({"original": True, "stages": 2, "region": True}, "--pose-stages, --pose-region"),
    ],
)
def test_options_that_cannot_be_are_refused(asked, named):
    with pytest.raises(UsageError, match=named):
        PoseOptions(**asked)
