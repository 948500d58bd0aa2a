"""What backends of OpenPose's kind share: pictures in, heat maps and fields through, people out.

A network of this kind sees the whole picture at once, so its cost does not depend on how many
people there are, and nobody has to be detected first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from services.pose.backends import TimedImage
from services.pose.openpose.early_exit import Maps, settled_people
from services.pose.openpose.layouts import Layout
from services.pose.openpose.people import People
from shared.data.messages import Person
from shared.data.pose_options import PoseOptions
from shared.data.skeleton import F32, FEET, MPI_15, OUTLINE_LEVELS, hide_unseen, mpi_from_openpose

#: Pixels of the input in one cell of the maps, to each side.
CELL_PX = 8

#: A picture is looked at at most so many times as wide as it is high; a wider one is shrunk.
_WIDEST = 2.5

#: A picture that is shown to the network with a side below this holds nobody who could be told from
#: its grain: a trunk would be a cell or two wide.
_LEAST_SIDE_PX = 64

#: Fewer joints than this, of those that everything downstream speaks of, are nobody to judge.
_LEAST_JOINTS = 3

Image = NDArray[np.uint8]


class Network(Protocol):
    """One network of OpenPose's kind."""

    #: Pictures that are worth running together.
    batch: int

    #: What it runs on, see `Backend.engine`.
    engine: str

    def stages(self, pictures: Image) -> Iterator[Maps]:
        """Yield the maps of one stage after the other; a network of one piece, of its last alone.

        A stage is run when its maps are asked for, and may overwrite those of the one before.

        Args:
            pictures: BGR uint8 (n, h, w, 3), sides a multiple of 8.

        Yields:
            Heat maps float32 (n, maps, h/8, w/8) and fields float32 (n, channels, h/8, w/8).
        """
        ...


@dataclass(frozen=True, eq=False)
class View:
    """A picture, or a part of one, as the network sees it.

    pixels: uint8 (h, w, 3), sides a multiple of 8. corner_px: float32 (2,), where it begins in the
    shrunk picture; scale: float32 (2,), pixels of the picture in one of the shrunk picture.
    """

    pixels: Image
    corner_px: F32
    scale: F32

    def in_picture(self, cells: F32) -> F32:
        """Places in the maps as pixels of the picture, (..., 2)."""
        return ((cells + 0.5) * CELL_PX + self.corner_px) * self.scale

    def part(self, box: tuple[int, int, int, int]) -> "View":
        """The view within left, top, right, bottom, which are multiples of 8."""
        left, top, right, bottom = box
        corner = self.corner_px + np.array([left, top], np.float32)
        return View(self.pixels[top:bottom, left:right], corner, self.scale)


class OpenPose:
    """Finds people in whole pictures, batch by batch."""

    def __init__(self, network: Network, layout: Layout, options: PoseOptions) -> None:
        self._network, self._layout, self._options = network, layout, options
        self.engine = network.engine

    def people(self, images: Iterable[TimedImage]) -> Iterator[tuple[Person, ...]]:
        """Yield each picture's people; see `Backend.people`."""
        for _, alike in groupby(images, lambda timed: timed.image.shape):
            while batch := list(islice(alike, self._network.batch)):
                views = [classify_view(image, self._options.height_px) for image, _ in batch]
                yield from self.look(views)

    def look(self, views: list[View]) -> list[tuple[Person, ...]]:
        """The people of views of one size, in pixels of their pictures."""
        if min(views[0].pixels.shape[:2]) < _LEAST_SIDE_PX:
            return [()] * len(views)
        stages = self._network.stages(np.stack([view.pixels for view in views]))
        found = settled_people(stages, self._layout)
        return [tuple(self._people_of(*each)) for each in zip(views, found, strict=True)]

    def _people_of(self, view: View, found: People) -> Iterator[Person]:
        for xy, confidence, score in zip(
            view.in_picture(found.xy), found.confidence, found.score, strict=True
        ):
            joints = as_mpi(xy, confidence, self._layout)
            if (joints[1] > 0).sum() >= _LEAST_JOINTS:
                # Somebody wholly seen has joints and limbs of nearly 1 each: a score of nearly 2.
                yield person_of(*joints, detection_confidence=min(1.0, float(score) / 2))


def classify_view(image: Image, height_px: int) -> View:
    """A whole picture as the network is to see it: so high, its aspect kept, padded to cells."""
    height, width = image.shape[:2]
    ratio = min(height_px / height, _WIDEST * height_px / width)
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    way = cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR
    small = cv2.resize(image, size, interpolation=way)
    padded = cv2.copyMakeBorder(
        small, 0, -size[1] % CELL_PX, 0, -size[0] % CELL_PX, cv2.BORDER_REPLICATE
    )
    scale = np.array([width / size[0], height / size[1]], np.float32)
    return View(padded.astype(np.uint8, copy=False), np.zeros(2, np.float32), scale)


def as_mpi(xy_px: F32, confidence: F32, layout: Layout) -> tuple[F32, F32]:
    """One person's joints as MPI-15: places (15, 2) and confidences (15,), NaN and 0 if unseen."""
    if layout.joints == MPI_15:
        return hide_unseen(xy_px, confidence)
    return mpi_from_openpose(xy_px, confidence, layout.name)


def person_of(xy_px: F32, confidence: F32, detection_confidence: float) -> Person:
    """A person of MPI-15 joints; what such networks do not see (feet, outline, turn) is NaN."""
    return Person(
        xy_px=xy_px,
        confidence=confidence,
        feet_px=np.full((len(FEET), 2), np.nan, np.float32),
        feet_confidence=np.zeros(len(FEET), np.float32),
        outline_px=np.full((2, OUTLINE_LEVELS), np.nan, np.float32),
        sole_px=np.full((2, 2), np.nan, np.float32),
        turn_deg=float("nan"),
        box_px=np.concatenate([np.nanmin(xy_px, 0), np.nanmax(xy_px, 0)]).astype(np.float32),
        detection_confidence=detection_confidence,
    )
