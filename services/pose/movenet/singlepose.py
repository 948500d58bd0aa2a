"""MoveNet Thunder or Lightning: one person in a square of an image."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.pose.engines import Engine
from services.pose.movenet.bars import area_without_bars
from services.pose.movenet.points import HIPS, MIRRORED, POINTS, SHOULDERS, PersonPoints
from shared.data.skeleton import F32

#: Minimum score of a point that the square is derived from. Published: MoveNet's crop rule.
_MIN_SCORE = 0.2

#: Half of the square's side, in extents of the trunk and of the whole body. Published: MoveNet's
#: crop rule.
_TRUNK_EXTENTS, _BODY_EXTENTS = 1.9, 1.2

#: Maximum change of the square's side from one image to the next, as a factor. Chosen: a body that
#: bends over changes by less; a skeleton that collapses would draw the square along.
_MAX_CHANGE = 1.1


@dataclass(frozen=True, slots=True)
class Square:
    """An upright square of an image; it may reach beyond it.

    Attributes:
        x_px: Left side.
        y_px: Top side.
        side_px: Length of a side.
    """

    x_px: float
    y_px: float
    side_px: float

    @classmethod
    def of_image(cls, image: NDArray[np.uint8]) -> "Square":
        """The square around a whole image, without black bars beside it."""
        left, top, right, bottom = area_without_bars(image)
        side = max(right - left, bottom - top)
        return cls((left + right - side) / 2, (top + bottom - side) / 2, side)

    @classmethod
    def around(cls, person: PersonPoints, image: NDArray[np.uint8]) -> "Square":
        """The square of an image in which somebody is looked for, by the published rule.

        The whole image where no hip or no shoulder was seen.
        """
        seen = person.score > _MIN_SCORE
        if not (seen[HIPS].any() and seen[SHOULDERS].any()):
            return cls.of_image(image)
        centre = person.xy_px[HIPS].mean(0)
        off = np.abs(person.xy_px - centre)
        body = [point for point in range(POINTS) if seen[point]]
        half = max(
            _TRUNK_EXTENTS * float(off[HIPS + SHOULDERS].max()),
            _BODY_EXTENTS * float(off[body].max()),
        )
        return cls(float(centre[0]) - half, float(centre[1]) - half, 2 * half)

    def after(self, before: "Square | None") -> "Square":
        """The same centre, with a side that has changed little since the last image."""
        if before is None:
            return self
        side = min(max(self.side_px, before.side_px / _MAX_CHANGE), before.side_px * _MAX_CHANGE)
        off = (self.side_px - side) / 2
        return Square(self.x_px + off, self.y_px + off, side)

    def on_pixels(self) -> "Square":
        """The nearest square of whole pixels."""
        return Square(round(self.x_px), round(self.y_px), max(round(self.side_px), 1))

    def crop(self, image: NDArray[np.uint8], crop_px: int) -> NDArray[np.uint8]:
        """The square of whole pixels as an image of `crop_px` pixels; black outside the image."""
        height, width = image.shape[:2]
        left, top, side = int(self.x_px), int(self.y_px), int(self.side_px)
        x0, x1 = (min(max(x, 0), width) for x in (left, left + side))
        y0, y1 = (min(max(y, 0), height) for y in (top, top + side))
        part = np.zeros((side, side, 3), np.uint8)
        part[y0 - top : y1 - top, x0 - left : x1 - left] = image[y0:y1, x0:x1]
        interpolation = cv2.INTER_AREA if side > crop_px else cv2.INTER_LINEAR
        return np.asarray(
            cv2.resize(part, (crop_px, crop_px), interpolation=interpolation), np.uint8
        )


class SinglePose:
    """Sees one person in a square."""

    def __init__(self, engine: Engine, input_px: int) -> None:
        """The network takes squares of `input_px` pixels."""
        self._engine, self._input_px = engine, input_px
        self.engine = engine.description

    def see(self, image: NDArray[np.uint8], square: Square, mirrored: bool = False) -> PersonPoints:
        """The points of the person in a square of a BGR image; as the network sees it mirrored."""
        square = square.on_pixels()
        crop = square.crop(image, self._input_px)[None, ..., ::-1]
        points = self._engine.infer(crop[:, :, ::-1] if mirrored else crop)[0].reshape(POINTS, 3)
        if mirrored:
            points = points[MIRRORED] * (1, -1, 1) + (0, 1, 0)
        xy: F32 = (points[:, 1::-1] * square.side_px).astype(np.float32)
        corner = np.array([square.x_px, square.y_px], np.float32)
        return PersonPoints(xy + corner, points[:, 2].astype(np.float32))
