"""The benchmark of found joints against hand-placed ones: labels, errors, shares."""

import importlib
import sys
from dataclasses import replace

import numpy as np
import pytest
from builders import ROOT

from shared.data.messages import Person
from shared.data.skeleton import (
    FEET,
    JOINTS,
    L_KNEE,
    MIRRORED,
    OUTLINE_LEVELS,
    R_ANKLE,
    R_KNEE,
    R_WRIST,
)

sys.path.insert(0, str(ROOT))  # the benchmarks are no installed package
reading = importlib.import_module("benchmarks.joints_labels")
scores = importlib.import_module("benchmarks.joints_scores")
joints = importlib.import_module("benchmarks.joints")

#: A standing body, px: shoulder, elbow, wrist, hip, knee, ankle of one side, and the other's.
SIDE = np.array([(100, 100), (90, 150), (95, 200), (105, 200), (110, 300), (105, 400)], float)
BODY = np.stack([SIDE, SIDE + (60, 0)])

#: The knee's and the wrist's place in `KINDS`.
KNEE, WRIST = reading.KINDS.index("knee"), reading.KINDS.index("wrist")


def labelled(xy_px=BODY, video="a", view="side"):
    seen = np.ones((2, 6), bool)
    return reading.Labels("a.jpg", video, view, np.array(xy_px, float), seen, trunk_px=100.0)


def person(xy_px=BODY, confidence=0.9):
    """Somebody whose left side is the first one; head, neck and chest are unseen."""
    found = np.full((JOINTS, 2), np.nan, np.float32)
    left, right = [5, 6, 7, 11, 12, 13], [2, 3, 4, 8, 9, 10]
    found[left], found[right] = xy_px
    nowhere = np.full((len(FEET), 2), np.nan, np.float32)
    low, high = np.nanmin(found, 0), np.nanmax(found, 0)
    return Person(
        xy_px=found,
        confidence=np.where(np.isnan(found[:, 0]), 0, confidence).astype(np.float32),
        feet_px=nowhere,
        feet_confidence=np.zeros(len(FEET), np.float32),
        outline_px=np.full((2, OUTLINE_LEVELS), np.nan, np.float32),
        sole_px=nowhere[:2],
        turn_deg=float("nan"),
        box_px=np.concatenate([low, high]).astype(np.float32),
        detection_confidence=0.9,
    )


def moved(who, joint, by_px):
    xy_px = who.xy_px.copy()
    xy_px[joint] += by_px
    return replace(who, xy_px=xy_px)


def without(who, *gone):
    xy_px, confidence = who.xy_px.copy(), who.confidence.copy()
    xy_px[list(gone)], confidence[list(gone)] = np.nan, 0
    return replace(who, xy_px=xy_px, confidence=confidence)


def test_table_is_read_in_pixels_of_the_restored_picture(tmp_path):
    names = [f"{kind}{side}" for side in (1, 2) for kind in reading.KINDS]
    header = ["file", "video", "lifter", "view"]
    header += [f"{name}_{part}" for name in names for part in "xyv"]
    cells = []
    scale = 1080 / reading.WIDTH_PX  # pixels of the table in one of the restored picture
    for name, (x, y) in zip(names, BODY.reshape(-1, 2), strict=True):
        gone, guessed = name == "elbow2", name == "hip1"
        cells += ["", "", "0"] if gone else [str(scale * x), str(scale * y), "12"[not guessed]]
    table = tmp_path / "joints.csv"
    table.write_text(",".join(header) + "\n" + ",".join(["a.jpg", "a", "b", "side", *cells]))
    [labels] = reading.read_labels(table)
    assert np.isnan(labels.xy_px[1, 1]).all()
    known = ~np.isnan(labels.xy_px)
    np.testing.assert_allclose(labels.xy_px[known], BODY[known])
    assert not labels.seen[0, 3]
    assert labels.seen.sum() == 10
    assert labels.trunk_px == pytest.approx(np.hypot(5, 100))


def test_unit_is_the_trunk_of_the_standing_lifter_of_each_video():
    bent = BODY.copy()
    bent[:, 0] += (100, 100)  # the trunk is level
    small = 0.5 * BODY
    poses = [("a", BODY)] * 9 + [("a", bent)] + [("b", small)] * 2
    pictures = reading.with_trunk_lengths([labelled(xy_px, video) for video, xy_px in poses])
    assert pictures[9].trunk_px == pytest.approx(np.hypot(5, 100), rel=0.01)
    assert pictures[-1].trunk_px == pytest.approx(np.hypot(5, 100) / 2)
    assert [one.is_bent_over for one in pictures[8:10]] == [False, True]


