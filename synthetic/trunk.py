"""The trunk's flesh around a spine that may be bent, and its outline. Pure.

Radii in metres, of a trained man; girths after Drillis & Contini (1966) and by eye.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.data.skeleton import (
    CHEST,
    L_HIP,
    NECK,
    OUTLINE_LEVELS,
    R_HIP,
)
from synthetic.camera import Camera
from synthetic.figure import TRUNK_M

F64 = NDArray[np.float64]

#: Balls that approximate a cone of the trunk where its outline is computed.
_BALLS = 6


@dataclass(frozen=True, eq=False)
class Spine:
    """The line from hips over chest to neck, over frames or for one of them.

    The line is the parabola through the three points.

    Attributes:
        hips: float64 (…, 3).
        chest: float64 (…, 3).
        neck: float64 (…, 3).
    """

    hips: F64
    chest: F64
    neck: F64

    @classmethod
    def of(cls, joints_m: F64) -> "Spine":
        """From joints, (…, 15, 3)."""
        middle = (joints_m[..., L_HIP, :] + joints_m[..., R_HIP, :]) / 2
        return cls(middle, joints_m[..., CHEST, :], joints_m[..., NECK, :])

    def axes(self, fraction: float) -> tuple[F64, F64]:
        """Unit vectors up along the spine and to its front at a fraction of its length, (…, 3)."""
        bulge = self.chest - (self.hips + self.neck) / 2
        up = self.neck - self.hips + 4 * (1 - 2 * min(max(fraction, 0.0), 1.0)) * bulge
        up = up / np.linalg.norm(up, axis=-1, keepdims=True)
        return up, np.stack([up[..., 1], -up[..., 0], 0 * up[..., 2]], -1)

    def at(self, up_m: float, front_m: float = 0.0, left_m: float = 0.0) -> F64:
        """A point up along a spine of usual length, in front of it, and to its left, (…, 3)."""
        fraction = up_m / TRUNK_M
        inside = min(max(fraction, 0.0), 1.0)
        bulge = self.chest - (self.hips + self.neck) / 2
        on = self.hips + inside * (self.neck - self.hips) + 4 * inside * (1 - inside) * bulge
        if front_m or fraction != inside:
            up, front = self.axes(fraction)
            on = on + (fraction - inside) * TRUNK_M * up + front_m * front
        return np.asarray(on + np.array([0.0, 0.0, left_m]))


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

    Args:
        camera: the camera.
        joints_m: float64 (n, 15, 3).

    Returns:
        float64 (n, 2, 11).
    """
    spine = Spine.of(joints_m)
    cones = [*trunk_balls(spine), *(pelvis_balls(spine, z) for z in (-1, 1))]
    starts, r0, ends, r1 = zip(*cones, strict=True)
    start, end = np.stack(starts, 1)[:, :, None], np.stack(ends, 1)[:, :, None]
    t = np.linspace(0, 1, _BALLS)
    balls = (start + t[:, None] * (end - start)).reshape(len(joints_m), -1, 3)
    centres = camera.project(balls)  # (n, m, 2)
    first, last = np.array(r0)[:, None], np.array(r1)[:, None]
    radius = (first + t * (last - first)).ravel() * camera.px_per_m
    hips, neck = camera.project(spine.hips), camera.project(spine.neck)
    along = (neck - hips) / np.linalg.norm(neck - hips, axis=-1, keepdims=True)
    right = np.stack([-along[:, 1], along[:, 0]], -1)
    from_hips = centres - hips[:, None]
    up, aside = (np.einsum("nmk,nk->nm", from_hips, axis) for axis in (along, right))
    length = np.linalg.norm(neck - hips, axis=-1)
    levels = np.linspace(0, 1, OUTLINE_LEVELS) * length[:, None]
    square = radius**2 - (up[:, None] - levels[..., None]) ** 2  # (n, levels, m)
    half = np.where(square >= 0, np.sqrt(np.maximum(square, 0)), -np.inf)
    outline = np.stack([(aside[:, None] + half).max(-1), (half - aside[:, None]).max(-1)], 1)
    outline[~np.isfinite(outline)] = np.nan
    return outline
