"""From metres to pixels: a camera at hip height, far enough away for parallel rays. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coach.rendering.lift import VIEWS, Lift

F64 = NDArray[np.float64]

#: The picture shows so much height, and the floor line lies so far above its lower edge.
_SHOWN_M, _FLOOR_SHARE = 2.25, 0.12


@dataclass(frozen=True)
class Camera:
    """Where things appear.

    px_per_m: scale. turn_rad: from straight at the lifter's right side towards the front.
    mirror: -1 for a lifter who faces left.
    """

    px_per_m: float
    centre_px: float
    floor_px: float
    turn_rad: float
    mirror: float

    def project(self, points_m: F64) -> F64:
        """Pixels of points, (…, 3) → (…, 2), origin top left."""
        x = points_m[..., 0] * np.cos(self.turn_rad) + points_m[..., 2] * np.sin(self.turn_rad)
        across = self.centre_px + self.mirror * x * self.px_per_m
        down = self.floor_px - points_m[..., 1] * self.px_per_m
        return np.stack([across, down], axis=-1)

    def depth_m(self, points_m: F64) -> F64:
        """Distance away from the camera, (…, 3) → (…): larger is farther."""
        towards = -points_m[..., 2] * np.cos(self.turn_rad) + points_m[..., 0] * np.sin(
            self.turn_rad
        )
        return np.asarray(-towards)


def camera_of(lift: Lift) -> Camera:
    """The camera that films a set."""
    shown_px = min(lift.height_px, lift.width_px * 1.1)
    return Camera(
        px_per_m=shown_px / _SHOWN_M,
        centre_px=lift.width_px / 2,
        floor_px=lift.height_px * (1 - _FLOOR_SHARE),
        turn_rad=float(np.radians(VIEWS[lift.view])),
        mirror=1.0 if lift.facing == "right" else -1.0,
    )
