"""An image with depth: solids are lit, and near ones hide far ones. Pure."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from synthetic.solids import F32, F64, NOWHERE, Colour, Cone, Disc

Image = NDArray[np.uint8]

#: Direction of the light, in picture space: one large lamp above and to the left of the camera.
_LIGHT = np.array([-0.38, -0.72, 0.58], np.float32)
_LIGHT /= np.linalg.norm(_LIGHT)
_HALF_WAY = _LIGHT + np.array([0, 0, 1], np.float32)
_HALF_WAY /= np.linalg.norm(_HALF_WAY)

#: Ambient light, light of the lamp, and darkening of a surface seen edge-on; 1 is full light.
_AMBIENT, _LAMP, _EDGE = np.float32([0.52, 0.68, 0.2])


class Canvas:
    """Draws solids into an image, uint8 (height, width, 3)."""

    def __init__(self, image: Image) -> None:
        self.image = image
        #: Depth of the nearest surface, float32 (height, width), as in `solids`.
        self.depth = np.full(image.shape[:2], NOWHERE, np.float32)

    def cones(self, cones: Sequence[Cone], blend_px: float = 0.0) -> None:
        """Draw cones as one body with surfaces that blend into each other over `blend_px`."""
        window = self._window([cone.box for cone in cones])
        if window is None:
            return
        shape = window[2:]
        depth, cover = np.full(shape, NOWHERE, np.float32), np.zeros(shape, np.float32)
        normal, paint = np.zeros((3, *shape), np.float32), np.empty((4, *shape), np.float32)
        paint[:] = _paint(cones[0].colour, cones[0].gloss)
        is_motley = len({cone.colour for cone in cones}) > 1
        for cone in cones:
            part = self._window([cone.box])
            if part is None:
                continue
            top, left = part[0] - window[0], part[1] - window[1]
            here = np.s_[..., top : top + part[2], left : left + part[3]]
            z, facing, seen = cone.surface(*_rays(part))
            weight = _blend_weight(z, depth[here], blend_px)
            depth[here] += weight * (z - depth[here]) + blend_px * weight * (1 - weight)
            normal[here] += weight * (facing - normal[here])
            if is_motley:
                paint[here] += (weight > 0.5) * (_paint(cone.colour, cone.gloss) - paint[here])
            np.maximum(cover[here], seen, out=cover[here])
        normal /= np.maximum(np.sqrt((normal * normal).sum(0)), 1e-3)
        self._put(window, depth, normal, paint, cover)

    def disc(self, disc: Disc) -> None:
        """Draw a plate."""
        window = self._window([disc.box])
        if window is None:
            return
        x, y = _rays(window)
        rho, plane = disc.face_radius(x, y)
        on_face = np.clip((disc.radius - rho) * np.float32(abs(disc.axis[2])) + 0.5, 0, 1)
        depth, normal, on_rim = disc.rim(x, y)
        paint = np.empty((4, *rho.shape), np.float32)
        paint[:] = _paint(disc.rings[-1][1], disc.gloss)
        slant = np.float32(abs(disc.axis[2]))  # rings seen edge-on run together
        for radius_fraction, colour in reversed(disc.rings):
            inside = np.clip((disc.radius * radius_fraction - rho) * slant + 0.5, 0, 1)
            paint[:3] += inside * (np.array(colour, np.float32)[:, None, None] - paint[:3])
        face = on_face > 0
        axis = disc.axis if disc.axis[2] >= 0 else -disc.axis
        normal = np.where(face, axis.astype(np.float32)[:, None, None], normal)
        depth = np.where(face, plane, depth)
        self._put(window, depth, normal, paint, np.maximum(on_face, on_rim))

    def rectangle(
        self, box_px: tuple[float, float, float, float], depth_px: float, colour: Colour
    ) -> None:
        """Fill a rectangle where nothing is nearer than it; it is not lit."""
        window = self._window([box_px])
        if window is None:
            return
        top, left, height, width = window
        here = np.s_[top : top + height, left : left + width]
        behind = self.depth[here] < depth_px
        self.image[here][behind] = colour
        self.depth[here][behind] = depth_px

    def depth_at(self, point_px: F64) -> float:
        """Depth of the nearest surface at a pixel; `NOWHERE` on the background and outside."""
        column, row = (int(value) for value in np.round(point_px))
        height, width = self.depth.shape
        inside = 0 <= row < height and 0 <= column < width
        return float(self.depth[row, column] if inside else NOWHERE)

    def _window(
        self, boxes: Sequence[tuple[float, float, float, float]]
    ) -> tuple[int, int, int, int] | None:
        """Top, left, height, width of the pixels that boxes cover; None if outside the image."""
        height, width = self.depth.shape
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        left, top = max(math.floor(min(lefts)), 0), max(math.floor(min(tops)), 0)
        right = min(math.ceil(max(rights)) + 1, width)
        bottom = min(math.ceil(max(bottoms)) + 1, height)
        return (top, left, bottom - top, right - left) if right > left and bottom > top else None

    def _put(
        self, window: tuple[int, int, int, int], depth: F32, normal: F32, paint: F32, cover: F32
    ) -> None:
        top, left, height, width = window
        here = np.s_[top : top + height, left : left + width]
        cover = cover * (depth > self.depth[here])
        lit = _lit(normal, paint).transpose(1, 2, 0)
        below = self.image[here].astype(np.float32)
        below += cover[..., None] * (lit - below)
        self.image[here] = below + np.float32(0.5)
        np.copyto(self.depth[here], depth, where=cover > 0.5)


def _rays(window: tuple[int, int, int, int]) -> tuple[F32, F32]:
    top, left, height, width = window
    x = np.arange(left, left + width, dtype=np.float32)[None, :]
    return x, np.arange(top, top + height, dtype=np.float32)[:, None]


def _paint(colour: Colour, gloss: float) -> F32:
    return np.array([*colour, 255 * gloss], np.float32)[:, None, None]


def _blend_weight(z: F32, before: F32, blend_px: float) -> F32:
    """Weight of a new surface over those before: 0 behind them, 1 in front, linear in the blend.

    The polynomial smooth minimum of I. Quilez.
    """
    if blend_px <= 0:
        return (z > before).astype(np.float32)
    weight = np.float32(0.5) + (z - before) * np.float32(0.5 / blend_px)
    return np.minimum(np.maximum(weight, 0), 1)


def _lit(normal: F32, paint: F32) -> F32:
    """Colours under the lamp: half Lambert (Valve 2006), and Blinn-Phong for the gloss."""
    towards = _along(_LIGHT, normal)
    light = _AMBIENT + _LAMP * np.square(0.5 + 0.5 * towards)
    light *= 1 - _EDGE + _EDGE * normal[2]
    shine = np.maximum(_along(_HALF_WAY, normal), 0)
    for _ in range(4):  # to the 16th power
        shine *= shine
    return np.minimum(paint[:3] * light + paint[3] * shine * np.float32(0.55), 254)


def _along(direction: F32, normal: F32) -> F32:
    return direction[0] * normal[0] + direction[1] * normal[1] + direction[2] * normal[2]
