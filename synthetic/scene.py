"""The gym around the lifter: wall, window, rack, floor and platform, with shadows. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

from synthetic.camera import Camera

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

#: Distance of the wall behind the lifter, metres.
_WALL_M = 1.9
_STEEL: Colour = (64, 60, 58)
_PLATES: tuple[Colour, ...] = ((62, 58, 168), (70, 150, 184), (92, 132, 78), (150, 96, 60))

#: Blur of the background, metres: it is a little out of focus, so that the lifter stands out.
_BLUR_M = 0.006


def draw_gym(width_px: int, height_px: int, camera: Camera) -> Image:
    """An empty gym, uint8 (height, width, 3); the same for the same arguments."""
    unit = camera.px_per_m
    horizon = round(camera.floor_px - _WALL_M * 0.105 * unit)
    image = np.empty((height_px, width_px, 3), np.uint8)
    _draw_walls(image, camera, horizon)
    _draw_window(image, camera)
    _draw_rack(image, camera, horizon)
    blur = max(_BLUR_M * unit, 0.6)
    image[:] = cv2.GaussianBlur(image, (0, 0), blur)
    _draw_platform(image, camera)
    shaded = image * _shadow(image, camera)[..., None]
    grain = np.random.default_rng(7).normal(0, 2.0, image.shape)
    return np.clip(shaded + grain, 0, 255).astype(np.uint8)


def _draw_walls(image: Image, camera: Camera, horizon: int) -> None:
    """Wall, light at the top, with a dark lower band; rubber floor, lighter towards the camera."""
    height, width = image.shape[:2]
    unit = camera.px_per_m
    wall = np.linspace(214, 182, max(horizon, 1))[:, None, None] * np.array([0.96, 0.985, 1.0])
    image[:horizon] = wall[:horizon]
    band = max(horizon - round(0.75 * unit), 0)
    image[band:horizon] = (image[band:horizon] * np.array([0.8, 0.76, 0.72])).astype(np.uint8)
    cv2.line(image, (0, band), (width, band), (96, 98, 150), max(1, round(0.025 * unit)))
    floor = np.linspace(86, 118, height - horizon)[:, None, None] * np.array([1.0, 0.985, 0.97])
    image[horizon:] = floor
    cv2.line(image, (0, horizon), (width, horizon), (58, 58, 60), max(1, round(0.02 * unit)))


def _draw_window(image: Image, camera: Camera) -> None:
    unit = camera.px_per_m
    left, top = round(camera.centre_px - 1.25 * unit), round(camera.floor_px - 2.0 * unit)
    width, height = round(0.62 * unit), round(0.72 * unit)
    frame = max(1, round(0.02 * unit))
    cv2.rectangle(image, (left, top), (left + width, top + height), (242, 236, 226), -1)
    for fraction in (0, 1 / 3, 2 / 3, 1):
        x = left + round(fraction * width)
        cv2.line(image, (x, top), (x, top + height), (128, 126, 124), frame)
    for y in (top, top + height // 2, top + height):
        cv2.line(image, (left, y), (left + width, y), (128, 126, 124), frame)


def _draw_rack(image: Image, camera: Camera, horizon: int) -> None:
    """A squat rack with a bar on it, plates leaning below, to the right of the lifter."""
    unit = camera.px_per_m
    left, top = camera.centre_px + 0.66 * unit, camera.floor_px - 2.15 * unit
    post = max(2, round(0.06 * unit))

    def at(right_m: float, up: float) -> tuple[int, int]:
        return round(left + right_m * unit), round(horizon - up * unit)

    for x in (0.0, 0.9):
        cv2.rectangle(image, at(x, (horizon - top) / unit), at(x + post / unit, 0), _STEEL, -1)
    for up in (0.02, 1.85):
        cv2.rectangle(image, at(0, up + 0.06), at(0.96, up), _STEEL, -1)
    cv2.line(image, at(-0.2, 1.25), at(1.2, 1.25), (170, 172, 176), max(1, round(0.03 * unit)))
    for n, colour in enumerate(_PLATES):
        centre, radius = at(0.1 + 0.24 * n, 0.2), 0.2 - 0.025 * n
        for fraction, light in ((1.0, 0.8), (0.9, 1.0), (0.55, 0.85)):
            shade = tuple(round(part * light) for part in colour)
            cv2.circle(image, centre, round(radius * fraction * unit), shade, -1, cv2.LINE_AA)
        cv2.circle(image, centre, round(0.03 * unit), (176, 178, 180), -1, cv2.LINE_AA)


def _draw_platform(image: Image, camera: Camera) -> None:
    """The boards under the lifter between two rubber mats under the plates."""
    for near, far, colour in (
        (-1.25, -0.5, (62, 60, 60)), (-0.5, 0.5, (112, 152, 186)), (0.5, 1.25, (58, 56, 56)),
    ):  # fmt: skip
        corners = [(-0.75, near), (-0.75, far), (1.0, far), (1.0, near)]
        _fill_floor(image, camera, corners, colour)
    for x in np.arange(-0.75, 1.01, 0.175):
        ends = np.array([[x, 0.0, -0.5], [x, 0.0, 0.5]])
        start, end = np.round(camera.project(ends)).astype(int)
        cv2.line(image, start.tolist(), end.tolist(), (92, 128, 160), 1, cv2.LINE_AA)


def _fill_floor(
    image: Image, camera: Camera, corners: list[tuple[float, float]], colour: Colour
) -> None:
    points = camera.project(np.array([(x, 0.0, z) for x, z in corners]))
    cv2.fillConvexPoly(image, np.round(points * 16).astype(np.int32), colour, cv2.LINE_AA, 4)


def _shadow(image: Image, camera: Camera) -> NDArray[np.float32]:
    """Light that is left under lifter and plates, float32 (height, width), 0..1.

    The lamp hangs overhead and the bar goes straight up, so the shadows do not move.
    """
    light = np.ones(image.shape[:2], np.float32)
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    for x, z, along, across, dark in (
        (0.05, -0.14, 0.2, 0.09, 0.5), (0.05, 0.14, 0.2, 0.09, 0.5), (0.0, 0.0, 0.45, 0.3, 0.25),
        (0.1, -0.69, 0.24, 0.07, 0.5), (0.1, 0.69, 0.24, 0.07, 0.5),
    ):  # fmt: skip
        rim = [(x + along * np.cos(a), 0.0, z + across * np.sin(a)) for a in angles]
        spot = np.zeros_like(light)
        points = np.round(camera.project(np.array(rim))).astype(np.int32)
        cv2.fillConvexPoly(spot, points, dark, cv2.LINE_AA)
        light *= 1 - cv2.GaussianBlur(spot, (0, 0), max(0.03 * camera.px_per_m, 0.6))
    return light
