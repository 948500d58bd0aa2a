from dataclasses import replace

import pytest
from analyses import analysis, angles
from drawn_frames import analysed, drawn, has_colour

from services.writer.overlay.pen import PHASES


@pytest.mark.parametrize(
    ("time_s", "phase"), [(4.0, "setup"), (4.6, "pull"), (5.5, "lockout"), (6.1, "lower")]
)
def test_the_angle_that_matters_is_drawn_in_its_phases_colour(time_s, phase):
    one = analysis()
    frame = one.frames[round(10 * time_s)]
    assert frame.phase == phase
    unknown = [analysed(replace(frame, angles=angles()))]
    with_angle, without = drawn(one, time_s), drawn(one, time_s, frames=unknown)
    change = (with_angle != without).any(-1)
    assert change.any()
    assert has_colour(with_angle[change][None], PHASES[phase])


def test_between_repetitions_no_angle_is_drawn():
    one = analysis()
    frame = one.frames[33]
    assert frame.phase == "rest"
    unknown = [analysed(replace(frame, angles=angles()))]
    assert (drawn(one, 3.3) == drawn(one, 3.3, frames=unknown)).all()
