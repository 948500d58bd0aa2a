"""What backends with OpenPose's networks share: from images through heat maps and fields to people.

Such a network sees the whole image at once: no detector is needed, and the cost does not depend on
the number of people.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from services.pose.backends import TimedImage
from services.pose.details import BodyDetails
from services.pose.openpose.early_exit import Maps, converged_people
from services.pose.openpose.layouts import Layout
from services.pose.openpose.people import People
from shared.data.messages import Person
from shared.data.pose_options import PoseOptions
from shared.data.skeleton import F32, MPI_15, hide_unseen, mpi_from_openpose

#: Side of a cell of the maps, in pixels of the network's input. By definition of the network, which
#: pools three times.
CELL_PX = 8

#: Maximum width of the network's input, in heights; wider images are shrunk further. Chosen: it
#: bounds the time for panoramas, and leaves 21:9 as it is.
_MAX_ASPECT = 2.5

#: Minimum side of an input that is searched, in px. Chosen: below, a trunk is one or two cells wide
#: and cannot be distinguished from noise.
_MIN_SIDE_PX = 64

#: Minimum joints of a person, of those of MPI-15. OpenPose's default; fewer cannot be judged.
_MIN_JOINTS = 3

Image = NDArray[np.uint8]


class Network(Protocol):
    """One network of OpenPose's kind."""

    #: Images per call at which the device is used well.
    batch_size: int

    #: What it runs on, see `Backend.engine`.
    engine: str

    def stages(self, images: Image) -> Iterator[Maps]:
        """Yield the maps of each stage in turn; a network in one part yields its last stage only.

        A stage is run when its maps are requested, and may overwrite those of the one before.

        Args:
            images: BGR uint8 (n, h, w, 3), sides a multiple of 8.

        Yields:
            Heat maps float32 (n, maps, h/8, w/8) and fields float32 (n, channels, h/8, w/8).
        """
        ...


@dataclass(frozen=True, eq=False)
class View:
    """An image, or a part of one, as the network sees it.

    Args:
        pixels: uint8 (h, w, 3), sides a multiple of 8.
        corner_px: top left corner in the resized image, float32 (2,).
        scale: pixels of the image per pixel of the resized image, float32 (2,).
    """

    pixels: Image
    corner_px: F32
    scale: F32

    def to_image(self, cells: F32) -> F32:
        """Positions in the maps, in cells, as pixels of the image: (..., 2)."""
        return ((cells + 0.5) * CELL_PX + self.corner_px) * self.scale

    def crop(self, box: tuple[int, int, int, int]) -> "View":
        """The view within left, top, right and bottom, which are multiples of 8."""
        left, top, right, bottom = box
        corner = self.corner_px + np.array([left, top], np.float32)
        return View(self.pixels[top:bottom, left:right], corner, self.scale)


class OpenPose:
    """Finds people in whole images, batch by batch."""

    def __init__(self, network: Network, layout: Layout, options: PoseOptions) -> None:
        self._network, self._layout, self._options = network, layout, options
        self.engine = network.engine

    def people(self, images: Iterable[TimedImage]) -> Iterator[tuple[Person, ...]]:
        """Yield each image's people; see `Backend.people`."""
        for _, same_size in groupby(images, lambda timed: timed.image.shape):
            while batch := list(islice(same_size, self._network.batch_size)):
                views = [view_of(image, self._options.height_px) for image, _ in batch]
                yield from self.people_in(views)

    def people_in(self, views: list[View]) -> list[tuple[Person, ...]]:
        """The people of views of one size, in pixels of their images."""
        if min(views[0].pixels.shape[:2]) < _MIN_SIDE_PX:
            return [()] * len(views)
        stages = self._network.stages(np.stack([view.pixels for view in views]))
        found = converged_people(stages, self._layout)
        return [tuple(self._persons(*each)) for each in zip(views, found, strict=True)]

    def _persons(self, view: View, found: People) -> Iterator[Person]:
        for xy, confidence, score in zip(
            view.to_image(found.xy), found.confidence, found.score, strict=True
        ):
            joints = as_mpi(xy, confidence, self._layout)
            if (joints[1] > 0).sum() >= _MIN_JOINTS:
                # The score of a completely visible person, joints plus limbs, is nearly 2.
                yield person_of(*joints, detection_confidence=min(1.0, float(score) / 2))


def view_of(image: Image, height_px: int) -> View:
    """A whole image resized to a height, with its aspect kept, and padded to whole cells."""
    height, width = image.shape[:2]
    ratio = min(height_px / height, _MAX_ASPECT * height_px / width)
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    interpolation = cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR
    resized = cv2.resize(image, size, interpolation=interpolation)
    padded = cv2.copyMakeBorder(
        resized, 0, -size[1] % CELL_PX, 0, -size[0] % CELL_PX, cv2.BORDER_REPLICATE
    )
    scale = np.array([width / size[0], height / size[1]], np.float32)
    return View(padded.astype(np.uint8, copy=False), np.zeros(2, np.float32), scale)


def as_mpi(xy_px: F32, confidence: F32, layout: Layout) -> tuple[F32, F32]:
    """One person's joints as MPI-15: xy (15, 2) and confidence (15,), NaN and 0 where unseen."""
    if layout.joints == MPI_15:
        return hide_unseen(xy_px, confidence)
    return mpi_from_openpose(xy_px, confidence, layout.name)


def person_of(xy_px: F32, confidence: F32, detection_confidence: float) -> Person:
    """A person of MPI-15 joints; feet, outline and turn, which these networks lack, are NaN."""
    box_px = np.concatenate([np.nanmin(xy_px, 0), np.nanmax(xy_px, 0)]).astype(np.float32)
    confidence = np.minimum(confidence, 1)  # maps may overshoot
    return BodyDetails.unseen().of_person((xy_px, confidence), box_px, detection_confidence)
