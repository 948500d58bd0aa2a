"""From metres to pixels: a camera at chest height, far enough away for parallel rays. Pure."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synthetic.settings import Lift

F64 = NDArray[np.float64]

#: The picture shows so much height, and the floor under the lifter lies so far above its lower
#: edge.
_SHOWN_M, _FLOOR_SHARE = 2.25, 0.13

#: With two lifters it stands farther away: everything is so large then.
TWO_SHOWN = 0.55

#: The camera looks down by so much, as one at chest height 5 m away does: the floor is a plane
#: and no line, and the two plates stand one behind the other.
_PITCH_RAD = float(np.radians(6.0))


@dataclass(frozen=True)
class Camera:
    """Where things appear.

    px_per_m: scale. turn_rad: from straight at the lifter's right side towards the front.
    mirror: -1 for a lifter who faces left. towards_px: what is filmed stands so much nearer.
    """

    px_per_m: float
    centre_px: float
    floor_px: float
    turn_rad: float
    mirror: float
    towards_px: float = 0.0

    def project(self, points_m: F64) -> F64:
        """Pixels of points, (…, 3) → (…, 2), origin top left."""
        return self.view(points_m)[..., :2]

    def depth_m(self, points_m: F64) -> F64:
        """Distance away from the camera, (…, 3) → (…): larger is farther."""
        return np.asarray(-self.view(points_m)[..., 2] / self.px_per_m)

    def view(self, points_m: F64) -> F64:
        """Picture space, (…, 3) → (…, 3): right and down in pixels, and as far towards us."""
        return self.turn(points_m) * self.px_per_m + (
            self.centre_px, self.floor_px, self.towards_px,
        )  # fmt: skip

    def turn(self, vectors: F64) -> F64:
        """Directions in picture space, (…, 3) → (…, 3): right, down, towards us."""
        x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
        across = x * np.cos(self.turn_rad) + z * np.sin(self.turn_rad)
        ahead = x * np.sin(self.turn_rad) - z * np.cos(self.turn_rad)
        down = ahead * np.sin(_PITCH_RAD) - y * np.cos(_PITCH_RAD)
        towards = ahead * np.cos(_PITCH_RAD) + y * np.sin(_PITCH_RAD)
        return np.stack([self.mirror * across, down, towards], axis=-1)

    def beside(
        self, right_m: float, towards_m: float, turn_rad: float | None = None, size: float = 1.0
    ) -> "Camera":
        """The same camera for someone who stands elsewhere, turned otherwise, of another size.

        right_m: in the picture (if it is not mirrored), towards_m: to the camera, on the floor.
        """
        return replace(
            self,
            px_per_m=self.px_per_m * size,
            centre_px=self.centre_px + self.mirror * right_m * self.px_per_m,
            floor_px=self.floor_px + towards_m * np.sin(_PITCH_RAD) * self.px_per_m,
            towards_px=self.towards_px + towards_m * np.cos(_PITCH_RAD) * self.px_per_m,
            turn_rad=self.turn_rad if turn_rad is None else turn_rad,
        )


def camera_of(lift: Lift) -> Camera:
    """The camera that films a set."""
    shown_px = min(lift.height_px, lift.width_px * 1.1)
    if lift.second_lifter:
        shown_px *= TWO_SHOWN
    return Camera(
        px_per_m=shown_px / _SHOWN_M,
        centre_px=lift.width_px / 2,
        floor_px=lift.height_px * (1 - _FLOOR_SHARE),
        turn_rad=float(np.radians(lift.camera_turn_deg)),
        mirror=1.0 if lift.facing == "right" else -1.0,
    )
