from datetime import date

import pytest
from analyses import IN_TRUNKS, NAN, analysis, changed, fault, lifter_set, nobody, rep

from services.writer.report.comparing import Earlier, compare_sets, describe_change
from shared.data.analysis import NotJudged

THEN, NOW = date(2026, 10, 30), date(2026, 11, 27)


def compared(then, now, then_on=THEN, now_on=NOW):
    rows = compare_sets(Earlier(analysis(then), then_on), analysis(now), now_on)
    return {row.name: row for row in rows}


def summary(score, interval):
    return lifter_set(1, score=score, score_interval=interval).summary


@pytest.mark.parametrize(
    ("then", "now", "change"),
    [
        ((0.3, 0.5), (0.6, 0.8), "better"),
        ((0.6, 0.8), (0.3, 0.5), "worse"),
        ((0.3, 0.6), (0.5, 0.8), "no clear difference"),
        ((0.3, 0.5), (0.5, 0.8), "no clear difference"),
        (None, (0.5, 0.8), ""),
    ],
)
def test_a_score_differs_only_where_the_intervals_are_apart(then, now, change):
    assert describe_change(summary(0.5, then), summary(0.6, now)) == change


def test_both_sets_are_beside_each_other():
    rows = compared(lifter_set(reps=2), lifter_set(reps=3, score=0.9, score_interval=(0.85, 0.95)))
    assert (rows["Analysed"].then, rows["Analysed"].now) == ("30 October 2026", "27 November 2026")
    score = rows["Score"]
    assert (score.then, score.now, score.change) == (
        "0.74 (0.63–0.82)",
        "0.90 (0.85–0.95)",
        "better",
    )
    assert (rows["Reps"].then, rows["Reps"].now) == ("2", "3")
    speed = rows["Mean bar speed"]
    assert (speed.then, speed.now, speed.change) == ("0.47 m/s", "0.46 m/s", "no clear difference")
    assert rows["Faults"].then == "hips shoot up (rep 2)"
    assert rows["Faults"].change == ""


def test_faults_that_are_gone_or_new_are_named():
    heels = fault(1, "heels_lift", name="heels lift")
    judged = {"not_judged": ()}
    rows = compared(lifter_set(**judged), lifter_set(faults=(heels,), **judged))
    assert rows["Faults"].change == "gone: hips shoot up; new: heels lift"
    assert (
        compared(lifter_set(**judged), lifter_set(faults=(), **judged))["Faults"].now == "none seen"
    )


def test_a_fault_that_was_not_judged_is_neither_gone_nor_new():
    unjudged = (NotJudged("hips_shoot_up", "hips shoot up", "the trunk is not seen"),)
    rows = compared(lifter_set(), lifter_set(faults=(), not_judged=unjudged))
    assert rows["Faults"].change == ""
    rows = compared(lifter_set(faults=(), not_judged=unjudged), lifter_set())
    assert rows["Faults"].change == ""


def test_speeds_without_a_scale_are_about_and_not_compared():
    slow = changed(lifter_set(1), reps=(rep(1, mean_velocity=0.2),))
    rows = compared(lifter_set(1), slow)
    assert rows["Mean bar speed"].change == "slower"
    rows = compared(lifter_set(1, bar=IN_TRUNKS), slow)
    assert rows["Mean bar speed"].then == "about 0.24 m/s"
    assert rows["Mean bar speed"].change == ""


def test_what_is_unknown_is_a_dash():
    fast = changed(lifter_set(1), reps=(rep(1, mean_velocity=NAN),))
    rows = compared(nobody(), fast, None, None)
    for name in ("Analysed", "Score", "Mean bar speed", "Faults"):
        assert rows[name].then == "–", name
        assert rows[name].change == "", name
    assert rows["Mean bar speed"].now == "–"
    assert rows["Analysed"].now == "–"


def test_a_set_without_a_score_is_not_better_or_worse():
    unscored = lifter_set(score=NAN, score_interval=None, unscored="another scale")
    row = compared(unscored, lifter_set())["Score"]
    assert (row.then, row.change) == ("–", "")
