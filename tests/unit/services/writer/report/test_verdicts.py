"""What the page calls a set and its repetitions: never better than its worst fault."""

import re
from dataclasses import replace

import pytest
from analyses import NAN, analysis, changed, lifter_set
from report_pages import render_page, text_of

from shared.data.analysis import Verdict


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"verdict": Verdict.GOOD}, "Good set"),
        ({"verdict": Verdict.POOR, "score": 0.2, "score_interval": (0.1, 0.4)}, "Needs work"),
        ({"verdict": Verdict.UNCLEAR}, "Not enough to tell good from poor"),
        ({"verdict": Verdict.NONE, "score": NAN, "unscored": "no score: …"}, "No score for this"),
    ],
)
def test_a_set_is_called_what_its_verdict_says(more, said):
    text = text_of(render_page(analysis(lifter_set(faults=(), **more))))
    titles = {"Good set", "Needs work", "Not enough to tell good from poor", "No score for this"}
    assert {one for one in titles if one in text} == {said}
    assert ("coaches would call this good" in text) == ("unscored" not in more)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_nothing_is_praised_over_a_fault(verdict):
    lifter = lifter_set(verdict=verdict)
    lifter = changed(lifter, reps=tuple(replace(one, verdict=verdict) for one in lifter.reps))
    page = render_page(analysis(lifter))
    headline = re.search(r'<p class="headline (\w+)">(.*?)</p>', page)
    assert headline.groups() == ("poor", "Hips shoot up in rep 2")
    for untrue in ("Good set", "no fault", "No fault"):
        assert untrue not in text_of(page)
    rep = re.search(r'aria-label="Rep 2".*?</article>', page, re.S)[0]
    assert "good" not in text_of(rep.replace("hips shoot up", ""))


def test_a_repetition_is_called_good_or_poor_only_by_its_verdict():
    lifter = lifter_set(faults=())
    verdicts = (Verdict.GOOD, Verdict.UNCLEAR, Verdict.POOR)
    reps = [replace(one, verdict=v) for one, v in zip(lifter.reps, verdicts, strict=True)]
    text = text_of(render_page(analysis(changed(lifter, reps=tuple(reps)))))
    assert "good 0.85 (0.75–0.90)" in text
    assert "poor 0.75 (0.65–0.80)" in text
    assert "Rep 2 0.80 (0.70–0.85)" in text
