"""Sets with a part of the lifter covered, filmed and analysed by the default network."""

import pytest

import coach
from synthetic import Lift, reps_s, write_video

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("covered", ["hands", pytest.param("head", marks=pytest.mark.thorough)])
def test_all_reps_of_a_covered_lifter_are_counted(covered, models, tmp_path):
    lift = Lift(reps=2, fps=15, width_px=640, height_px=480, view="side", covered=(covered,))
    write_video(lift, tmp_path / "set.mp4")
    analysis = coach.analyze(tmp_path / "set.mp4")
    assert analysis.others == ()
    assert len(analysis.reps) == 2
    for rep, true in zip(analysis.reps, reps_s(lift), strict=True):
        assert rep.top_s == pytest.approx(true.top_s, abs=0.4)
