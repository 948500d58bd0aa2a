"""The gym behind the lifter: wall, floor, a rack with bars and plates, a window. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

from coach.rendering.camera import Camera

Image = NDArray[np.uint8]


def draw_gym(width_px: int, height_px: int, camera: Camera) -> Image:
    """An empty gym, uint8 (height, width, 3); the same for the same arguments."""
    horizon = round(camera.floor_px - 0.1 * camera.px_per_m)
    image = np.empty((height_px, width_px, 3), np.uint8)
    wall = np.linspace(205, 170, max(horizon, 1))[:, None, None] * np.array([0.95, 0.98, 1.0])
    image[:horizon] = wall
    floor = np.linspace(120, 150, height_px - horizon)[:, None, None] * np.array([1.0, 0.98, 0.96])
    image[horizon:] = floor
    _draw_window(image, camera)
    _draw_rack(image, camera, horizon)
    _draw_floor(image, camera, horizon)
    grain = np.random.default_rng(7).normal(0, 2.5, image.shape)
    return np.clip(image + grain, 0, 255).astype(np.uint8)


def _draw_window(image: Image, camera: Camera) -> None:
    unit = camera.px_per_m
    left, top = round(camera.centre_px - 1.25 * unit), round(camera.floor_px - 2.0 * unit)
    width, height = round(0.62 * unit), round(0.75 * unit)
    cv2.rectangle(image, (left, top), (left + width, top + height), (238, 232, 222), -1)
    for x in range(left, left + width + 1, max(1, width // 3)):
        cv2.line(image, (x, top), (x, top + height), (120, 120, 120), max(1, round(0.02 * unit)))
    middle = top + height // 2
    cv2.line(image, (left, middle), (left + width, middle), (120, 120, 120), 2)


def _draw_rack(image: Image, camera: Camera, horizon: int) -> None:
    unit = camera.px_per_m
    left, top = round(camera.centre_px + 0.62 * unit), round(camera.floor_px - 2.1 * unit)
    post = max(2, round(0.07 * unit))
    for x in (left, left + round(0.85 * unit)):
        cv2.rectangle(image, (x, top), (x + post, horizon), (58, 56, 60), -1)
    for share in (0.05, 0.45, 0.8):
        y = round(top + share * (horizon - top))
        cv2.rectangle(image, (left, y), (left + round(0.9 * unit), y + post // 2), (74, 72, 76), -1)
    for n, colour in enumerate(((60, 60, 170), (60, 150, 180), (80, 130, 70))):
        centre = (left + round((0.2 + 0.25 * n) * unit), horizon - round(0.13 * unit))
        cv2.circle(image, centre, round(0.12 * unit), colour, -1, cv2.LINE_AA)
        cv2.circle(image, centre, round(0.03 * unit), (170, 170, 170), -1, cv2.LINE_AA)


def _draw_floor(image: Image, camera: Camera, horizon: int) -> None:
    height, width = image.shape[:2]
    cv2.line(image, (0, horizon), (width, horizon), (60, 60, 62), 2)
    vanish = (camera.centre_px, horizon - 2.0 * camera.px_per_m)
    for x in np.linspace(-0.6 * width, 1.6 * width, 16):
        share = (horizon - vanish[1]) / (height - vanish[1])
        start = (round(vanish[0] + share * (x - vanish[0])), horizon)
        cv2.line(image, start, (round(x), height), (112, 112, 116), 1, cv2.LINE_AA)
