"""The trunk's flesh around a spine that may be bent, and what hides what, without pixels. Pure.

Radii in metres, of a trained man; girths after Drillis & Contini (1966) and by eye.
"""

from dataclasses import dataclass

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
    OUTLINE_LEVELS,
    R_ANKLE,
    R_ELBOW,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
)
from synthetic.camera import Camera
from synthetic.figure import TRUNK_M

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: A joint is hidden where something is seen this far in front of it, metres: a little more than
#: its own flesh reaches there, which does not hide it.
FLESH_M = np.zeros(JOINTS)
FLESH_M[[L_SHOULDER, R_SHOULDER]] = 0.12
FLESH_M[[L_ELBOW, R_ELBOW, L_WRIST, R_WRIST]] = 0.08
FLESH_M[[L_HIP, R_HIP]] = 0.17
FLESH_M[[L_KNEE, R_KNEE, L_ANKLE, R_ANKLE]] = 0.1
#: Those in the middle of the body: as far as from there to the outer side of the near shoulder.
FLESH_M[[HEAD, NECK, CHEST]] = 0.28

#: Balls that stand for a limb, and for a cone of the trunk, where outlines are worked out.
_BALLS = 6


@dataclass(frozen=True, eq=False)
class Spine:
    """The line from hips over chest to neck, over frames or for one of them.

    hips, chest, neck: float64 (…, 3). The line is the parabola through them.
    """

    hips: F64
    chest: F64
    neck: F64

    @classmethod
    def of(cls, joints_m: F64) -> "Spine":
        """From joints, (…, 15, 3)."""
        middle = (joints_m[..., L_HIP, :] + joints_m[..., R_HIP, :]) / 2
        return cls(middle, joints_m[..., CHEST, :], joints_m[..., NECK, :])

    def axes(self, share: float) -> tuple[F64, F64]:
        """Up along the spine and to its front at a share of its length, unit, (…, 3)."""
        bulge = self.chest - (self.hips + self.neck) / 2
        up = self.neck - self.hips + 4 * (1 - 2 * min(max(share, 0.0), 1.0)) * bulge
        up = up / np.linalg.norm(up, axis=-1, keepdims=True)
        return up, np.stack([up[..., 1], -up[..., 0], 0 * up[..., 2]], -1)

    def at(self, up_m: float, front_m: float = 0.0, left_m: float = 0.0) -> F64:
        """A place so far up along a spine of usual length, before it, and to its left, (…, 3)."""
        share = up_m / TRUNK_M
        inside = min(max(share, 0.0), 1.0)
        up, front = self.axes(share)
        bulge = self.chest - (self.hips + self.neck) / 2
        on = self.hips + inside * (self.neck - self.hips) + 4 * inside * (1 - inside) * bulge
        return np.asarray(
            on + (share - inside) * TRUNK_M * up + front_m * front + np.array([0.0, 0.0, left_m])
        )


def trunk_balls(spine: Spine) -> list[tuple[F64, float, F64, float]]:
    """Round cones of the trunk above the hips: start, radius, end, radius."""
    at, neck = spine.at, TRUNK_M
    cones = [(at(neck - 0.15, -0.01), 0.122, at(neck - 0.01), 0.078)]
    for z in (-1.0, 1.0):
        cones += [
            (at(0.07, 0.0, 0.06 * z), 0.108, at(0.17, 0.0, 0.05 * z), 0.106),
            (at(0.17, 0.0, 0.05 * z), 0.106, at(0.26, 0.0, 0.063 * z), 0.113),
            (at(0.26, 0.0, 0.063 * z), 0.113, at(neck - 0.15, 0.0, 0.075 * z), 0.12),
            (at(neck - 0.15, 0.0, 0.075 * z), 0.12, at(neck, 0.0, 0.12 * z), 0.07),
            (at(neck + 0.045, -0.012), 0.058, at(neck, 0.0, 0.15 * z), 0.058),
            (at(neck - 0.11, 0.028, 0.05 * z), 0.098, at(neck - 0.11, 0.028, 0.1 * z), 0.085),
        ]
    return cones


def pelvis_balls(spine: Spine, side: float) -> tuple[F64, float, F64, float]:
    """The half of the pelvis to the left (side 1) or right (-1)."""
    return spine.at(0.03, 0.0, 0.07 * side), 0.126, spine.at(0.085, 0.0, 0.07 * side), 0.116


def trunk_outline_px(camera: Camera, joints_m: F64) -> F64:
    """The trunk's outline in the picture, as `shared.data.messages.Person.outline_px`.

    joints_m: (n, 15, 3); returns (n, 2, 11).
    """
    spine = Spine.of(joints_m)
    discs, radii = [], []
    for start, r0, end, r1 in [*trunk_balls(spine), *(pelvis_balls(spine, z) for z in (-1, 1))]:
        for t in np.linspace(0, 1, _BALLS):
            discs.append(camera.project(start + t * (end - start)))
            radii.append(r0 + t * (r1 - r0))
    centres, radius = np.stack(discs, 1), np.array(radii) * camera.px_per_m  # (n, m, 2)
    hips, neck = camera.project(spine.hips), camera.project(spine.neck)
    along = (neck - hips) / np.linalg.norm(neck - hips, axis=-1, keepdims=True)
    right = np.stack([-along[:, 1], along[:, 0]], -1)
    from_hips = centres - hips[:, None]
    up, aside = (np.einsum("nmk,nk->nm", from_hips, axis) for axis in (along, right))
    outline = np.full((len(joints_m), 2, OUTLINE_LEVELS), np.nan)
    length = np.linalg.norm(neck - hips, axis=-1)
    for level, share in enumerate(np.linspace(0, 1, OUTLINE_LEVELS)):
        square = radius**2 - (up - share * length[:, None]) ** 2
        half = np.sqrt(np.where(square >= 0, square, np.nan))
        met = np.isfinite(half)
        outline[:, 0, level] = np.where(met, aside + half, -np.inf).max(-1)
        outline[:, 1, level] = np.where(met, half - aside, -np.inf).max(-1)
    outline[~np.isfinite(outline)] = np.nan
    return outline


#: Limbs that may hide something: from joint, to joint, radius in metres.
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

    points: (n, k, 3) in picture space. margin_px: (k,), how far before them does not count.
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
