"""The phase of every frame."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.reps.phases import label_phases
from shared.data.analysis import Phase
from synthetic import Lift, truth


@pytest.fixture(scope="module")
def lift():
    return lift_of(Lift(reps=2))


def test_phases_follow_each_other(lift):
    phases = label_phases(lift.motion, lift.reps)
    changes = [a for a, b in zip(phases, [*phases[1:], None], strict=True) if a != b]
    once = [Phase.PULL, Phase.LOCKOUT, Phase.LOWER]
    assert changes == [Phase.SETUP, *once, Phase.REST, *once, Phase.REST]


def test_phases_are_those_of_the_rendered_set(lift):
    expected = [frame.lifter.phase for frame in truth(Lift(reps=2))]
    phases = label_phases(lift.motion, lift.reps)
    agreement = np.mean([a == b for a, b in zip(phases, expected, strict=True)])
    assert agreement > 0.8  # starts and ends are known to 0.25 s


def test_frames_without_the_lifter_have_no_phase(lift):
    xy = lift.motion.xy_px.copy()
    xy[10:20] = np.nan
    phases = label_phases(replace(lift.motion, xy_px=xy), lift.reps)
    assert [row for row, phase in enumerate(phases) if phase is None] == list(range(10, 20))


def test_clip_without_reps_is_all_setup(lift):
    assert set(label_phases(lift.motion, ())) == {Phase.SETUP}
