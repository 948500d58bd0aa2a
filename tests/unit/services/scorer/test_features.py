import numpy as np
import pytest

from coach.rendering.lift import joints_m
from services.scorer import posture_model
from services.scorer.features import FEATURES, is_scorable, posture_features
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
    assert low["knee_angle_bent"] == pytest.approx(low["knee_angle"] * low["trunk_lean"])


def test_an_unseen_joint_takes_only_its_own_features_along():
    xy = POSTURES[0].copy()
    xy[[L_WRIST, R_WRIST]] = np.nan
    missing = {n for n, v in zip(FEATURES, posture_features(xy), strict=True) if np.isnan(v)}
    assert missing == {
        f"{name}{part}"
        for part in ("", "_bent")
        for name in (
            "elbow_angle", "wrists_over_ankles", "shoulders_before_wrists", "wrists_before_ankles",
        )
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
