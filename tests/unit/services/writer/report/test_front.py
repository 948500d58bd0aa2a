"""What a page says where the camera stands so that little can be judged."""

import pytest
from analyses import analysis, lifter_set
from builders import analysis_of

from services.writer import report
from synthetic import Lift

SIZE = {"fps": 10, "width_px": 320, "height_px": 240}


def page_of(one):
    return report.render(one, {})


@pytest.mark.parametrize("turn_deg", [55.0, 85.0])
def test_where_most_cannot_be_judged_nothing_is_praised(turn_deg):
    page = page_of(analysis_of(Lift(reps=1, turn_deg=turn_deg, **SIZE)))
    assert "1 rep; most faults could not be judged" in page
    assert "None was found, but most could not be judged." in page
    assert "Posture cannot be read well from this view" in page
    for untrue in ("Good posture", "nothing wrong", "no faults found", "What cost the score"):
        assert untrue not in page
    # One reason is told once, for all that it holds for.
    assert page.count(f"the camera stands {turn_deg:.0f}° off the side") == 1
    assert "Rounded back, hips shoot up" in page


def test_from_the_side_the_score_is_explained():
    page = page_of(analysis_of(Lift(reps=1, view="side", **SIZE)))
    assert "Posture cannot be read" not in page
    assert "What cost the score most" in page
    assert "None was found" in page
    assert "hips 14° too low" in page_of(analysis(lifter_set(reps=1)))
