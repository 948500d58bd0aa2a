"""From metres to pixels: a camera at chest height with parallel rays. Pure.

Picture space is x right, y down and z towards the camera, all in pixels.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synthetic.settings import Lift

F64 = NDArray[np.float64]

#: Height that the picture shows, metres.
_SHOWN_M = 2.25

#: Height of the floor under the lifter above the lower edge, as a fraction of the picture's height.
_FLOOR_FRACTION = 0.13

#: Scale of the picture with two lifters, relative to one: the camera stands farther away.
TWO_LIFTERS_ZOOM = 0.55

#: Pitch of the camera downwards, radians, as of one at chest height 5 m away: the floor is seen as
#: a plane, and the far plate above the near one.
_PITCH_RAD = float(np.radians(6.0))
_PITCH_SINE, _PITCH_COSINE = float(np.sin(_PITCH_RAD)), float(np.cos(_PITCH_RAD))


@dataclass(frozen=True)
class Camera:
    """The mapping of points in metres to the picture.

    Attributes:
        px_per_m: Scale.
        centre_px: Column of the origin.
        floor_px: Row of the origin.
        turn_rad: Turn from straight at the lifter's right side towards the front.
        mirror: -1 for a lifter who faces left, else 1.
        towards_px: Distance of the origin towards the camera.
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

    def view(self, points_m: F64) -> F64:
        """Points in picture space, (…, 3) → (…, 3)."""
        points = self.turn(points_m)
        points *= self.px_per_m
        points += self._origin_px
        return points

    def turn(self, vectors: F64) -> F64:
        """Directions in picture space, (…, 3) → (…, 3)."""
        x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
        cosine, sine = self._cosine_and_sine
        across = x * cosine + z * sine
        ahead = x * sine - z * cosine
        turned = np.empty((*across.shape, 3))
        turned[..., 0] = self.mirror * across
        turned[..., 1] = ahead * _PITCH_SINE - y * _PITCH_COSINE
        turned[..., 2] = ahead * _PITCH_COSINE + y * _PITCH_SINE
        return turned

    @cached_property
    def _cosine_and_sine(self) -> tuple[float, float]:
        return float(np.cos(self.turn_rad)), float(np.sin(self.turn_rad))

    @cached_property
    def _origin_px(self) -> F64:
        return np.array([self.centre_px, self.floor_px, self.towards_px])

    def beside(
        self, right_m: float, towards_m: float, turn_rad: float | None = None, size: float = 1.0
    ) -> "Camera":
        """The same camera for a person with another position, turn and size.

        Args:
            right_m: to the right of the origin, in a picture that is not mirrored.
            towards_m: towards the camera, along the floor.
            turn_rad: turn of this person; None for the lifter's.
            size: relative to the lifter.
        """
        return replace(
            self,
            px_per_m=self.px_per_m * size,
            centre_px=self.centre_px + self.mirror * right_m * self.px_per_m,
            floor_px=self.floor_px + towards_m * _PITCH_SINE * self.px_per_m,
            towards_px=self.towards_px + towards_m * _PITCH_COSINE * self.px_per_m,
            turn_rad=self.turn_rad if turn_rad is None else turn_rad,
        )


def camera_of(lift: Lift) -> Camera:
    """The camera that films a set."""
    shown_px = min(lift.height_px, lift.width_px * 1.1)
    if lift.second_lifter:
        shown_px *= TWO_LIFTERS_ZOOM
    return Camera(
        px_per_m=shown_px / _SHOWN_M,
        centre_px=lift.width_px / 2,
        floor_px=lift.height_px * (1 - _FLOOR_FRACTION),
        turn_rad=float(np.radians(lift.camera_turn_deg)),
        mirror=1.0 if lift.facing == "right" else -1.0,
    )
