"""The values of postures that are compared with good lifts."""

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.faults import rep_views
from services.scorer.score.values import VALUES, measure_postures
from synthetic import Lift

NAMES = list(VALUES)


def median_of(lift, name, rows_of):
    seen = lift_of(lift)
    rows = rows_of(rep_views(seen)[0])
    return float(np.nanmedian(measure_postures(seen)[rows, NAMES.index(name)]))


def test_angles_are_those_that_the_rules_use():
    lift = lift_of(Lift(reps=1, view="side"))
    values = measure_postures(lift)
    for name, angle in (("trunk_lean", "trunk_lean"), ("knee", "knee"), ("hip", "hip")):
        np.testing.assert_array_equal(values[:, NAMES.index(name)], getattr(lift.kinematics, angle))


@pytest.mark.parametrize("turn_deg", [0.0, 20.0, 40.0])
def test_distances_ahead_are_corrected_for_the_camera(turn_deg):
    def bar_ahead(fault, severity):
        lift = Lift(reps=1, turn_deg=turn_deg, fault=fault, severity=severity)
        return median_of(lift, "bar_ahead", lambda rep: rep.pull_until(0.8)[-5:])

    assert bar_ahead("bar_drifts", 0.25) - bar_ahead("", 0.0) == pytest.approx(0.22, abs=0.06)


def test_a_trunk_has_its_full_length_at_lockout():
    lift = Lift(reps=1, view="side")
    assert median_of(lift, "trunk_shortening", lambda rep: rep.lockout) == pytest.approx(
        0, abs=0.01
    )


@pytest.mark.parametrize("view", ["front"])
def test_nothing_is_compared_from_the_front(view):
    assert np.isnan(measure_postures(lift_of(Lift(reps=1, view=view)))).all()
