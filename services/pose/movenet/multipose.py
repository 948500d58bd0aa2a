"""MoveNet MultiPose: everybody in an image, in one run of the network."""

import cv2
import numpy as np
from numpy.typing import NDArray

from services.pose.engines import Engine
from services.pose.movenet.bars import area_without_bars
from services.pose.movenet.points import POINTS, PersonPoints
from shared.data.skeleton import F32

#: Step of the input's sides, in px. By definition of the network.
_STEP_PX = 32

#: Longer side to which images are shrunk, in px: first, and again where nobody is found for sure.
#: Measured on 222 pictures of people who fill them: 93 % of the joints are right at 256, 89 % at
#: 448; people who fill a quarter of the picture are often found at 448 only.
_SIDES_PX = (256, 448)

#: Minimum score of a person. Published: Google's own example uses 0.11. Measured: no ghosts above
#: 0.2.
_MIN_SCORE = 0.11

#: Mean score of the joints from shoulders to ankles from which somebody is found for sure.
#: Measured: 0.5 to 0.85 on people, 0.2 to 0.4 elsewhere.
_SURE_SCORE = 0.4


class MultiPose:
    """Finds everybody in an image, up to six people."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.engine = engine.description

    def find(self, image: NDArray[np.uint8]) -> list[PersonPoints]:
        """The people of a BGR image, most confident first; black bars beside it are left out."""
        left, top, right, bottom = area_without_bars(image)
        part, corner = image[top:bottom, left:right], np.array([left, top], np.float32)
        found: list[PersonPoints] = []
        for side_px in _SIDES_PX:
            closer = self._find(part, side_px)
            if _best(closer) > _best(found):
                found = closer
            if _best(found) >= _SURE_SCORE:
                break
        return [PersonPoints(person.xy_px + corner, person.score) for person in found]

    def _find(self, image: NDArray[np.uint8], side_px: int) -> list[PersonPoints]:
        height, width = image.shape[:2]
        scale = side_px / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        padded = [-(-side // _STEP_PX) * _STEP_PX for side in size]
        canvas = np.zeros((1, padded[1], padded[0], 3), np.uint8)
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        canvas[0, : size[1], : size[0]] = small[..., ::-1]
        found = self._engine.infer(canvas)[0].reshape(-1, POINTS * 3 + 5)
        to_image = np.array([padded[0] * width / size[0], padded[1] * height / size[1]], np.float32)
        people = sorted((row for row in found if row[-1] >= _MIN_SCORE), key=lambda row: -row[-1])
        return [_points(row[: POINTS * 3].reshape(POINTS, 3), to_image) for row in people]


def _best(people: list[PersonPoints]) -> float:
    return max((person.body_score for person in people), default=0.0)


def _points(points: F32, to_image: F32) -> PersonPoints:
    return PersonPoints(points[:, 1::-1] * to_image, points[:, 2].copy())
