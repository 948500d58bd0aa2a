"""What the page says where the view allows few judgements, or the clip none."""

import pytest
from analyses import NAN, analysis, lifter_set
from builders import analysis_of

from services.writer import report
from shared.data.analysis import Verdict
from synthetic import Lift

SIZE = {"fps": 10, "width_px": 320, "height_px": 240}


@pytest.mark.parametrize("turn_deg", [55.0, 85.0])
def test_where_most_cannot_be_judged_that_is_said(turn_deg):
    page = report.render(analysis_of(Lift(reps=1, turn_deg=turn_deg, **SIZE)), {})
    assert "1 rep, most faults could not be judged" in page
    assert "No fault seen, but most could not be judged." in page
    # A reason is written once, for all faults that it holds for.
    assert page.count(f"the camera stands {turn_deg:.0f}° off the side") == 1
    assert "Rounded back, hips shoot up" in page


def test_without_a_score_there_is_no_number_and_the_reason_is_said():
    why = "no score: the lift was filmed from the front"
    unscored = {"score": NAN, "score_interval": None, "verdict": Verdict.NONE, "unscored": why}
    page = report.render(analysis(lifter_set(faults=(), **unscored)), {})
    assert "No score for this set" in page
    assert "No score: the lift was filmed from the front." in page
    for untrue in ('class="range"', 'class="points"', "coaches would", "Do this first", "Good set"):
        assert untrue not in page


def test_a_clip_without_a_deadlift_gets_one_sentence_and_no_number():
    page = report.render(analysis_of(Lift(reps=1, view="side", exercise="curl", **SIZE)), {})
    assert page.count("o deadlift was seen in this clip but another lift, so nothing was") == 1
    for untrue in ('class="range"', "<h2>Faults", "Please note", "How far to trust", "Rep by rep"):
        assert untrue not in page
