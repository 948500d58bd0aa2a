from dataclasses import replace

import pytest
from analyses import IN_TRUNKS, NAN, NO_BAR, POSE, analysis, lifter_set, nobody

from services.writer.report.trust import trust_of
from shared.data.analysis import BarScale, BarSource, LengthUnit, PoseRecord, View


def trust(pose=POSE, fps=30.0, **more):
    lifter = lifter_set(reps=1, **more)
    found = trust_of(lifter, analysis(lifter, fps=fps).source, pose)
    return {item.name: item for item in found}


def test_a_good_clip_has_nothing_to_complain_of():
    good = trust(size_px=(640, 640))
    assert {item.grade for item in good.values()} == {"good"}
    assert len(good) == 7  # no cut is spoken of where there is none
    assert "30 frames" in good["Frame rate"].found


@pytest.mark.parametrize(
    ("name", "grade", "more"),
    [
        ("Camera angle", "fair", {"view": View.OBLIQUE, "turn_deg": 40.0}),
        ("Camera angle", "poor", {"view": View.FRONT, "turn_deg": 80.0}),
        ("Camera angle", "poor", {"view": View.UNKNOWN, "turn_deg": NAN}),
        ("Frame rate", "fair", {"fps": 20.0}),
        ("Frame rate", "poor", {"fps": 10.0}),
        ("Frame rate", "poor", {"pose": PoseRecord("b", 3)}),  # a third of 30 was looked at
        ("Hidden joints", "fair", {"occlusion": 0.2}),
        ("Hidden joints", "poor", {"occlusion": 0.5}),
        ("Size in the picture", "poor", {"trunk_length_px": 40.0}),
        ("Camera tilt", "fair", {"tilt_deg": -5.0}),
        ("Camera tilt", "poor", {"tilt_deg": 12.0}),
        ("Bar", "fair", {"bar": IN_TRUNKS}),
        ("Bar", "poor", {"bar": NO_BAR}),
    ],
)
def test_each_weakness_is_graded_with_its_cost(name, grade, more):
    item = trust(**more)[name]
    assert item.grade == grade
    assert item.cost
    assert "nan" not in item.found


def test_cuts_are_told_with_what_they_cost():
    lifter = lifter_set(reps=1)
    cut = tuple(replace(f, shot=int(f.index >= 20)) for f in lifter.frames)
    found = trust_of(replace(lifter, frames=cut), analysis(lifter).source, POSE)
    [item] = [one for one in found if one.name == "Cuts"]
    assert (item.grade, item.found) == ("poor", "2 shots")
    assert "one take" in item.cost


def test_a_lifter_who_is_often_away_is_told():
    lifter = lifter_set(reps=1)
    away = nobody(frames=40)
    item = trust_of(lifter, analysis(lifter).source, POSE)[2]
    assert (item.grade, item.cost) == ("good", "")
    nobody_there = trust_of(away, analysis(away).source, POSE)
    assert [one.name for one in nobody_there] == [
        "Camera angle", "Frame rate", "Lifter in the picture", "Bar",
    ]  # fmt: skip
    assert nobody_there[2].found == "in 0 of 40 frames"
    assert nobody_there[2].grade == "poor"


def test_metres_say_how_far_off_they_may_be():
    bar = BarScale(BarSource.PLATE, LengthUnit.METRE, 100.0, 80.0, 110.0, "plates of 450 mm")
    item = trust(bar=bar)["Bar"]
    assert "25 %" in item.cost
    assert "plates of 450 mm" in item.found
