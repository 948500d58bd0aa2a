"""Frames of a rendered set with their true joints, and the set as a video file."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coach.rendering.camera import camera_of
from coach.rendering.figure import Figure
from coach.rendering.lift import Lift, bar_m, height_share, joints_m
from coach.rendering.scene import draw_gym
from services.writer.encode import VideoEncoder
from shared.skeleton import (
    F32,
    JOINTS,
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
)

#: Time base of written sets: fine enough for every common frame rate.
_TIME_BASE = Fraction(1, 90_000)

_LEFT = (L_SHOULDER, L_ELBOW, L_WRIST, L_HIP, L_KNEE, L_ANKLE)
_RIGHT = (R_SHOULDER, R_ELBOW, R_WRIST, R_HIP, R_KNEE, R_ANKLE)
#: Each joint's place with left and right exchanged.
_MIRRORED = np.arange(JOINTS)
_MIRRORED[[*_LEFT, *_RIGHT]] = [*_RIGHT, *_LEFT]

#: Limbs by the places of their ends in `_LEFT` and `_RIGHT`. The near arm may cover the near leg,
#: and both may cover the far side.
_ARM, _LEG = ((0, 1), (1, 2)), ((3, 4), (4, 5))


@dataclass(frozen=True, eq=False)
class RenderedFrame:
    """A frame and the truth about it.

    image: BGR uint8 (height, width, 3). joints_px: float32 (15, 2), MPI-15, origin top left.
    visible: bool (15,), False for joints behind a plate, the trunk or a nearer limb.
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
    for index in range(lift.frames):
        time_s = index / lift.fps
        share = height_share(time_s, lift.reps)
        joints = joints_m(share)
        image = gym.copy()
        figure = Figure(image, camera, joints, bar_m(share))
        figure.draw()
        px = camera.project(joints)
        left_is_far = camera.depth_m(joints[L_HIP]) > camera.depth_m(joints[R_HIP])
        near, far = (_RIGHT, _LEFT) if left_is_far else (_LEFT, _RIGHT)
        visible = _visible(figure, px, near, far)
        if lift.facing == "left":  # the picture is mirrored: what was right is the left side now
            px, visible = px[_MIRRORED], visible[_MIRRORED]
        yield RenderedFrame(index, time_s, image, px.astype(np.float32), visible)


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


def _visible(
    figure: Figure, px: NDArray[np.float64], near: tuple[int, ...], far: tuple[int, ...]
) -> NDArray[np.bool_]:
    visible = np.array([not figure.plate_holds(px[joint]) for joint in range(JOINTS)])
    for joint in far:
        visible[joint] &= not figure.trunk_holds(px[joint])
    for covering, hidden in ((_ARM + _LEG, far), (_ARM, near[3:])):
        for joint in hidden:
            visible[joint] &= not any(
                figure.limb_holds(near[a], near[b], px[joint]) for a, b in covering
            )
    return visible
