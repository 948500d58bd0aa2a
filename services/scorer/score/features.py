"""What a posture is judged by: angles and distances of the MPI-15 skeleton. Pure.

All features are invariant to where in the picture the lifter is, how large, and which way they
face. Lengths are in trunk lengths (neck to the middle of the hips); angles in quarter turns of 90°,
so that all features are of the order of one.

Facing is told from the body: the way in which neck and wrists lie before the hips and the knees
before the ankles, added up. Each of them points forward in every phase of a deadlift seen from the
side. In a front view the sum is near zero, and so are the features that depend on its sign. It is
told anew for each posture: with one facing for a whole clip, models told other people's good and
bad postures apart less well (AUC lower by 0.05 to 0.1 on sources that they had not seen).
"""

import numpy as np
from numpy.typing import NDArray

from shared.data.skeleton import (
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
    trunk_length_px,
)

F64 = NDArray[np.float64]

#: Feature → what it says. Forward is the way the lifter faces. Widths of stance, grip and shoulders
#: and differences between the sides are left out: they tell the camera's place better than posture.
FEATURES = {
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

#: A lifter is scored when neck and hips and at least so many of the 15 joints are seen: with both
#: arms, or both legs, hidden there is no posture to judge.
MIN_JOINTS = 10


def posture_features(xy_px: F32, confidence: F32, facing: int | None = None) -> F64:
    """Features of postures.

    Args:
        xy_px: float32 (…, 15, 2), MPI-15 joints with NaN where unseen, origin top left.
        confidence: float32 (…, 15), 0..1.
        facing: 1 towards the picture's right, -1 left; None to tell it from each posture.

    Returns:
        float64 (…, n_features) in the order of `FEATURES`; NaN where a joint that it needs is not
        seen. Of two sides the mean is taken, weighted by confidence: the far side is often hidden.
    """
    xy = _up(xy_px)
    sure = np.where(np.isfinite(xy).all(-1), confidence, 0.0).astype(np.float64)

    def middle(left: int, right: int) -> F64:
        weights = sure[..., left, None], sure[..., right, None]
        return _mean(xy[..., left, :], xy[..., right, :], *weights)

    def angle(left: tuple[int, int, int], right: tuple[int, int, int]) -> F64:
        weights = (sure[..., list(side)].min(-1) for side in (left, right))
        return _mean(_angle(xy, *left), _angle(xy, *right), *weights)

    shoulders, hips = middle(L_SHOULDER, R_SHOULDER), middle(L_HIP, R_HIP)
    wrists, neck = middle(L_WRIST, R_WRIST), xy[..., NECK, :]
    knees, ankles = middle(L_KNEE, R_KNEE), middle(L_ANKLE, R_ANKLE)
    ahead = np.stack([(neck - hips), (wrists - hips), (knees - ankles)])[..., 0]
    seen_facing = np.where(np.nansum(ahead, axis=0) < 0, -1.0, 1.0)
    forward = np.stack(
        np.broadcast_arrays(seen_facing if facing is None else float(facing), 1.0), axis=-1
    )
    trunk, head = (neck - hips) * forward, (xy[..., HEAD, :] - neck) * forward
    columns = (
        _lean(trunk),
        angle((NECK, L_HIP, L_KNEE), (NECK, R_HIP, R_KNEE)),
        angle((L_HIP, L_KNEE, L_ANKLE), (R_HIP, R_KNEE, R_ANKLE)),
        _lean((knees - ankles) * forward),
        angle((L_SHOULDER, L_ELBOW, L_WRIST), (R_SHOULDER, R_ELBOW, R_WRIST)),
        _wrapped(_lean(trunk) - _lean(head)),
        (hips - knees)[..., 1],
        (shoulders - hips)[..., 1],
        (wrists - ankles)[..., 1],
        ((shoulders - wrists) * forward)[..., 0],
        ((wrists - ankles) * forward)[..., 0],
        ((hips - ankles) * forward)[..., 0],
    )
    return np.stack(columns, axis=-1)


def is_scorable(xy_px: F32, confidence: F32) -> NDArray[np.bool_]:
    """Whether enough of each lifter is seen, (…, 15, 2) and (…, 15) → (…); see `MIN_JOINTS`."""
    seen = (confidence >= MIN_CONFIDENCE).sum(-1)
    trunk = trunk_length_px(xy_px)
    return np.asarray((seen >= MIN_JOINTS) & np.isfinite(trunk) & (np.nan_to_num(trunk) > 0))


def _up(xy_px: F32) -> F64:
    """In trunk lengths, y upwards. A trunk of no length leaves nothing to measure by: NaN."""
    trunk = trunk_length_px(xy_px).astype(np.float64)[..., None, None]
    scaled = xy_px.astype(np.float64) / np.where(trunk > 0, trunk, np.nan)
    return scaled * (1.0, -1.0)


def _mean(left: F64, right: F64, left_sure: F64, right_sure: F64) -> F64:
    """Mean of two sides by how sure they are; NaN where neither is."""
    sure = left_sure + right_sure
    total = np.where(left_sure > 0, left * left_sure, 0) + np.where(
        right_sure > 0, right * right_sure, 0
    )
    return np.asarray(total / np.where(sure > 0, sure, np.nan))


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
