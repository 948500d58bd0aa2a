"""What the clip's own quality is said to be."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lifted_of

from services.scorer.motion.clip_quality import estimate_tilt_deg
from shared.data.skeleton import L_ANKLE, R_ANKLE
from synthetic import Lift


@pytest.fixture(scope="module", params=["side", "front"])
def motion(request):
    return lifted_of(Lift(reps=1, fps=15, view=request.param))[0].motion


def leaning(motion, degrees):
    """The motion as a camera sees it that is turned: the picture leans clockwise by so much."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return replace(motion, xy_px=motion.xy_px @ turn.T)


@pytest.mark.parametrize("degrees", [-10, 0, 10])
def test_who_stands_tells_by_how_much_the_picture_leans(motion, degrees):
    assert estimate_tilt_deg(leaning(motion, degrees)) == pytest.approx(degrees, abs=4)


def test_who_never_stands_upright_does_not_tell(motion):
    bent = motion.xy_px[:3]
    assert np.isnan(estimate_tilt_deg(replace(motion, xy_px=bent, confidence=motion.confidence[:3],
                                    time_s=motion.time_s[:3])))  # fmt: skip


def test_an_ankle_that_is_misplaced_and_unsure_does_not_lean_the_picture():
    motion = lifted_of(Lift(reps=1, fps=15, view="side"))[0].motion
    xy, sure = motion.xy_px.copy(), motion.confidence.copy()
    worse, better = sorted((L_ANKLE, R_ANKLE), key=lambda joint: sure[:, joint].mean())
    sure[:, worse], sure[:, better] = 0.4, 0.9
    xy[:, worse, 0] += motion.trunk_length_px
    assert estimate_tilt_deg(replace(motion, xy_px=xy, confidence=sure)) == pytest.approx(0, abs=4)
