"""Solids as a camera with parallel rays sees them: depth and normal at every pixel. Pure.

All lengths are in picture space: x right, y down, z towards the camera, in pixels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Colour = tuple[int, int, int]

#: Depth of pixels that a solid does not cover.
NOWHERE = np.float32(-1e6)

#: Minimum coefficient of the quadratic term, in square pixels, for which a slope is computed:
#: below, one ball's outline touches the other's from within.
_MIN_QUADRATIC = 1e-3


@dataclass(frozen=True)
class Cone:
    """A round cone, the hull of two balls: limbs, fingers, noses; with equal balls a rod.

    Attributes:
        start: float64 (3,), centre of one ball.
        end: float64 (3,), centre of the other.
        radii: Radii of both.
        colour: BGR.
        gloss: 0 (matt) … 1 (steel).
    """

    start: F64
    end: F64
    radii: tuple[float, float]
    colour: Colour
    gloss: float = 0.1

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        (ax, ay, _), (bx, by, _), (ra, rb) = self.start.tolist(), self.end.tolist(), self.radii
        return (
            min(ax - ra, bx - rb) - 1,
            min(ay - ra, by - rb) - 1,
            max(ax + ra, bx + rb) + 1,
            max(ay + ra, by + rb) + 1,
        )

    def surface(self, x: F32, y: F32) -> tuple[F32, F32, F32]:
        """Cast rays at pixels x (1, w) and y (h, 1).

        A ray meets the ball at start + t·(end - start) at depth z(t) + h(t), where h² is
        C + 2Bt + At². The cone's surface is the largest depth over t, where the slope is 0.

        Returns:
            depth (h, w), `NOWHERE` off the cone; normal (3, h, w); cover (h, w), 0..1.
        """
        along = (self.end - self.start).astype(np.float32)
        r, dr = np.float32(self.radii[0]), np.float32(self.radii[1] - self.radii[0])
        qx, qy = x - np.float32(self.start[0]), y - np.float32(self.start[1])
        a = float(dr * dr - along[0] ** 2 - along[1] ** 2)
        b = qx * along[0] + qy * along[1] + r * dr
        c = r * r - (qx * qx + qy * qy)
        steep = float(along[2]) ** 2 - a  # 0 or less: one ball lies within the other
        best = np.zeros_like(b)
        if steep > 0 and abs(a) > _MIN_QUADRATIC:
            best = (-b - along[2] * np.sqrt(np.maximum(b * b - a * c, 0) / steep)) / a
        if a < -_MIN_QUADRATIC:
            t, rim = (np.minimum(np.maximum(along_t, 0), 1) for along_t in (best, -b / a))
        else:  # seen from its end: the larger ball is the outline
            rim = np.full_like(b, 1.0 if dr > 0 else 0.0)
            t = _nearest(a, b, c, along[2], (rim, 1 - rim, np.clip(best, 0, 1)))
        radius = r + t * dr
        normal = np.empty((3, *b.shape), np.float32)
        np.subtract(qx, t * along[0], out=normal[0])
        np.subtract(qy, t * along[1], out=normal[1])
        height = radius * radius - normal[0] ** 2 - normal[1] ** 2
        normal[2] = np.sqrt(np.maximum(height, 0))
        gap = np.sqrt((qx - rim * along[0]) ** 2 + (qy - rim * along[1]) ** 2) - (r + rim * dr)
        cover = np.minimum(np.maximum(np.float32(0.5) - gap, 0), 1)
        depth = np.float32(self.start[2]) + t * along[2] + normal[2]
        depth[cover <= 0] = NOWHERE
        normal /= radius
        return depth, normal, cover


def _nearest(a: float, b: F32, c: F32, slope: float, candidates: tuple[F32, ...]) -> F32:
    """The candidate t with the ball that a ray meets first; the first one if it meets none."""
    nearest, depth = candidates[0], np.full_like(b, -np.inf)
    for t in candidates:
        square = c + (2 * b + a * t) * t
        z = np.where(square > 0, slope * t + np.sqrt(np.maximum(square, 0)), -np.inf)
        nearest, depth = np.where(z > depth, t, nearest), np.maximum(z, depth)
    return nearest


@dataclass(frozen=True)
class Disc:
    """A flat cylinder: a plate with a face painted in rings.

    Attributes:
        centre: float64 (3,).
        axis: float64 (3,), a unit vector.
        radius: Radius of the face.
        half_thickness: Half of the cylinder's height.
        rings: Outer radius as a fraction of the disc's, and colour, from the hub outwards.
        gloss: As in `Cone`.
    """

    centre: F64
    axis: F64
    radius: float
    half_thickness: float
    rings: tuple[tuple[float, Colour], ...]
    gloss: float = 0.35

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        reach = self.radius * np.sqrt(np.maximum(1 - self.axis[:2] ** 2, 0))
        reach = reach + self.half_thickness * np.abs(self.axis[:2]) + 1
        return (*(self.centre[:2] - reach), *(self.centre[:2] + reach))

    def face_centre(self) -> F64:
        """Centre of the visible face."""
        return self.centre + self.half_thickness * self._outward

    def face_radius(self, x: F32, y: F32) -> tuple[F32, F32]:
        """Distance from the axis, and depth, where rays meet the plane of the visible face."""
        n, middle = self._outward, self.face_centre()
        dx, dy = x - np.float32(middle[0]), y - np.float32(middle[1])
        dz = -(dx * np.float32(n[0]) + dy * np.float32(n[1])) / np.float32(n[2])
        return np.sqrt(dx * dx + dy * dy + dz * dz), dz + np.float32(middle[2])

    def rim(self, x: F32, y: F32) -> tuple[F32, F32, F32]:
        """Cast rays at the cylinder's side; as `Cone.surface`."""
        n = self._outward.astype(np.float32)
        dx, dy = x - np.float32(self.centre[0]), y - np.float32(self.centre[1])
        # |p|² - (p·n)² = radius² for p = (dx, dy, z): a quadratic in z
        flat = dx * n[0] + dy * n[1]
        a = 1 - n[2] ** 2
        b = -flat * n[2]
        c = dx * dx + dy * dy - flat * flat - np.float32(self.radius) ** 2
        root = b * b - a * c
        z = (-b + np.sqrt(np.maximum(root, 0))) / max(a, 1e-4)
        along = flat + z * n[2]
        on = (root > 0) & (np.abs(along) <= self.half_thickness)
        normal = np.stack([dx - along * n[0], dy - along * n[1], z - along * n[2]])
        depth = np.where(on, z + np.float32(self.centre[2]), NOWHERE)
        return depth, normal / np.float32(self.radius), on.astype(np.float32)

    @property
    def _outward(self) -> F64:
        return self.axis if self.axis[2] >= 0 else -self.axis
