"""The figures of the fault benchmark, and the lifter in 3D that it turns."""

import numpy as np
import pytest
from lifted import lift_of

from benchmarks.faults import kinect, rates
from benchmarks.faults.pivot import pivot
from benchmarks.faults.sets import ALL, NONE, LabelledSet
from benchmarks.faults.tally import Side, Tally, tally
from shared.data.skeleton import L_HIP, NECK, R_HIP
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


def body(lean_deg: float, yaw_deg: float) -> np.ndarray:
    """A 3D body of the data's 16 points that leans, turned against the sensor, (2, 16, 3)."""
    lean = np.radians(lean_deg)
    ahead_up = np.zeros((16, 2))
    ahead_up[1] = 0.5 * np.array([np.sin(lean), np.cos(lean)])
    ahead_up[0] = 1.4 * ahead_up[1]
    aside = np.zeros(16)
    aside[[3, 5, 8, 10, 12]], aside[[4, 6, 9, 11, 13]] = -0.15, 0.15
    yaw = np.radians(yaw_deg)
    x = np.cos(yaw) * aside - np.sin(yaw) * ahead_up[:, 0]
    z = np.sin(yaw) * aside + np.cos(yaw) * ahead_up[:, 0]
    return np.repeat(np.stack([x, ahead_up[:, 1], z], axis=-1)[None], 2, axis=0)


@pytest.mark.parametrize("yaw_deg", [-50.0, 0.0, 50.0])
@pytest.mark.parametrize("turn_deg", [0.0, 45.0])
def test_lifter_in_3d_is_seen_from_the_wanted_side(yaw_deg, turn_deg):
    xy = kinect.project(body(40.0, yaw_deg), turn_deg)[0]
    trunk = xy[NECK] - (xy[L_HIP] + xy[R_HIP]) / 2
    seen = np.tan(np.radians(40.0)) * np.cos(np.radians(turn_deg))
    assert trunk[0] / -trunk[1] == pytest.approx(seen, rel=1e-3)


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
