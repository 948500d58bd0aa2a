"""What the page says where the view allows few judgements, or the clip none."""

import pytest
from analyses import analysis, lifter_set
from builders import analysis_of

from services.writer import report
from synthetic import Lift

SIZE = {"fps": 10, "width_px": 320, "height_px": 240}


@pytest.mark.parametrize("turn_deg", [55.0, 85.0])
def test_nothing_is_praised_where_most_cannot_be_judged(turn_deg):
    page = report.render(analysis_of(Lift(reps=1, turn_deg=turn_deg, **SIZE)), {})
    assert "1 rep; most faults could not be judged" in page
    assert "No faults found, but most could not be judged." in page
    assert "Posture cannot be measured well from this view" in page
    for untrue in ("Good posture", "no faults found", "What lowered the score"):
        assert untrue not in page
    # A reason is written once, for all faults that it holds for.
    assert page.count(f"the camera stands {turn_deg:.0f}° off the side") == 1
    assert "Rounded back, hips shoot up" in page


def test_from_the_side_the_score_is_explained():
    page = report.render(analysis_of(Lift(reps=1, view="side", **SIZE)), {})
    assert "Posture cannot be measured" not in page
    assert "What lowered the score most" in page
    assert "No faults found" in page
    assert "hips 14° too low" in report.render(analysis(lifter_set(reps=1)), {})


def test_a_clip_without_a_deadlift_gets_one_sentence_and_no_ring():
    page = report.render(analysis_of(Lift(reps=1, view="side", exercise="curl", **SIZE)), {})
    assert page.count("o deadlift was seen in this clip but another lift, so nothing was") == 1
    assert "Not scored" in page
    for untrue in ('<svg class="ring"', "<h2>Faults", "Please note", "How far to trust", "Reps"):
        assert untrue not in page
