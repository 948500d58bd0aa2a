"""Draws the lifter and the barbell: volumes, light from above, near parts over far ones. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

from coach.rendering.camera import Camera
from coach.rendering.lift import NECK_TO_HEAD_M, PLATE_RADIUS_M, head_turn_rad
from shared.skeleton import (
    HEAD,
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

F64 = NDArray[np.float64]
Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

_SKIN: Colour = (128, 160, 214)
_HAIR: Colour = (34, 44, 62)
_SHIRT: Colour = (70, 70, 190)
_LEGGINGS: Colour = (70, 52, 42)
_SHOE: Colour = (60, 60, 200)
_STEEL: Colour = (175, 178, 182)
_PLATE: Colour = (150, 92, 30)

#: Radii in metres at both ends of each limb: upper arm, forearm, thigh, shank.
_UPPER_ARM_M, _FOREARM_M = (0.066, 0.05), (0.05, 0.036)
_THIGH_M, _SHANK_M = (0.09, 0.062), (0.062, 0.038)
_TRUNK_SHOULDER_M, _TRUNK_HIP_M, _NECK_M = 0.105, 0.115, 0.058

#: The plates' inner faces lie so far from the middle; a plate is so thick.
_PLATE_Z_M, _PLATE_THICK_M, _SLEEVE_Z_M = 0.66, 0.06, 0.95

#: A limb is drawn in layers, from the dark rim inwards: (share of the radius, light).
_ROUNDNESS = ((1.0, 0.72), (0.9, 0.82), (0.78, 0.9), (0.64, 0.97), (0.48, 1.04), (0.3, 1.1))

#: Sub-pixel bits of OpenCV's drawing.
_SHIFT = 4


class Figure:
    """Draws one frame's lifter and barbell with one camera."""

    def __init__(self, image: Image, camera: Camera, joints_m: F64, bar_m: F64) -> None:
        self._image, self._camera = image, camera
        self._joints, self._bar = joints_m, bar_m
        self._px = camera.project(joints_m)

    def draw(self) -> None:
        """Draw everything, the farthest first."""
        far_left = self._camera.depth_m(self._joints[L_HIP]) > self._camera.depth_m(
            self._joints[R_HIP]
        )
        near, far = ("R", "L") if far_left else ("L", "R")
        far_z = _PLATE_Z_M if far_left else -_PLATE_Z_M
        self._plate(far_z)
        self._leg(far, 0.72)
        self._arm(far, 0.78)
        self._trunk()
        self._head()
        self._leg(near, 1.0)
        self._shaft()
        self._arm(near, 1.0)
        self._plate(-far_z)

    def plate_holds(self, point_px: F64) -> bool:
        """Whether the near plate covers a pixel."""
        near_z = min((_PLATE_Z_M, -_PLATE_Z_M), key=lambda z: self._depth_at(z))
        centre, axes = self._plate_ellipse(near_z)
        return bool((((point_px - centre) / axes) ** 2).sum() < 1)

    def trunk_holds(self, point_px: F64) -> bool:
        """Whether the trunk covers a pixel."""
        hull = self._trunk_hull()
        return cv2.pointPolygonTest(hull, (float(point_px[0]), float(point_px[1])), False) > 0

    def limb_holds(self, a: int, b: int, point_px: F64) -> bool:
        """Whether the limb between two joints covers a pixel."""
        start, end = self._px[a], self._px[b]
        along = end - start
        share = np.clip((point_px - start) @ along / max(along @ along, 1e-9), 0, 1)
        distance = np.linalg.norm(point_px - start - share * along)
        return bool(distance < 0.06 * self._camera.px_per_m)

    def _arm(self, side: str, light: float) -> None:
        left = side == "L"
        shoulder, elbow, wrist = (
            (L_SHOULDER, L_ELBOW, L_WRIST) if left else (R_SHOULDER, R_ELBOW, R_WRIST)
        )
        px = self._px
        self._limb(px[shoulder], px[elbow], _UPPER_ARM_M, _lit(_SHIRT, light * 0.9))
        self._limb(px[elbow], px[wrist], _FOREARM_M, _lit(_SHIRT, light * 0.9))
        hand = px[wrist] + (px[wrist] - px[elbow]) * 0.28
        self._limb(px[wrist], hand, (0.032, 0.042), _lit(_SKIN, light * 0.95))

    def _leg(self, side: str, light: float) -> None:
        left = side == "L"
        hip, knee, ankle = (L_HIP, L_KNEE, L_ANKLE) if left else (R_HIP, R_KNEE, R_ANKLE)
        px = self._px
        self._limb(px[knee], px[ankle], _SHANK_M, _lit(_LEGGINGS, light))
        self._limb(px[hip], px[knee], _THIGH_M, _lit(_LEGGINGS, light))
        hem = px[hip] + 0.55 * (px[knee] - px[hip])
        self._limb(px[hip], hem, (0.115, 0.085), _lit(_LEGGINGS, light))
        self._shoe(self._joints[ankle], light)

    def _shoe(self, ankle_m: F64, light: float) -> None:
        heel = self._camera.project(ankle_m + (-0.06, -0.03, 0.0))
        toe = self._camera.project(ankle_m + (0.19, -0.042, 0.0))
        self._limb(heel, toe, (0.04, 0.028), _lit(_SHOE, light))
        sole_a, sole_b = heel + (0, 0.035 * self._scale), toe + (0, 0.022 * self._scale)
        self._line(sole_a, sole_b, 0.014, _lit((235, 235, 235), light))

    def _trunk(self) -> None:
        hull = self._trunk_hull()
        middle = hull.mean(0)
        for share, light in _ROUNDNESS:
            _fill(self._image, middle + (hull - middle) * share, _lit(_SHIRT, light))
        pelvis = [(self._px[j], 0.108) for j in (L_HIP, R_HIP)]
        _fill(self._image, self._hull(pelvis), _LEGGINGS)

    def _trunk_hull(self) -> NDArray[np.float32]:
        px = self._px
        chest = (px[L_SHOULDER] + px[R_SHOULDER]) / 2 * 0.72 + (px[L_HIP] + px[R_HIP]) / 2 * 0.28
        return self._hull(
            [
                (px[L_SHOULDER], 0.075),
                (px[R_SHOULDER], 0.075),
                (chest, 0.135),
                (px[NECK], _TRUNK_SHOULDER_M),
                (px[L_HIP], _TRUNK_HIP_M),
                (px[R_HIP], _TRUNK_HIP_M),
            ]
        )

    def _head(self) -> None:
        """Head with hair, ear, eyes, nose and mouth, turned as the camera sees it."""
        lean = head_turn_rad(self._joints)
        up = np.array([np.sin(lean), np.cos(lean), 0.0])
        front = np.array([np.cos(lean), -np.sin(lean), 0.0])
        side = np.array([0.0, 0.0, 1.0])
        middle = np.append(self._joints[NECK, :2], 0.0) + NECK_TO_HEAD_M * up

        def at(forward: float, upward: float, leftward: float = 0.0) -> F64:
            return self._camera.project(middle + forward * front + upward * up + leftward * side)

        self._limb(self._px[NECK] * 0.9 + self._px[HEAD] * 0.1, at(-0.01, -0.06), (0.062, 0.055),
                   _lit(_SKIN, 0.85))  # fmt: skip
        skull = [(at(-0.012, 0.028), 0.088), (at(0.022, -0.03), 0.066), (at(0.04, -0.075), 0.04)]
        _fill(self._image, self._hull(skull), _SKIN)
        _fill(self._image, self._hull([(at(0.1, -0.005), 0.012), (at(0.085, 0.03), 0.008)]), _SKIN)
        hair = [(at(-0.03, 0.045), 0.078), (at(-0.065, 0.0), 0.045), (at(0.035, 0.09), 0.03)]
        _fill(self._image, self._hull(hair), _HAIR)
        for z in sorted((0.075, -0.075), key=lambda z: -self._camera.depth_m(middle + z * side)):
            is_near = self._camera.depth_m(middle + z * side) <= self._camera.depth_m(middle)
            if is_near:
                _fill(self._image, self._hull([(at(-0.008, -0.005, z), 0.022)]), _lit(_SKIN, 0.8))
            if is_near or abs(np.sin(self._camera.turn_rad)) > 0.3:
                eye = at(0.072, 0.028, z * 0.45)
                _fill(self._image, self._hull([(eye, 0.013)]), (240, 240, 240))
                _fill(self._image, self._hull([(at(0.076, 0.028, z * 0.45), 0.007)]), (40, 40, 40))
                brow = at(0.08, 0.048, z * 0.3), at(0.06, 0.05, z * 0.62)
                self._line(*brow, 0.008, _HAIR)
                mouth = at(0.085, -0.044, z * 0.02), at(0.066, -0.046, z * 0.28)
                self._line(*mouth, 0.008, (90, 90, 160))

    def _shaft(self) -> None:
        ends = np.array([[0, 0, -_SLEEVE_Z_M], [0, 0, _SLEEVE_Z_M]]) + self._bar
        start, end = self._camera.project(ends)
        self._line(start, end, 0.028, _STEEL)

    def _plate(self, z: float) -> None:
        """A plate with its rim, hub and sleeve, its outer face towards the camera or away."""
        depth = np.sign(z) * _PLATE_THICK_M
        inner, axes = self._plate_ellipse(z)
        outer, _ = self._plate_ellipse(z + depth)
        is_near = self._depth_at(z + depth) < self._depth_at(z)
        for centre, light in ((outer, 0.6), (inner, 0.75)) if not is_near else ((inner, 0.6),):
            self._ellipse(centre, axes, _lit(_PLATE, light))
        if is_near:
            self._ellipse(outer, axes, _PLATE)
            self._ellipse(outer, axes * 0.8, _lit(_PLATE, 1.18))
            self._ellipse(outer, axes * 0.42, _lit(_PLATE, 0.8))
            self._ellipse(outer, axes * 0.2, _STEEL)
            self._ellipse(outer, axes * 0.11, _lit(_STEEL, 0.7))

    def _plate_ellipse(self, z: float) -> tuple[F64, F64]:
        centre = self._camera.project(self._bar + (0, 0, z))
        radius = PLATE_RADIUS_M * self._scale
        across = max(abs(np.cos(self._camera.turn_rad)), 0.04)
        return centre, np.array([radius * across, radius])

    def _depth_at(self, z: float) -> float:
        return float(self._camera.depth_m(self._bar + (0, 0, z)))

    @property
    def _scale(self) -> float:
        return self._camera.px_per_m

    def _limb(self, start: F64, end: F64, radii_m: tuple[float, float], colour: Colour) -> None:
        """A tapered limb, round: darker at its rim, lighter along its upper left side."""
        ends = [(start, radii_m[0]), (end, radii_m[1])]
        for share, light in _ROUNDNESS:
            shift = (1 - share) * np.array([-0.35, -0.35]) * self._scale
            layer = [(point + shift * r, share * r) for point, r in ends]
            _fill(self._image, self._hull(layer), _lit(colour, light))

    def _hull(self, circles: list[tuple[F64, float]]) -> NDArray[np.float32]:
        """Convex hull of circles (centre in pixels, radius in metres), float32 (n, 2)."""
        angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        ring = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
        points = np.concatenate([centre + ring * r * self._scale for centre, r in circles])
        return cv2.convexHull(points.astype(np.float32))[:, 0].astype(np.float32)

    def _line(self, start: F64, end: F64, width_m: float, colour: Colour) -> None:
        _fill(self._image, self._hull([(start, width_m / 2), (end, width_m / 2)]), colour)

    def _ellipse(self, centre: F64, axes: F64, colour: Colour) -> None:
        angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
        rim = np.stack([np.cos(angles), np.sin(angles)], axis=-1) * axes + centre
        _fill(self._image, rim, colour)


def _fill(image: Image, points: NDArray[np.floating], colour: Colour) -> None:
    fixed = np.round(points * 2**_SHIFT).astype(np.int32)
    cv2.fillConvexPoly(image, fixed, colour, cv2.LINE_AA, _SHIFT)


def _lit(colour: Colour, light: float) -> Colour:
    blue, green, red = (min(255, round(part * light)) for part in colour)
    return blue, green, red
