"""The original program's use of OpenPose's network, for comparison.

The image is resized to a square without keeping its aspect; each joint is the maximum of its heat
map; the result is one person, even if the joints are of several.
"""

from collections.abc import Iterable, Iterator

import cv2
import numpy as np

from services.pose.backends import TimedImage
from services.pose.openpose.backend import Image, Network, person_of
from shared.data.messages import Person
from shared.data.skeleton import JOINTS

#: Side of the network's square input, in px, and minimum height of a heat map's maximum for a
#: joint. Both are the original's of 2019.
SIDE_PX, MIN_HEIGHT = 368, 0.1


class OriginalOpenPose:
    """Finds one person, as the original did."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.engine = network.engine

    def people(self, images: Iterable[TimedImage]) -> Iterator[tuple[Person, ...]]:
        """Yield each image's one person, if any joint is seen; see `Backend.people`."""
        for image, _ in images:
            yield self._people_in(image)

    def _people_in(self, image: Image) -> tuple[Person, ...]:
        square = cv2.resize(image, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_LINEAR)
        [(maps, _)] = self._network.stages(square.astype(np.uint8, copy=False)[None])
        heatmaps = maps[0, :JOINTS]
        rows, columns = heatmaps.shape[1:]
        best = heatmaps.reshape(JOINTS, -1).argmax(1)
        height = heatmaps.reshape(JOINTS, -1)[np.arange(JOINTS), best]
        seen = height > MIN_HEIGHT
        if not seen.any():
            return ()
        xy = np.stack([best % columns, best // columns], -1) / (columns, rows)
        xy_px = np.where(seen[:, None], xy * image.shape[1::-1], np.nan).astype(np.float32)
        confidence = np.where(seen, np.minimum(height, 1), 0).astype(np.float32)
        return (person_of(xy_px, confidence, detection_confidence=float(confidence[seen].mean())),)
