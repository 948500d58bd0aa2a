"""The turned square of an image in which BlazePose looks for one person's landmarks."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.data.skeleton import F32

#: Side of the square over the diameter of the circle that the network reports (MediaPipe's graphs).
_MARGIN = 1.25

#: Maximum overlap of two people's squares, as intersection over union.
_MAX_OVERLAP = 0.5

#: Minimum distance ahead at which a person faces left or right, in trunk lengths. Chosen: in front
#: views the distance is smaller, and the side does not change from image to image.
_MIN_FACING = 0.15


@dataclass(frozen=True, slots=True)
class Region:
    """A turned square in an image.

    Attributes:
        x_px: Column of the centre.
        y_px: Row of the centre.
        side_px: Length of a side.
        turn_rad: Turn, clockwise.
        mirrored: Whether left and right are exchanged in the crop.
    """

    x_px: float
    y_px: float
    side_px: float
    turn_rad: float
    mirrored: bool = False

    @classmethod
    def around(cls, centre_px: F32, top_px: F32, mirrored: bool = False) -> "Region":
        """Region of a person from two points: hip centre, and the rim straight above the head.

        The second point lies on the circle around the whole body, in the direction of the head.
        """
        dx, dy = (float(v) for v in top_px - centre_px)
        return cls(
            float(centre_px[0]),
            float(centre_px[1]),
            2 * _MARGIN * float(np.hypot(dx, dy)),
            float(np.arctan2(dx, -dy)),
            mirrored,
        )

    def upright(self, wider: float) -> "Region":
        """The same place, not turned and `wider` times as wide."""
        return replace(self, side_px=self.side_px * wider, turn_rad=0.0)

    def moved(self, x_px: float, y_px: float) -> "Region":
        """The same region elsewhere."""
        return replace(self, x_px=self.x_px + x_px, y_px=self.y_px + y_px)

    def to_image(self, crop_px: int) -> F32:
        """Affine map (2, 3) from a crop of `crop_px` pixels to the image."""
        scale = self.side_px / crop_px
        cos, sin = scale * np.cos(self.turn_rad), scale * np.sin(self.turn_rad)
        turn = np.array([[cos, -sin], [sin, cos]])
        if self.mirrored:
            turn[:, 0] *= -1
        corner = np.array([self.x_px, self.y_px]) - turn @ np.full(2, crop_px / 2)
        return np.column_stack([turn, corner]).astype(np.float32)

    def crop(self, image: NDArray[np.uint8], crop_px: int) -> NDArray[np.uint8]:
        """The region as an upright square of `crop_px` pixels; black outside the image."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cropped = cv2.warpAffine(image, self.to_image(crop_px), (crop_px, crop_px), flags=flags)
        return cropped.astype(np.uint8, copy=False)

    def is_apart(self, other: "Region") -> bool:
        """Whether this and another region hold two people."""
        return self.overlap(other) <= _MAX_OVERLAP

    def overlap(self, other: "Region") -> float:
        """Intersection over union of the two squares, taken as not turned."""
        width = _shared(self.x_px, self.side_px, other.x_px, other.side_px)
        height = _shared(self.y_px, self.side_px, other.y_px, other.side_px)
        both = width * height
        return both / max(self.side_px**2 + other.side_px**2 - both, 1e-9)


def faces_left(ahead_px: float, trunk_px: float, before: bool = False) -> bool:
    """Whether a person faces the image's left; such people are seen mirrored.

    Args:
        ahead_px: how far the points in front of the body lie right of those behind it.
        trunk_px: length of the trunk.
        before: the previous answer, which is kept if the person faces the camera.
    """
    return ahead_px < (_MIN_FACING if before else -_MIN_FACING) * trunk_px


def _shared(centre_a: float, side_a: float, centre_b: float, side_b: float) -> float:
    """Length of the common part of two intervals given by centre and side."""
    low = max(centre_a - side_a / 2, centre_b - side_b / 2)
    high = min(centre_a + side_a / 2, centre_b + side_b / 2)
    return max(0.0, high - low)
