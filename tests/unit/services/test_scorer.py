import json
from dataclasses import replace

import numpy as np
import pytest
from builders import person

from coach.rendering.lift import joints_m
from services.scorer import posture_model
from services.scorer.datasets import LabelledPoses, read
from services.scorer.features import FEATURES, is_scorable, posture_features
from services.scorer.lifter import find_lifter
from services.scorer.set_analysis import analyse
from services.scorer.training import train
from services.scorer.view import tell_view
from shared.errors import ModelError, UsageError
from shared.messages import FramePoses, ScoredFrame
from shared.skeleton import L_WRIST, NECK, R_WRIST

MIRROR = [0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 14]
SURE = np.ones(15, np.float32)


def lifter_px(share, turn_deg=0.0):
    """A lifter's joints (15, 2) in pixels at a share of the pull, the camera turned."""
    joints, turn = joints_m(share), np.radians(turn_deg)
    x = joints[:, 0] * np.cos(turn) + joints[:, 2] * np.sin(turn)
    return np.stack([300 + 200 * x, 500 - 200 * joints[:, 1]], -1).astype(np.float32)


POSTURES = np.stack([lifter_px(share) for share in np.linspace(0, 1, 9)])


@pytest.mark.parametrize(
    "change",
    [
        lambda xy: xy + np.float32([120, -40]),  # elsewhere in the picture
        lambda xy: xy * np.float32(2.5),  # larger
        lambda xy: (xy * np.float32([-1, 1]) + np.float32([640, 0]))[:, MIRROR],  # mirrored
    ],
)
def test_features_do_not_depend_on_place_size_or_facing(change):
    expected = posture_features(POSTURES)
    np.testing.assert_allclose(posture_features(change(POSTURES)), expected, atol=1e-4)


def test_features_say_what_they_are_called():
    low, high = (dict(zip(FEATURES, posture_features(p), strict=True)) for p in POSTURES[[0, -1]])
    assert low["trunk_lean"] > 0.4
    assert abs(high["trunk_lean"]) < 0.01
    assert high["knee_angle"] > 1.95 > low["knee_angle"]
    assert low["elbow_angle"] == pytest.approx(2, abs=0.05)
    assert low["wrists_over_ankles"] < high["wrists_over_ankles"]
    assert low["shoulder_width"] < 0.01  # seen from the side


def test_an_unseen_joint_takes_only_its_own_features_along():
    xy = POSTURES[0].copy()
    xy[[L_WRIST, R_WRIST]] = np.nan
    missing = {n for n, v in zip(FEATURES, posture_features(xy), strict=True) if np.isnan(v)}
    assert missing == {
        "elbow_angle", "wrists_over_ankles", "shoulders_before_wrists", "wrists_before_ankles",
        "grip_width",
    }  # fmt: skip


def test_too_little_seen_is_not_scored():
    model = posture_model.load_default()
    hidden = SURE.copy()
    hidden[:6] = 0
    neckless = POSTURES[0].copy()
    neckless[NECK] = np.nan
    scores = model.score(
        np.stack([POSTURES[0], POSTURES[0], neckless]), np.stack([SURE, hidden, SURE])
    )
    assert np.isfinite(scores).tolist() == [True, False, False]
    assert is_scorable(POSTURES, np.ones((9, 15), np.float32)).all()
    point = np.zeros((15, 2), np.float32)
    assert np.isnan(model.score(point, SURE))  # a body of no size


def test_the_shipped_model_tells_where_it_comes_from():
    model = posture_model.load_default()
    sources = {row["source"]: row for row in model.provenance["figures"]}
    assert sources["sravb"]["postures"] == 11
    assert sources["all"]["brier"] < sources["all"]["majority"]
    assert 0 <= float(model.score(POSTURES[0], SURE)) <= 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda c: c.update(schema=99),  # another version
        lambda c: c.update(features=c["features"][:-1]),  # other features
        lambda c: c["coefficients"].__setitem__(0, "1"),  # no number
        lambda c: c["scale"].__setitem__(0, 0.0),  # would divide by zero
        lambda c: c.pop("intercept"),  # a field is missing
        lambda c: c.update(code="x"),  # a field too many
    ],
)
def test_a_damaged_model_is_refused_by_name(tmp_path, damage):
    path = tmp_path / "model.json"
    posture_model.load_default().save(path)
    assert posture_model.load(path) == posture_model.load_default()
    content = json.loads(path.read_text())
    damage(content)
    path.write_text(json.dumps(content))
    with pytest.raises(ModelError, match=r"model\.json"):
        posture_model.load(path)


