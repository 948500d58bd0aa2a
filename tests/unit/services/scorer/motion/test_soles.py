"""The pitch of soles, in the picture and against the flat foot."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.motion.soles import foot_pitch_deg, measured_pitch_deg
from shared.data.analysis import View
from synthetic.settings import Lift

TIME_S = np.arange(60) / 10
ONE_SHOT = np.zeros(60, np.int64)


def soles(heights_px, slope=0.0):
    """Soles from heel to toe, (n, 2, 2), this far down the picture."""
    y = np.asarray(heights_px, float)
    return np.stack([np.stack([0 * y, y], -1), np.stack([0 * y + 40, y + 40 * slope], -1)], 1)


def test_soles_high_above_the_floor_are_plates_rims():
    heights = np.full(60, 400.0)
    heights[30] -= 60  # 0.6 trunk lengths higher
    heights[40] -= 5
    pitch = measured_pitch_deg(soles(heights, slope=1.0), TIME_S, ONE_SHOT, 100.0)[:, 0]
    assert np.flatnonzero(np.isnan(pitch)).tolist() == [30]
    assert pitch[[0, 40]] == pytest.approx([45, 45])


def test_the_floor_follows_a_lifter_who_walks_up_to_the_camera():
    walking = np.linspace(300, 350, 60)  # over all of it, the floor would be 0.45 trunks lower
    pitch = measured_pitch_deg(soles(walking), TIME_S, ONE_SHOT, 100.0)
    assert np.isfinite(pitch).all()


@pytest.fixture(scope="module")
def motion():
    return lift_of(Lift(view="side", reps=1)).motion


def test_the_flat_foot_is_the_usual_pitch_of_the_clip(motion):
    pitch = np.full(len(motion), 8.0)
    pitch[10] = 28.0
    raised = foot_pitch_deg(replace(motion, sole_deg=pitch, turn_deg=0.0))
    assert raised[10] == pytest.approx(20)
    assert np.delete(raised, 10) == pytest.approx(0)


def test_a_foot_on_its_toes_all_through_a_clip_is_compared_with_the_floor(motion):
    always = replace(motion, sole_deg=np.full(len(motion), 30.0), turn_deg=0.0, view=View.SIDE)
    assert foot_pitch_deg(always) == pytest.approx(20)
    assert foot_pitch_deg(replace(always, view=View.OBLIQUE)) == pytest.approx(0)
