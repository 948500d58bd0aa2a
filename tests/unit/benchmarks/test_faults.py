"""The figures of the fault benchmark."""

import pytest
from lifted import lift_of

from benchmarks.faults import rates
from benchmarks.faults.pivot import pivot
from benchmarks.faults.sets import ALL, NONE, LabelledSet
from benchmarks.faults.tally import Side, Tally, tally
from synthetic import Lift


def test_wilson_interval():
    found = rates.rate(9, 10, 10)
    assert (found.value, found.low, found.high) == pytest.approx((0.9, 0.596, 0.982), abs=1e-3)


def test_reps_of_few_sets_say_little():
    assert rates.rate(10, 10, 1).low < 0.25 < 0.7 < rates.rate(10, 10, 10).low


def test_area_counts_ties_half():
    assert rates.auc([1, 2], [2, 0], 2, 2).value == pytest.approx(2.5 / 4)


@pytest.mark.parametrize("sets", [3, 30])
def test_interval_of_the_area_stays_open_where_all_faults_are_higher(sets):
    found = rates.auc([2.0] * sets, [1.0] * sets, sets, sets)
    assert found.value == found.high == 1
    assert 0.3 < found.low < 1


def test_more_sets_narrow_the_interval():
    few, many = (rates.auc([2.0, 0.0], [1.0, 1.0], n, n) for n in (5, 50))
    assert few.low < many.low < 0.5 < many.high < few.high


def test_tally_counts_reps_with_and_without_the_fault():
    stiff = lift_of(Lift(reps=2, view="side", fault="stiff_legged", severity=70))
    correct = lift_of(Lift(reps=2, view="side"))
    sets = [
        LabelledSet("made", "10°", "a", stiff, frozenset({"stiff_legged"}), NONE),
        LabelledSet("made", "10°", "b", correct, NONE, ALL),
    ]
    found = tally(sets)["stiff_legged", "made", "10°"]
    assert (found.faulty.reported, found.faulty.reps, found.faulty.groups) == (2, 2, {"a"})
    assert (found.correct.reported, found.correct.reps, found.correct.abstained) == (0, 2, 0)
    assert found.auc.value == 1
    assert ("squatted", "made", "10°") in tally(sets)


def test_docs_say_what_was_not_judged():
    judged = Side({"a"}, reps=2, reported=1, excess=[0.5, -0.5])
    unseen = Side({"b"}, reps=3, reported=0, excess=[])
    tallies = {("squatted", "made", "0°"): Tally(judged, unseen)}
    assert "| squatted | made | 1/2, 3 not judged | – |" in pivot(tallies, ["squatted"])[2]
