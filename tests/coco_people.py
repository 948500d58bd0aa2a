"""People as MoveNet gives them, made by hand or compared with rendered ones."""

import numpy as np

from services.pose.movenet.points import (
    L_ANKLE,
    L_ELBOW,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    R_ANKLE,
    R_ELBOW,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
    PersonPoints,
)
from shared.data.skeleton import trunk_length_px

#: Middle of the hips of `standing`, in px; its trunk is 50 px long.
HIPS_PX = (100.0, 100.0)

#: Points of `standing`, from the middle of the hips, in px; the face's are all at (0, -70).
_STANDING = {
    L_SHOULDER: (10, -50), R_SHOULDER: (-10, -50), L_ELBOW: (12, -25), R_ELBOW: (-12, -25),
    L_WRIST: (12, 0), R_WRIST: (-12, 0), L_HIP: (8, 0), R_HIP: (-8, 0),
    L_KNEE: (8, 40), R_KNEE: (-8, 40), L_ANKLE: (8, 80), R_ANKLE: (-8, 80),
}  # fmt: skip


def standing(hips_px=HIPS_PX, scale=1.0, score=0.8, **moved):
    """A standing person seen from behind; `moved` puts points elsewhere, x and y from the hips."""
    names = {"left_wrist": L_WRIST, "right_ankle": R_ANKLE}
    xy = np.tile(np.array((0, -70), np.float32), (17, 1))
    for point, at in _STANDING.items():
        xy[point] = at
    for name, at in moved.items():
        xy[names[name]] = at
    return PersonPoints(
        (xy * scale + hips_px).astype(np.float32), np.full(17, score, dtype=np.float32)
    )


def with_scores(person, points, score):
    """The same person with another score of some points."""
    scores = person.score.copy()
    scores[points] = score
    return PersonPoints(person.xy_px, scores)


def off(person, joints_px):
    """Median distance of a person's joints from the true ones, in trunk lengths."""
    far = np.linalg.norm(person.joints()[0] - joints_px, axis=-1)
    return float(np.nanmedian(far) / trunk_length_px(joints_px))
