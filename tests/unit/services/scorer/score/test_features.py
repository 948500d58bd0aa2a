import numpy as np
import pytest
from lifted import lift_of

from services.scorer.score import posture_model
from services.scorer.score.features import FEATURES, QUARTER_TURN_DEG, is_scorable, posture_features
from shared.data.skeleton import L_KNEE, L_WRIST, MIRRORED, NECK, R_WRIST
from synthetic import Lift
from synthetic.lift import joints_m

SEEN = np.ones(15, np.float32)


def lifter_px(bar_progress, turn_deg=0.0):
    """A lifter's joints (15, 2) in pixels, the camera turned by this angle."""
    joints, turn = joints_m(bar_progress), np.radians(turn_deg)
    x = joints[:, 0] * np.cos(turn) + joints[:, 2] * np.sin(turn)
    return np.stack([300 + 200 * x, 500 - 200 * joints[:, 1]], -1).astype(np.float32)


POSTURES = np.stack([lifter_px(progress) for progress in np.linspace(0, 1, 9)])
ALL_SEEN = np.ones((9, 15), np.float32)


@pytest.mark.parametrize(
    "change",
    [
        lambda xy: xy + np.float32([120, -40]),  # elsewhere in the picture
        lambda xy: xy * np.float32(2.5),  # larger
        lambda xy: (xy * np.float32([-1, 1]) + np.float32([640, 0]))[:, list(MIRRORED)],  # mirrored
    ],
)
def test_features_do_not_depend_on_place_size_or_facing(change):
    expected = posture_features(POSTURES, ALL_SEEN)
    np.testing.assert_allclose(posture_features(change(POSTURES), ALL_SEEN), expected, atol=1e-4)


def test_features_say_what_they_are_called():
    ends = posture_features(POSTURES[[0, -1]], ALL_SEEN[:2])
    low, high = (dict(zip(FEATURES, row, strict=True)) for row in ends)
    assert low["trunk_lean"] > 0.4
    assert abs(high["trunk_lean"]) < 0.01
    assert high["knee_angle"] > 1.95 > low["knee_angle"]
    assert low["elbow_angle"] == pytest.approx(2, abs=0.05)
    assert low["wrists_over_ankles"] < high["wrists_over_ankles"]


def test_an_unseen_joint_leaves_out_only_its_features():
    xy = POSTURES[0].copy()
    xy[[L_WRIST, R_WRIST]] = np.nan
    values = posture_features(xy, SEEN)
    assert {n for n, v in zip(FEATURES, values, strict=True) if np.isnan(v)} == {
        "elbow_angle", "wrists_over_ankles", "shoulders_before_wrists", "wrists_before_ankles",
    }  # fmt: skip


def test_the_side_with_more_confidence_has_more_weight():
    names, xy = list(FEATURES), POSTURES[0].copy()
    xy[L_KNEE] += np.float32([40, 0])  # hidden by a plate, and guessed wrong
    knee = names.index("knee_angle")
    true, guessed = posture_features(np.stack([POSTURES[0], xy]), ALL_SEEN[:2])[:, knee]
    unsure = SEEN.copy()
    unsure[L_KNEE] = 0.2
    weighted = posture_features(xy, unsure)[knee]
    assert abs(weighted - true) < 0.5 * abs(guessed - true)
    xy[L_KNEE] = np.nan
    assert posture_features(xy, SEEN)[knee] == pytest.approx(true, abs=0.02)


def test_the_facing_can_be_given_or_inferred():
    inferred, given = (posture_features(POSTURES, ALL_SEEN, facing) for facing in (None, 1))
    np.testing.assert_allclose(inferred, given)
    other = posture_features(POSTURES, ALL_SEEN, -1)
    lean = list(FEATURES).index("trunk_lean")
    np.testing.assert_allclose(other[:, lean], -inferred[:, lean])


def test_too_little_seen_is_not_scored():
    model = posture_model.load_default()
    hidden = SEEN.copy()
    hidden[:6] = 0
    neckless = POSTURES[0].copy()
    neckless[NECK] = np.nan
    scores = model.score(
        np.stack([POSTURES[0], POSTURES[0], neckless]), np.stack([SEEN, hidden, SEEN])
    )
    assert np.isfinite(scores).tolist() == [True, False, False]
    assert is_scorable(POSTURES, ALL_SEEN).all()
    point = np.zeros((15, 2), np.float32)
    assert np.isnan(model.score(point, SEEN))  # a body of no size


@pytest.mark.parametrize("turn_deg", [35, 50])
def test_leans_and_distances_ahead_are_those_of_the_sagittal_plane(turn_deg):
    names = list(FEATURES)
    sagittal = ["trunk_lean", "shank_lean", "hips_before_ankles", "wrists_before_ankles"]
    columns = [names.index(name) for name in sagittal]
    turned = np.stack([lifter_px(progress, turn_deg) for progress in np.linspace(0, 1, 9)])
    expected = posture_features(POSTURES, ALL_SEEN)[:, columns]
    corrected = posture_features(turned, ALL_SEEN, turn_deg=turn_deg)[:, columns]
    np.testing.assert_allclose(corrected, expected, atol=0.01)
    uncorrected = posture_features(turned, ALL_SEEN)[:, columns]
    assert np.abs(uncorrected - expected).max() > 0.02


def test_each_posture_can_have_its_own_turn():
    turned = np.stack([lifter_px(0.2, turn_deg) for turn_deg in (0, 45)])
    lean = posture_features(turned, ALL_SEEN[:2], turn_deg=[0.0, 45.0])[:, 0]
    assert lean[1] == pytest.approx(lean[0], abs=0.01)


@pytest.mark.parametrize("view", ["side", "oblique"])
def test_features_and_kinematics_measure_the_same_lean(view):
    lift = lift_of(Lift(view=view, reps=1))
    motion = lift.motion
    xy, confidence = motion.xy_px.astype(np.float32), motion.confidence.astype(np.float32)
    features = posture_features(xy, confidence, motion.facing, motion.turn_deg)
    # kinematics average left and right hips evenly, features by confidence
    lean_deg = features[:, list(FEATURES).index("trunk_lean")] * QUARTER_TURN_DEG
    np.testing.assert_allclose(lean_deg, lift.kinematics.trunk_lean, atol=2)
