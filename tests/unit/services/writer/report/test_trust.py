from dataclasses import replace

import pytest
from analyses import IN_TRUNKS, NAN, NO_BAR, POSE, analysis, lifter_set, nobody

from services.writer.report.trust import assess_trust
from shared.data.analysis import BarScale, BarSource, LengthUnit, PoseRecord, View


def trust(pose=POSE, fps=30.0, **more):
    lifter = lifter_set(reps=1, **more)
    found = assess_trust(lifter, analysis(lifter, fps=fps).source, pose)
    return {item.name: item for item in found}


def test_a_good_clip_is_graded_good_throughout():
    good = trust(size_px=(640, 640))
    assert {item.grade for item in good.values()} == {"good"}
    assert len(good) == 7  # cuts are left out where there is none
    assert good["Frames"].found == "30 a second"


@pytest.mark.parametrize(
    ("name", "grade", "more"),
    [
        ("Camera", "fair", {"view": View.OBLIQUE, "turn_deg": 40.0}),
        ("Camera", "poor", {"view": View.FRONT, "turn_deg": 80.0}),
        ("Camera", "poor", {"view": View.UNKNOWN, "turn_deg": NAN}),
        ("Frames", "fair", {"fps": 20.0}),
        ("Frames", "poor", {"fps": 10.0}),
        ("Frames", "poor", {"pose": PoseRecord("b", 3)}),  # a third of 30 is analysed
        ("Hidden by plates or rack", "fair", {"occlusion": 0.2}),
        ("Hidden by plates or rack", "poor", {"occlusion": 0.5}),
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


def test_cuts_are_listed_with_their_cost():
    lifter = lifter_set(reps=1)
    cut = tuple(replace(f, shot=int(f.index >= 20)) for f in lifter.frames)
    found = assess_trust(replace(lifter, frames=cut), analysis(lifter).source, POSE)
    [item] = [one for one in found if one.name == "Cuts"]
    assert (item.grade, item.found) == ("poor", "the film is cut into 2 parts")
    assert "one take" in item.cost


def test_a_lifter_never_seen_is_poor_and_what_is_unknown_left_out():
    unseen = analysis(nobody(frames=40))
    items = assess_trust(unseen, unseen.source, POSE)
    assert [item.name for item in items] == [
        "Camera", "Frames", "You in the picture", "Bar",
    ]  # fmt: skip
    assert (items[2].found, items[2].grade) == ("0 % of the time", "poor")


def test_metres_state_their_error():
    bar = BarScale(BarSource.PLATE, LengthUnit.METRE, 100.0, 80.0, 110.0, "plates of 450 mm")
    item = trust(bar=bar)["Bar"]
    assert "25 %" in item.cost
    assert "plates of 450 mm" in item.found


@pytest.mark.parametrize(
    ("occlusion", "found"),
    [(0.02, "hardly anything"), (0.1, "a little"), (0.31, "a third"), (0.5, "half"), (0.8, "most")],
)
def test_what_is_hidden_is_told_without_a_number(occlusion, found):
    assert trust(occlusion=occlusion)["Hidden by plates or rack"].found.startswith(found)


@pytest.mark.parametrize(
    ("trunk_px", "found"), [(120, "large enough"), (80, "small"), (40, "very small")]
)
def test_the_size_is_told_without_a_number(trunk_px, found):
    assert trust(trunk_length_px=float(trunk_px))["Size in the picture"].found == found
