"""Which joints are hidden by limbs and plates, computed without pixels. Pure."""

import numpy as np
from numpy.typing import NDArray

from shared.data.skeleton import (
    CHEST,
    HEAD,
    JOINTS,
    L_ANKLE,
    L_ELBOW,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    NECK,
    R_ANKLE,
    R_ELBOW,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
)
from synthetic.camera import Camera

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Depth of each joint under the surface, metres: a joint is hidden if a surface is seen farther in
#: front of it. A little more than the joint's own flesh, which does not hide it.
FLESH_M = np.zeros(JOINTS)
FLESH_M[[L_SHOULDER, R_SHOULDER]] = 0.12
FLESH_M[[L_ELBOW, R_ELBOW, L_WRIST, R_WRIST]] = 0.08
FLESH_M[[L_HIP, R_HIP]] = 0.17
FLESH_M[[L_KNEE, R_KNEE, L_ANKLE, R_ANKLE]] = 0.1
# joints in the middle of the body: up to the outer side of the near shoulder
FLESH_M[[HEAD, NECK, CHEST]] = 0.28

#: Limbs that may hide joints: from joint, to joint, radius in metres.
_LIMBS = (
    (L_HIP, L_KNEE, 0.085), (R_HIP, R_KNEE, 0.085), (L_KNEE, L_ANKLE, 0.05),
    (R_KNEE, R_ANKLE, 0.05), (L_SHOULDER, L_ELBOW, 0.055), (R_SHOULDER, R_ELBOW, 0.055),
    (L_ELBOW, L_WRIST, 0.04), (R_ELBOW, R_WRIST, 0.04), (CHEST, NECK, 0.12), (L_HIP, CHEST, 0.11),
    (R_HIP, CHEST, 0.11), (L_SHOULDER, CHEST, 0.09), (R_SHOULDER, CHEST, 0.09), (HEAD, HEAD, 0.08),
)  # fmt: skip


def limbs_of(camera: Camera, joints_m: F64) -> tuple[F64, F64, F64]:
    """Limbs in picture space: starts and ends, (n, limbs, 3), and radii in pixels, (limbs,)."""
    view = camera.view(joints_m)
    starts, ends, radii = zip(*_LIMBS, strict=True)
    return view[:, list(starts)], view[:, list(ends)], np.array(radii) * camera.px_per_m


def hidden_by_limbs(points: F64, margin_px: F64, limbs: tuple[F64, F64, F64]) -> Bools:
    """Which points some limb hides.

    Args:
        points: (n, k, 3), in picture space.
        margin_px: (k,), depth of each point under its own surface.
        limbs: as `limbs_of` returns them.
    """
    starts, ends, radii = limbs
    hidden = np.zeros(points.shape[:2], bool)
    for limb in range(starts.shape[1]):
        start, along = starts[:, None, limb], (ends - starts)[:, None, limb]
        offset = points - start
        flat = np.maximum((along[..., :2] ** 2).sum(-1), 1e-9)
        t = np.clip((offset[..., :2] * along[..., :2]).sum(-1) / flat, 0, 1)
        gap = offset - t[..., None] * along
        square = radii[limb] ** 2 - (gap[..., :2] ** 2).sum(-1)
        before = np.sqrt(np.maximum(square, 0)) - gap[..., 2]
        hidden |= (square > 0) & (before > margin_px)
    return hidden


def hidden_by_plate(points: F64, centre: F64, axis: F64, radius: float) -> Bools:
    """Which points a plate hides: (n, k, 3) against centres (n, 3), in picture space."""
    offset = points - centre[:, None]
    away = (offset @ axis) / (axis[2] if abs(axis[2]) > 1e-3 else 1e-3)  # along the ray
    on = offset - away[..., None] * np.array([0.0, 0.0, 1.0])
    return np.asarray((np.linalg.norm(on, axis=-1) < radius) & (away < 0))
