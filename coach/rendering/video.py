"""Frames of a rendered set with their true joints, and the set as a video file."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coach.rendering.barbell import plates, rods
from coach.rendering.body import Body
from coach.rendering.camera import Camera, camera_of
from coach.rendering.canvas import Canvas
from coach.rendering.head import Head
from coach.rendering.lift import Lift, bar_m, head_lean_rad, height_share, joints_m
from coach.rendering.scene import draw_gym
from services.writer.encode import VideoEncoder
from shared.skeleton import (
    CHEST,
    F32,
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

#: Time base of written sets: fine enough for every common frame rate.
_TIME_BASE = Fraction(1, 90_000)

_LEFT = (L_SHOULDER, L_ELBOW, L_WRIST, L_HIP, L_KNEE, L_ANKLE)
_RIGHT = (R_SHOULDER, R_ELBOW, R_WRIST, R_HIP, R_KNEE, R_ANKLE)
#: Each joint's place with left and right exchanged.
_MIRRORED = np.arange(JOINTS)
_MIRRORED[[*_LEFT, *_RIGHT]] = [*_RIGHT, *_LEFT]

#: A joint is hidden where something is seen this far in front of it, metres: a little more than
#: its own flesh reaches there, which does not hide it.
_FLESH_M = np.zeros(JOINTS)
_FLESH_M[[L_SHOULDER, R_SHOULDER]] = 0.12
_FLESH_M[[L_ELBOW, R_ELBOW, L_WRIST, R_WRIST]] = 0.08
_FLESH_M[[L_HIP, R_HIP]] = 0.17
_FLESH_M[[L_KNEE, R_KNEE, L_ANKLE, R_ANKLE]] = 0.1
#: Those in the middle of the body: as far as from there to the outer side of the near shoulder.
_FLESH_M[[HEAD, NECK, CHEST]] = 0.28


@dataclass(frozen=True, eq=False)
class RenderedFrame:
    """A frame and the truth about it.

    image: BGR uint8 (height, width, 3). joints_px: float32 (15, 2), MPI-15, origin top left.
    visible: bool (15,), False for joints that something nearer hides: a plate, the trunk,
    another limb.
    """

    index: int
    time_s: float
    image: NDArray[np.uint8]
    joints_px: F32
    visible: NDArray[np.bool_]


def render(lift: Lift) -> Iterator[RenderedFrame]:
    """Render a set frame by frame; the same settings give the same pixels."""
    camera = camera_of(lift)
    gym = draw_gym(lift.width_px, lift.height_px, camera)
    drawn, canvas = np.nan, Canvas(gym)
    for index in range(lift.frames):
        time_s = index / lift.fps
        share = height_share(time_s, lift.reps)
        if share != drawn:  # a lifter who waits looks the same
            drawn, canvas = share, Canvas(gym.copy())
            _draw(canvas, camera, share)
        view = camera.view(joints_m(share))
        px, visible = view[:, :2], _visible(canvas, view, camera.px_per_m)
        if lift.facing == "left":  # the picture is mirrored: what was right is the left side now
            px, visible = px[_MIRRORED], visible[_MIRRORED]
        yield RenderedFrame(index, time_s, canvas.image.copy(), px.astype(np.float32), visible)


def write_video(lift: Lift, path: Path) -> list[RenderedFrame]:
    """Write a set as MP4; returns its frames' truth, with images of no size."""
    truth = []
    nothing = np.zeros((0, 0, 3), np.uint8)
    with VideoEncoder(path, (lift.width_px, lift.height_px), _TIME_BASE) as encoder:
        for frame in render(lift):
            encoder.write(frame.image, round(frame.time_s / _TIME_BASE))
            truth.append(
                RenderedFrame(frame.index, frame.time_s, nothing, frame.joints_px, frame.visible)
            )
    return truth


def _draw(canvas: Canvas, camera: Camera, share: float) -> None:
    for disc in plates(camera, bar_m(share)):
        canvas.disc(disc)
    joints = joints_m(share)
    for group in Body(joints).groups() + Head(joints, head_lean_rad(share)).groups():
        canvas.cones(group.cones(camera), group.blend_m * camera.px_per_m)
    canvas.cones(rods(camera, bar_m(share)))


def _visible(canvas: Canvas, view: NDArray[np.float64], px_per_m: float) -> NDArray[np.bool_]:
    before_m = [(canvas.depth_at(point[:2]) - point[2]) / px_per_m for point in view]
    return np.asarray(np.array(before_m) < _FLESH_M)
