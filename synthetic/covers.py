"""What covers a part of the lifter through a whole set: upright rectangles in the picture. Pure.

They are laid over the finished bodies, so positions, bar and plates are those of the uncovered set.
Except for the head's, they stand still: where the lifter is, from the floor to lockout, follows
from the settings, and what moves along would show the motion.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from shared.data.skeleton import (
    HEAD,
    L_ANKLE,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    NECK,
    R_ANKLE,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
)
from synthetic.actors import Actor
from synthetic.barbell import plates
from synthetic.camera import Camera
from synthetic.lift import hold_bar
from synthetic.posing import pose
from synthetic.settings import Lift
from synthetic.solids import Colour

F64 = NDArray[np.float64]

#: Depth of a cover that is nearer than everything.
_NEAREST = float("inf")

#: Heights of the bar at which the lifter is looked at to place a cover. Chosen: joints move by less
#: than 4 cm in between.
_STEPS = 25

#: Margins around covered joints, metres. Chosen: the thickness of a leg with its shoe, of a hand
#: and of the hand below the wrist, and of a head.
_LEG_M, _HAND_M, _HAND_BELOW_M, _HEAD_M = 0.12, 0.07, 0.13, 0.05

#: Thickness of a leg towards the camera, metres: as in `occlusion`.
_LEG_RADIUS_M = 0.09

_SHANKS = [L_KNEE, R_KNEE, L_ANKLE, R_ANKLE]

_WOOD: Colour = (104, 142, 176)
_STEEL: Colour = (64, 60, 58)
_BLACK: Colour = (16, 16, 16)


@dataclass(frozen=True, eq=False)
class Cover:
    """One rectangle over n frames.

    Attributes:
        box_px: float64 (n, 4), left, top, right, bottom.
        depth_px: Its depth in picture space; what is nearer stays seen.
        colour: BGR.
    """

    box_px: F64
    depth_px: float
    colour: Colour

    def hides(self, points: F64) -> NDArray[np.bool_]:
        """Which points lie behind it: (n, k, 3) in picture space → (n, k)."""
        xy, low, high = points[..., :2], self.box_px[:, None, :2], self.box_px[:, None, 2:]
        inside = ((xy >= low) & (xy <= high)).all(-1)
        return np.asarray(inside & (points[..., 2] < self.depth_px))


def covers_of(lift: Lift, lifter: Actor) -> list[Cover]:
    """What covers the lifter of a set, over the frames of an actor; in the order of drawing."""
    return [cover for name in lift.covered for cover in _PLACED[name](lift, lifter)]


def _wall(lift: Lift, lifter: Actor) -> list[Cover]:
    joints, feet, _ = _seen_at_the_bar(lift, lifter.camera)
    legs = np.concatenate([joints[:, _SHANKS], feet], axis=1).reshape(-1, 3)
    unit = lifter.camera.px_per_m
    box = _around(legs, _LEG_M * unit)
    return [_still(box, lifter, legs[:, 2].max() + _LEG_RADIUS_M * unit, _WOOD)]


def _hand_posts(lift: Lift, lifter: Actor) -> list[Cover]:
    joints, _, _ = _seen_at_the_bar(lift, lifter.camera)
    unit = lifter.camera.px_per_m
    covers = []
    for wrist in (L_WRIST, R_WRIST):
        left, top, right, _ = _around(joints[:, wrist], _HAND_M * unit)
        bottom = joints[:, wrist, 1].max() + _HAND_BELOW_M * unit
        covers.append(_still((left, top, right, bottom), lifter, _NEAREST, _STEEL))
    return covers


def _plate_post(lift: Lift, lifter: Actor) -> list[Cover]:
    camera = lifter.camera
    _, _, bar = _seen_at_the_bar(lift, camera)
    discs = [max(plates(camera, at), key=lambda disc: disc.centre[2]) for at in (bar[0], bar[-1])]
    boxes = np.array([disc.box for disc in discs])
    middle = float(discs[0].face_centre()[0])
    edge = float(boxes[:, 2].max() if camera.mirror > 0 else boxes[:, 0].min())
    box = min(middle, edge), boxes[:, 1].min(), max(middle, edge), boxes[:, 3].max()
    return [_still(box, lifter, _NEAREST, _STEEL)]


def _head_square(lift: Lift, lifter: Actor) -> list[Cover]:
    ends = lifter.camera.project(lifter.figure.joints_m[:, [HEAD, NECK]])
    middle, half = ends.mean(1), np.abs(ends[:, 0] - ends[:, 1]).max(-1) / 2
    reach = (half + _HEAD_M * lifter.camera.px_per_m)[:, None]
    return [Cover(np.concatenate([middle - reach, middle + reach], -1), _NEAREST, _BLACK)]


def _bottom_band(lift: Lift, lifter: Actor) -> list[Cover]:
    joints, _, _ = _seen_at_the_bar(lift, lifter.camera)
    top = joints[-1, [L_KNEE, R_KNEE], 1].min()
    return [_still((0, top, lift.width_px, lift.height_px), lifter, _NEAREST, _BLACK)]


def _top_band(lift: Lift, lifter: Actor) -> list[Cover]:
    joints, _, _ = _seen_at_the_bar(lift, lifter.camera)
    bottom = joints[-1, [L_SHOULDER, R_SHOULDER], 1].min()
    return [_still((0, 0, lift.width_px, bottom), lifter, _NEAREST, _BLACK)]


#: How each cover of `settings.COVERS` is placed.
_PLACED: dict[str, Callable[[Lift, Actor], list[Cover]]] = {
    "legs": _wall,
    "hands": _hand_posts,
    "plate": _plate_post,
    "head": _head_square,
    "bottom": _bottom_band,
    "top": _top_band,
}


@cache
def _seen_at_the_bar(lift: Lift, camera: Camera) -> tuple[F64, F64, F64]:
    """The lifter from the floor to lockout: joints and feet in picture space, the bar in metres."""
    posture, bar = hold_bar(lift, np.linspace(0, 1, _STEPS))
    figure = pose(posture)
    return camera.view(figure.joints_m), camera.view(figure.feet_m), bar


def _around(points: F64, margin_px: float) -> tuple[float, float, float, float]:
    """The box of points (k, 2 or more) with a margin."""
    low, high = points[:, :2].min(0) - margin_px, points[:, :2].max(0) + margin_px
    return (*map(float, low), *map(float, high))


def _still(
    box: tuple[float, float, float, float], lifter: Actor, depth_px: float, colour: Colour
) -> Cover:
    """A cover that stands still."""
    frames = len(lifter.figure.joints_m)
    return Cover(np.tile(np.array(box, float), (frames, 1)), float(depth_px), colour)
