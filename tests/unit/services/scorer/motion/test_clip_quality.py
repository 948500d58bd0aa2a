"""Estimates of how well a clip shows its lifter."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.motion.clip_quality import estimate_tilt_deg
from shared.data.skeleton import L_ANKLE, R_ANKLE
from synthetic import Lift


@pytest.fixture(scope="module", params=["side", "front"])
def motion(request):
    return lift_of(Lift(reps=1, fps=15, view=request.param)).motion


def leaning(motion, degrees):
    """The motion in a picture that is tilted clockwise by this angle."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return replace(motion, xy_px=motion.xy_px @ turn.T)


@pytest.mark.parametrize("degrees", [-10, 0, 10])
def test_the_tilt_of_the_picture_is_estimated(motion, degrees):
    assert estimate_tilt_deg(leaning(motion, degrees)) == pytest.approx(degrees, abs=4)


def test_a_lifter_who_never_stands_gives_no_tilt(motion):
    first = slice(0, 3)
    bent = replace(
        motion,
        xy_px=motion.xy_px[first],
        confidence=motion.confidence[first],
        time_s=motion.time_s[first],
    )
    assert np.isnan(estimate_tilt_deg(bent))


def test_a_misplaced_uncertain_ankle_does_not_tilt_the_picture():
    motion = lift_of(Lift(reps=1, fps=15, view="side")).motion
    xy, confidence = motion.xy_px.copy(), motion.confidence.copy()
    worse, better = sorted((L_ANKLE, R_ANKLE), key=lambda joint: confidence[:, joint].mean())
    confidence[:, worse], confidence[:, better] = 0.4, 0.9
    xy[:, worse, 0] += motion.trunk_length_px
    misplaced = replace(motion, xy_px=xy, confidence=confidence)
    assert estimate_tilt_deg(misplaced) == pytest.approx(0, abs=4)
