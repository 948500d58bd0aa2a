"""BlazePose's detector: the regions of people in an image."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from services.pose.blazepose.region import Region
from services.pose.engines import Engine
from shared.data.skeleton import F32

#: Side of the network's square input, pixels.
_INPUT_PX = 224

#: (stride in pixels, anchors in a cell) of the network's three output grids.
_GRIDS = ((8, 2), (16, 2), (32, 6))

#: Minimum probability of a box (MediaPipe's threshold).
_MIN_SCORE = 0.5

#: Maximum overlap of two people's boxes, as intersection over union (MediaPipe's threshold).
_MAX_IOU = 0.3

#: Side of the squares that are searched for small people, as a fraction of the image's longer side.
_TILE_FRACTION = 0.6


class Detector:
    """Finds the region of each person in an image."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._anchors = _anchor_centres()

    def find(self, image: NDArray[np.uint8], hidden_px: Sequence[F32] = ()) -> list[Region]:
        """Regions of the people in a BGR image, most confident first.

        Boxes `hidden_px`, each (4,), are blacked out, so that nobody is found in them.
        """
        height, width = image.shape[:2]
        scale = max(height, width) / _INPUT_PX
        left, top = (max(height, width) - width) / 2, (max(height, width) - height) / 2
        boxes, logits = self._run(image, scale, hidden_px)

        confidence = 1 / (1 + np.exp(-np.clip(logits, -50, 50)))
        keep = np.flatnonzero(confidence >= _MIN_SCORE)
        # Four numbers of the box (centre, size), then keypoints; all offsets from the anchor.
        box = boxes[keep, :4]
        box[:, :2] += self._anchors[keep]
        points = boxes[keep, 4:8].reshape(-1, 2, 2) + self._anchors[keep, None]
        points = points * scale - (left, top)
        corners = np.column_stack([box[:, :2] - box[:, 2:] / 2, box[:, 2:]])
        best = cv2.dnn.NMSBoxes(corners.tolist(), confidence[keep].tolist(), _MIN_SCORE, _MAX_IOU)
        return [Region.around(*points[i].astype(np.float32)) for i in np.asarray(best, int).ravel()]

    def find_closely(
        self, image: NDArray[np.uint8], hidden_px: Sequence[F32], y_px: float
    ) -> list[Region]:
        """As `find`, for small people: in two overlapping squares at the height `y_px`.

        In an image that is higher than wide the squares lie one above the other.
        """
        height, width = image.shape[:2]
        side = round(_TILE_FRACTION * max(height, width))
        low = min(max(round(y_px - side / 2), 0), max(height - side, 0))
        corners = (
            [(0, low), (width - side, low)] if width > height else [(0, 0), (0, height - side)]
        )
        regions = []
        for x, y in corners:
            shift = np.array([x, y], np.float32)
            shifted = [box - np.tile(shift, 2) for box in hidden_px]
            regions += [
                region.moved(x, y)
                for region in self.find(image[y : y + side, x : x + side], shifted)
            ]
        return regions

    def _run(
        self, image: NDArray[np.uint8], scale: float, hidden_px: Sequence[F32]
    ) -> tuple[F32, F32]:
        """Boxes (2254, 12) in input pixels and their logits (2254,) of the letterboxed image."""
        height, width = (max(1, round(side / scale)) for side in image.shape[:2])
        small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        for box in hidden_px:
            left, top, right, bottom = np.clip(np.rint(box / scale), 0, _INPUT_PX).astype(int)
            small[top:bottom, left:right] = 0
        square = np.zeros((_INPUT_PX, _INPUT_PX, 3), np.float32)
        # Grey would be 0 in [-1, 1]; MediaPipe pads with the range's low end as black.
        square -= 1
        top, left = (_INPUT_PX - height) // 2, (_INPUT_PX - width) // 2
        square[top : top + height, left : left + width] = small[..., ::-1] / 127.5 - 1
        outputs = self._engine.infer(square[None])
        boxes = next(output for output in outputs if output.shape[-1] == 12)
        logits = next(output for output in outputs if output.shape[-1] == 1)
        return boxes[0].copy(), logits[0, :, 0]


def _anchor_centres() -> F32:
    """Centres of all anchors in input pixels, float32 (2254, 2)."""
    grids = []
    for stride, in_a_cell in _GRIDS:
        cells = _INPUT_PX // stride
        y, x = np.mgrid[:cells, :cells]
        centres = (np.stack([x, y], -1).reshape(-1, 2) + 0.5) * stride
        grids.append(np.repeat(centres, in_a_cell, axis=0))
    return np.concatenate(grids).astype(np.float32)
