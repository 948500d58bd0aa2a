"""Features of a posture: angles and distances of the MPI-15 skeleton. Pure.

Features do not depend on the lifter's position in the picture, size or facing. Lengths are in trunk
lengths (Neck to the middle of the hips), angles in quarter turns of 90°, so that all features are
of the order of one.

The facing is inferred from the body: the distances of neck and wrists ahead of the hips and of the
knees ahead of the ankles are added up. Each of them points forward in every phase of a deadlift
seen from the side. In a front view the sum is near zero, and so are the features that depend on its
sign. The facing is inferred for each posture anew: with one facing for a whole clip, models
separated good from bad postures less well (AUC lower by 0.05 to 0.1 on sources that they had not
seen).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.scorer.motion.geometry import (
    angle_between_deg,
    lean_deg,
    lean_difference_deg,
    to_sagittal,
)
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

#: Unit of angles, in degrees. By definition of the features, which the shipped model was trained
#: on.
QUARTER_TURN_DEG = 90.0

#: Feature → its meaning. Forward is the way the lifter faces. Widths of stance, grip and shoulders
#: and differences between the sides are left out: they depend on the camera more than on posture.
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

#: Minimum number of seen joints, of 15, in a posture that is scored; neck and hips are needed as
#: well. Chosen: with both arms, or both legs, hidden there is no posture to judge.
MIN_JOINTS = 10


def posture_features(
    xy_px: F32, confidence: F32, facing: int | None = None, turn_deg: ArrayLike = 0.0
) -> F64:
    """Features of postures.

    Args:
        xy_px: float32 (…, 15, 2), MPI-15 joints with NaN where unseen, origin top left.
        confidence: float32 (…, 15), 0..1.
        facing: 1 towards the picture's right, -1 left; None to infer it from each posture.
        turn_deg: (…), turn of each body from side-on, as in `to_sagittal`.

    Returns:
        float64 (…, n_features) in the order of `FEATURES`; NaN where a joint that it needs is not
        seen. Left and right are averaged with weights of their confidence: the far side is often
        hidden.
    """
    seen = np.isfinite(xy_px).all(-1)
    weight = np.where(seen, confidence, 0.0).astype(np.float64)
    xy = _to_sagittal(xy_px, weight, facing, np.asarray(turn_deg, np.float64))

    def middle(left: int, right: int) -> F64:
        weights = weight[..., left, None], weight[..., right, None]
        return _mean(xy[..., left, :], xy[..., right, :], *weights)

    def angle(left: tuple[int, int, int], right: tuple[int, int, int]) -> F64:
        weights = (weight[..., list(side)].min(-1) for side in (left, right))
        return _mean(_joint_angle_deg(xy, *left), _joint_angle_deg(xy, *right), *weights)

    shoulders, hips = middle(L_SHOULDER, R_SHOULDER), middle(L_HIP, R_HIP)
    wrists, neck = middle(L_WRIST, R_WRIST), xy[..., NECK, :]
    knees, ankles = middle(L_KNEE, R_KNEE), middle(L_ANKLE, R_ANKLE)
    trunk, head = neck - hips, xy[..., HEAD, :] - neck
    angles_deg = (
        lean_deg(trunk),
        angle((NECK, L_HIP, L_KNEE), (NECK, R_HIP, R_KNEE)),
        angle((L_HIP, L_KNEE, L_ANKLE), (R_HIP, R_KNEE, R_ANKLE)),
        lean_deg(knees - ankles),
        angle((L_SHOULDER, L_ELBOW, L_WRIST), (R_SHOULDER, R_ELBOW, R_WRIST)),
        lean_difference_deg(trunk, head),
    )
    lengths = (
        (hips - knees)[..., 1],
        (shoulders - hips)[..., 1],
        (wrists - ankles)[..., 1],
        (shoulders - wrists)[..., 0],
        (wrists - ankles)[..., 0],
        (hips - ankles)[..., 0],
    )
    return np.stack([*(angle / QUARTER_TURN_DEG for angle in angles_deg), *lengths], axis=-1)


def is_scorable(xy_px: F32, confidence: F32) -> NDArray[np.bool_]:
    """Whether enough of each lifter is seen, (…, 15, 2) and (…, 15) → (…); see `MIN_JOINTS`."""
    seen = (confidence >= MIN_CONFIDENCE).sum(-1)
    trunk = trunk_length_px(xy_px)
    return np.asarray((seen >= MIN_JOINTS) & np.isfinite(trunk) & (np.nan_to_num(trunk) > 0))


def _to_sagittal(xy_px: F32, weight: F64, facing: int | None, turn_deg: F64) -> F64:
    """Joints ahead and up, (…, 15, 2), in trunk lengths; NaN where the trunk has no length."""
    known = _infer_facing(xy_px, weight)[..., None] if facing is None else facing
    xy = to_sagittal(xy_px.astype(np.float64), known, turn_deg[..., None])
    trunk = np.linalg.norm(xy[..., NECK, :] - xy[..., [L_HIP, R_HIP], :].mean(-2), axis=-1)
    return np.asarray(xy / np.where(trunk > 0, trunk, np.nan)[..., None, None])


def _infer_facing(xy_px: F32, weight: F64) -> F64:
    """The way each posture faces, (…): 1 towards the picture's right, -1 left."""
    x = xy_px[..., 0].astype(np.float64)

    def middle_x(left: int, right: int) -> F64:
        return _mean(x[..., left], x[..., right], weight[..., left], weight[..., right])

    hips = middle_x(L_HIP, R_HIP)
    ahead = (
        x[..., NECK] - hips,
        middle_x(L_WRIST, R_WRIST) - hips,
        middle_x(L_KNEE, R_KNEE) - middle_x(L_ANKLE, R_ANKLE),
    )
    return np.where(np.nansum(ahead, axis=0) < 0, -1.0, 1.0)


def _mean(left: F64, right: F64, left_weight: F64, right_weight: F64) -> F64:
    """Weighted mean of two sides; NaN where neither has a weight."""
    weight = left_weight + right_weight
    total = np.where(left_weight > 0, left * left_weight, 0) + np.where(
        right_weight > 0, right * right_weight, 0
    )
    return np.asarray(total / np.where(weight > 0, weight, np.nan))


def _joint_angle_deg(xy: F64, a: int, corner: int, b: int) -> F64:
    """Angle at a joint between two others, 0..180."""
    corner_xy = xy[..., corner, :]
    return angle_between_deg(xy[..., a, :] - corner_xy, xy[..., b, :] - corner_xy)
