"""The bar's height at the bottom, by its near plate."""

from dataclasses import replace

import numpy as np
import pytest

from services.scorer.bar.plate_height import plate_above_ankles
from services.scorer.bar.plate_tracking import find_bar_plate
from services.scorer.observe import observe_lift, observe_lifters
from shared.data.analysis import Partial
from synthetic import Lift, render_poses

#: A plate on the floor, and that of a bar at mid-shin, in diameters over the ankles.
ON_FLOOR, MID_SHIN = 0.18, 0.40


def height_of(lift, change=lambda plate: (plate,), partial=Partial.WHOLE):
    seen = observe_lifters(render_poses(lift))[0]
    plates = tuple(tuple(new for one in row for new in change(one)) for row in seen.plates)
    found = observe_lift(seen)
    reps = [replace(rep, partial=partial) for rep in found.reps]
    return plate_above_ankles(found.motion, find_bar_plate(found.motion, plates), reps)


@pytest.mark.parametrize(
    ("style", "height"),
    [("conventional", ON_FLOOR), ("sumo", ON_FLOOR), ("romanian", MID_SHIN)],
)
def test_height_at_the_start(style, height):
    lift = Lift(reps=2, fps=15, view="side", style=style)
    assert height_of(lift) == pytest.approx(height, abs=0.03)


def test_the_far_plate_of_a_turned_bar_does_not_count():
    def with_far_plate(plate):
        far = replace(plate, x_px=plate.x_px + 100, y_px=plate.y_px - 62, track=plate.track + 500)
        return plate, far

    lift = Lift(reps=2, fps=15, view="side")
    assert height_of(lift, with_far_plate) == pytest.approx(ON_FLOOR, abs=0.03)


def test_without_plates_or_starts_the_height_is_unknown():
    lift = Lift(reps=2, fps=15, view="side")
    assert np.isnan(height_of(lift, change=lambda plate: ()))
    assert np.isnan(height_of(lift, partial=Partial.NO_START))