def test_trunk_that_is_shorter_than_standing_leans_towards_the_camera():
    facing = BODY.copy()
    facing[:, 0] += (0, 60)
    assert labelled(facing).is_bent_over
    assert not labelled(facing).is_bent_aside
    assert not labelled().is_bent_over


def test_joints_within_a_fifth_of_the_trunk_are_right():
    who = moved(moved(person(), L_KNEE, (19, 0)), R_KNEE, (0, 21))
    scored = scores.score(labelled(), who)
    assert scored.errors[0, KNEE] == pytest.approx(0.19)
    assert scored.errors[1, KNEE] == pytest.approx(0.21)
    assert scores.share_right([scored]) == scores.Share(11, 12)


def test_swapped_sides_are_right_if_the_whole_body_is_swapped():
    who = moved(person(), R_WRIST, (-50, 0))
    swapped = replace(who, xy_px=who.xy_px[list(MIRRORED)])
    for one in (who, swapped):
        assert scores.share_right([scores.score(labelled(), one)]).part == 11
    legs = person().xy_px.copy()
    legs[[8, 9, 10, 11, 12, 13]] = legs[[11, 12, 13, 8, 9, 10]]  # the legs alone
    assert scores.share_right([scores.score(labelled(), replace(who, xy_px=legs))]).part == 6


def test_confidence_goes_with_the_assigned_side():
    who = replace(person(), xy_px=person().xy_px[list(MIRRORED)])
    confidence = who.confidence.copy()
    confidence[R_WRIST] = 0.3  # it lies on the wrist of the labels' first side
    scored = scores.score(labelled(), replace(who, confidence=confidence))
    assert scored.confidence[0, WRIST] == pytest.approx(0.3)
    assert scores.share_right([scored], scores.in_bin(0.3)) == scores.Share(1, 1)
    assert scores.share_right([scored], scores.in_bin(0.3, "knee")) == scores.Share(0, 0)
    assert scores.share_right([scored], scores.in_bin(0.9)) == scores.Share(11, 11)


def test_missing_joints_are_wrong_and_in_no_bin():
    scored = scores.score(labelled(), without(person(), L_KNEE, R_ANKLE))
    assert scores.share_right([scored]) == scores.Share(10, 12)
    assert scores.share_right([scored], scores.of_kind("knee")) == scores.Share(1, 2)
    counted = [scores.share_right([scored], scores.in_bin(low)) for low in scores.CONFIDENCE_BINS]
    assert sum(share.whole for share in counted) == 10


def test_joints_without_a_label_are_not_counted():
    xy_px = BODY.copy()
    xy_px[0, KNEE] = np.nan
    assert scores.share_right([scores.score(labelled(xy_px), person())]) == scores.Share(11, 11)


def test_nobody_is_twelve_wrong_joints_but_no_nonsense():
    nobody = scores.score(labelled(), None)
    assert scores.share_right([nobody]) == scores.Share(0, 12)
    assert not nobody.is_found
    assert not nobody.is_nonsense


@pytest.mark.parametrize(("away_px", "is_nonsense"), [(0, False), (45, False), (55, True)])
def test_skeleton_half_a_trunk_away_is_nonsense(away_px, is_nonsense):
    who = without(person(BODY + (0, away_px)), L_KNEE)  # what it leaves out is no error
    assert scores.score(labelled(), who).is_nonsense is is_nonsense


def test_larger_person_is_the_lifter_whoever_fits_better():
    large, fitting = person(3 * BODY), person()
    assert joints.lifter_among((fitting, large)) is large
    assert joints.lifter_among(()) is None
    assert scores.share_right([scores.best_fit(labelled(), [large, fitting])]).part == 12
    assert scores.share_right([scores.best_fit(labelled(), [])]).part == 0


def test_interval_is_over_videos():
    good, bad = scores.score(labelled(), person()), scores.score(labelled(video="b"), None)
    alone = scores.share_right([good] * 10)
    assert np.isnan(alone.low)
    both = scores.share_right([good] * 10 + [bad] * 10)
    assert (both.fraction, both.low, both.high) == (0.5, 0.0, 1.0)
    many = [replace(good, labels=labelled(video=str(n))) for n in range(9)]
    shared = scores.share_right([*many, bad])
    assert 0.6 < shared.low < shared.fraction < shared.high <= 1.0
