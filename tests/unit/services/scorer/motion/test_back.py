"""The bend of the back is that of the outline's dorsal side."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.motion.back import back_flexion_deg
from shared.data.skeleton import L_HIP, NECK, R_HIP
from synthetic.settings import Lift


def outlined(motion, right, left):
    """The motion with one outline in all frames, in trunk lengths."""
    length = np.linalg.norm(
        motion.xy_px[:, NECK] - motion.xy_px[:, [L_HIP, R_HIP]].mean(1), axis=-1
    )
    outline = np.stack([right, left])[None] * length[:, None, None]
    return back_flexion_deg(replace(motion, outline_px=outline))


def test_the_back_is_the_side_away_from_where_the_lifter_faces():
    x = np.linspace(0, 1, 11)
    flat = 0.3 - 0.1 * x  # bodies taper
    round_ = flat + np.tan(np.radians(15)) * np.minimum(x, 1 - x)  # two halves, 30°
    right = lift_of(Lift(facing="right", view="side", reps=1))
    left = lift_of(Lift(facing="left", view="side", reps=1))
    # from hips to a neck that is ahead to the right, the back is on the left; and mirrored
    assert outlined(right.motion, flat, round_) == pytest.approx(30, abs=0.01)
    assert outlined(right.motion, round_, flat) == pytest.approx(0, abs=0.01)
    assert outlined(left.motion, round_, flat) == pytest.approx(30, abs=0.01)
    assert outlined(left.motion, flat, round_) == pytest.approx(0, abs=0.01)


def test_an_outline_may_have_gaps_but_not_miss_a_half():
    lifted = lift_of(Lift(facing="right", view="side", reps=1))
    x = np.linspace(0, 1, 11)
    back = np.tan(np.radians(15)) * np.minimum(x, 1 - x)
    gaps, half = back.copy(), back.copy()
    gaps[[0, 1, 4, 9]] = np.nan
    half[:5] = np.nan
    assert outlined(lifted.motion, x, gaps) == pytest.approx(30, abs=0.01)
    assert np.isnan(outlined(lifted.motion, x, half)).all()