def labelled(rng, good, groups):
    """Postures whose knees are straight when good, bent when bad, with some noise."""
    rows = [
        (lifter_px(rng.uniform(0.85, 1.0) if good else rng.uniform(0, 0.3)), f"{good}-{g}")
        for g in range(groups)
        for _ in range(5)
    ]
    xy = np.stack([row[0] + rng.normal(0, 2, (15, 2)) for row in rows]).astype(np.float32)
    label = np.full(len(rows), float(good))
    sure = np.ones((len(rows), 15), np.float32)
    return LabelledPoses("made", xy, sure, label, np.array([row[1] for row in rows]))


def test_training_separates_what_can_be_separated_and_judges_unseen_groups():
    rng = np.random.default_rng(1)
    sets = [labelled(rng, good, 5) for good in (True, False)]
    report = train(sets, seed=0)
    assert report.rows[-1].auc > 0.95
    assert report.rows[-1].brier < report.rows[-1].majority
    good, bad = (report.model.score(s.xy_px, s.confidence).mean() for s in sets)
    assert good > bad + 0.4
    assert train(sets, seed=0).model.coefficients == report.model.coefficients


def test_training_on_noise_finds_nothing():
    rng = np.random.default_rng(2)
    both = labelled(rng, True, 12)
    groups = np.array([f"g{i // 5}" for i in range(60)])
    noise = replace(both, label=(np.arange(60) // 5 % 2).astype(float), group=groups)
    assert train([noise], seed=0).rows[-1].auc < 0.75


def test_training_needs_both_labels():
    with pytest.raises(UsageError, match="good and bad"):
        train([labelled(np.random.default_rng(0), True, 5)], seed=0)


def test_tables_of_both_kinds_are_read(tmp_path):
    coco = np.random.default_rng(0).random((18, 2)) * 100
    for label in ("good_side", "bad_front", "test"):
        (tmp_path / label).mkdir()
        frames = [coco.tolist(), [None, *coco[1:].tolist()]]
        (tmp_path / label / f"{label}.json").write_text(json.dumps(frames))
    (tmp_path / "A__front__correct.json").write_text(
        json.dumps(
            {"subject": "A", "condition": "correct", "frames": [{"people": [[1.0] * 75]}] * 11}
        )
    )
    poses = read(tmp_path, lambda image: None)
    assert poses.xy_px.shape == (6, 15, 2)
    assert sorted(poses.label) == [0, 0, 1, 1, 1, 1]
    assert set(poses.group) == {"good_side.json", "bad_front.json", "lifter A"}


@pytest.mark.parametrize("content", ["{", "[[1]]", '[["x", "y"]]', "{}"])
def test_a_damaged_table_is_refused_by_name(tmp_path, content):
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "x.json").write_text(content)
    with pytest.raises(UsageError, match=r"x\.json"):
        read(tmp_path, lambda image: None)


def clip_of(*tracks):
    """Scored frames from one place function (frame → (x, y)) a person."""
    frames = []
    for index in range(30):
        people = tuple(person(*track(index)) for track in tracks)
        scores = np.linspace(0.2, 0.8, len(people), dtype=np.float32)
        frames.append(ScoredFrame(FramePoses(index, index / 10, people, 1.0), scores))
    return frames


def lifts(index):
    return 300, 200 + 30 * np.sin(index / 4)


def test_the_lifter_is_who_moves_whatever_their_place_in_the_list():
    frames = clip_of(lambda i: (100, 200), lifts)
    shuffled = [
        f if i % 3 else ScoredFrame(replace(f.poses, people=f.poses.people[::-1]), f.scores[::-1])
        for i, f in enumerate(frames)
    ]
    assert find_lifter(shuffled) == [1 if i % 3 else 0 for i in range(30)]


def test_a_lifter_who_was_lost_and_found_is_the_same():
    frames = clip_of(lifts)
    nobody = np.zeros(0, np.float32)
    gap = range(10, 25)
    for i in gap:
        frames[i] = ScoredFrame(replace(frames[i].poses, people=()), nobody)
    assert find_lifter(frames) == [None if i in gap else 0 for i in range(30)]


def test_a_clip_without_anybody_says_so():
    analysis = analyse("job", clip_of(), "truncated")
    assert np.isnan(analysis.score)
    assert analysis.view == "unknown"
    assert any("nobody" in warning for warning in analysis.warnings)
    assert any("breaks off" in warning for warning in analysis.warnings)


@pytest.mark.parametrize(("turn_deg", "view"), [(0, "side"), (35, "oblique"), (85, "front")])
def test_the_view_is_told(turn_deg, view):
    xy = np.stack([lifter_px(share, turn_deg) for share in np.linspace(0, 1, 20)])
    assert tell_view(xy) == view
