"""What a posture is judged by: angles and distances of the MPI-15 skeleton. Pure.

All features are invariant to where in the picture the lifter is, how large, and which way they
face. Lengths are in torso lengths (neck to the middle of the hips); angles in quarter turns of 90°,
so that all features are of the order of one.

Facing is told from the body: the way in which neck and wrists lie before the hips and the knees
before the ankles, added up. Each of them points forward in every phase of a deadlift seen from the
side. In a front view the sum is near zero, and so are the features that depend on its sign.
"""

import numpy as np
from numpy.typing import NDArray

from shared.skeleton import (
    F32,
    HEAD,
    L_ANKLE,
    L_ELBOW,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    MIN_CONFIDENCE,
    NECK,
    R_ANKLE,
    R_ELBOW,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
    torso_px,
)

F64 = NDArray[np.float64]

#: Feature → what it says. Forward is the way the lifter faces. Widths of stance, grip and shoulders
#: and differences between the sides are left out: they tell the camera's place better than posture.
POSTURE = {
    "trunk_lean": "angle of hips-to-neck from upright, forward positive",
    "hip_angle": "angle at the hip between trunk and thigh, 2 = straight",
    "knee_angle": "angle at the knee, 2 = straight",
    "shank_lean": "angle of ankle-to-knee from upright, forward positive",
    "elbow_angle": "angle at the elbow, 2 = straight",
    "head_tilt": "angle of neck-to-head against the trunk, extension (looking up) positive",
    "hips_over_knees": "height of the hips above the knees",
    "shoulders_over_hips": "height of the shoulders above the hips",
    "wrists_over_ankles": "height of the wrists above the ankles",
    "shoulders_before_wrists": "how far the shoulders lie before the wrists",
    "wrists_before_ankles": "how far the wrists lie before the ankles",
    "hips_before_ankles": "how far the hips lie before the ankles",
}

#: A good start and a good finish look different: each feature counts a second time, as much as the
#: trunk leans (0 upright … 1 level).
BENT = {f"{name}_bent": f"{name}, times the lean of the trunk" for name in POSTURE}

FEATURES = {**POSTURE, **BENT}

#: A lifter is scored when neck and hips and at least so many of the 15 joints are seen: with both
#: arms, or both legs, hidden there is no posture to judge.
MIN_JOINTS = 10


def posture_features(xy_px: F32) -> F64:
    """Features of postures.

    Args:
        xy_px: float32 (…, 15, 2), MPI-15 joints with NaN where unseen, origin top left.

    Returns:
        float64 (…, n_features) in the order of `FEATURES`; NaN where a joint that it needs is not
        seen. Of two sides the mean is taken, or the one that is seen.
    """
    xy = _facing_right(_up(xy_px))
    shoulders, hips = _middle(xy, L_SHOULDER, R_SHOULDER), _middle(xy, L_HIP, R_HIP)
    knees, ankles = _middle(xy, L_KNEE, R_KNEE), _middle(xy, L_ANKLE, R_ANKLE)
    wrists, neck = _middle(xy, L_WRIST, R_WRIST), xy[..., NECK, :]
    hip_left, hip_right = _angle(xy, NECK, L_HIP, L_KNEE), _angle(xy, NECK, R_HIP, R_KNEE)
    knee_left, knee_right = _angle(xy, L_HIP, L_KNEE, L_ANKLE), _angle(xy, R_HIP, R_KNEE, R_ANKLE)
    elbow_left = _angle(xy, L_SHOULDER, L_ELBOW, L_WRIST)
    elbow_right = _angle(xy, R_SHOULDER, R_ELBOW, R_WRIST)
    trunk, head = neck - hips, xy[..., HEAD, :] - neck
    columns = (
        _lean(trunk),
        _mean(hip_left, hip_right),
        _mean(knee_left, knee_right),
        _lean(knees - ankles),
        _mean(elbow_left, elbow_right),
        _wrapped(_lean(trunk) - _lean(head)),
        (hips - knees)[..., 1],
        (shoulders - hips)[..., 1],
        (wrists - ankles)[..., 1],
        (shoulders - wrists)[..., 0],
        (wrists - ankles)[..., 0],
        (hips - ankles)[..., 0],
    )
    posture = np.stack(columns, axis=-1)
    return np.concatenate([posture, posture * np.clip(posture[..., :1], 0, 1)], axis=-1)


def is_scorable(xy_px: F32, confidence: F32) -> NDArray[np.bool_]:
    """Whether enough of each lifter is seen, (…, 15, 2) and (…, 15) → (…); see `MIN_JOINTS`."""
    seen = (confidence >= MIN_CONFIDENCE).sum(-1)
    torso = torso_px(xy_px)
    return np.asarray((seen >= MIN_JOINTS) & np.isfinite(torso) & (np.nan_to_num(torso) > 0))


def _up(xy_px: F32) -> F64:
    """In torso lengths, y upwards. A torso of no length leaves nothing to measure by: NaN."""
    torso = torso_px(xy_px).astype(np.float64)[..., None, None]
    scaled = xy_px.astype(np.float64) / np.where(torso > 0, torso, np.nan)
    return scaled * (1.0, -1.0)


def _facing_right(xy: F64) -> F64:
    hips = _middle(xy, L_HIP, R_HIP)
    forward = np.stack(
        [
            xy[..., NECK, 0] - hips[..., 0],
            (_middle(xy, L_WRIST, R_WRIST) - hips)[..., 0],
            (_middle(xy, L_KNEE, R_KNEE) - _middle(xy, L_ANKLE, R_ANKLE))[..., 0],
        ],
        axis=-1,
    )
    sign = np.where(np.nansum(forward, axis=-1) < 0, -1.0, 1.0)
    turned = xy.copy()
    turned[..., 0] *= sign[..., None]
    return turned


def _mean(left: F64, right: F64) -> F64:
    """Mean of two sides, or the one that is not NaN."""
    return np.where(np.isnan(left), right, np.where(np.isnan(right), left, (left + right) / 2))


def _middle(xy: F64, left: int, right: int) -> F64:
    return _mean(xy[..., left, :], xy[..., right, :])


def _angle(xy: F64, a: int, corner: int, b: int) -> F64:
    """Angle at a joint between two others, quarter turns, 0..2."""
    first, second = xy[..., a, :] - xy[..., corner, :], xy[..., b, :] - xy[..., corner, :]
    cross = first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
    return np.asarray(np.abs(np.arctan2(cross, (first * second).sum(-1))) / (np.pi / 2))


def _lean(vector: F64) -> F64:
    """Angle from straight up towards the front, quarter turns, -2..2."""
    return np.asarray(np.arctan2(vector[..., 0], vector[..., 1]) / (np.pi / 2))


def _wrapped(turns: F64) -> F64:
    return np.asarray((turns + 2) % 4 - 2)
