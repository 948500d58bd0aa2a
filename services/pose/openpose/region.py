"""OpenPose that searches only around the people of the previous frame: less work, similar maps.

Parts of the image are searched at the same scale and on the same grid of cells as the whole.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from services.pose.backends import TimedImage
from services.pose.openpose.backend import CELL_PX, OpenPose, View, view_of
from shared.data.messages import Person
from shared.data.skeleton import F32

#: Margin around a person's box: as a fraction of its longer side, and at least in pixels of the
#: network's input. Chosen: as much as a person moves from frame to frame (`_MAX_STEP`), and five
#: cells of the maps.
_MARGIN, _MIN_MARGIN_PX = 0.25, 40

#: Step of the parts' sides, in px. Chosen: each new size costs a network time for preparation; a
#: multiple of a cell's side.
_STEP_PX = 32

#: Frames between two searches of the whole image, which find newcomers. Chosen: about a quarter of
#: a second at 30 frames per second.
_FULL_SEARCH_INTERVAL = 8

#: Maximum area of all parts, as a fraction of the image; above, the whole image is searched.
#: Chosen: parts save less than a quarter then, and have edges.
_MAX_AREA_FRACTION = 0.75

#: Maximum movement of a person from frame to frame: median of the joints, in box sizes. Chosen:
#: equal to the margin; a person who moves further may have left the part that was searched.
_MAX_STEP = 0.25

#: Minimum detection confidence of a lost person that causes a search of the whole image. Chosen:
#: people with less appear and disappear. It is OpenPose's own minimum mean score of a person.
_MIN_RELIABLE_CONFIDENCE = 0.4

#: Left, top, right and bottom, in pixels of the network's input.
Box = tuple[int, int, int, int]


class FollowingOpenPose(OpenPose):
    """Finds people around those of the previous frame."""

    def people(self, images: Iterable[TimedImage]) -> Iterator[tuple[Person, ...]]:
        """Yield each image's people; see `Backend.people`."""
        known: tuple[Person, ...] = ()
        for number, (image, _) in enumerate(images):
            view = view_of(image, self._options.height_px)
            followed = None
            if known and number % _FULL_SEARCH_INTERVAL:
                followed = self._follow(view, known)
            known = self.people_in([view])[0] if followed is None else followed
            yield known

    def _follow(self, view: View, known: tuple[Person, ...]) -> tuple[Person, ...] | None:
        """The known people in this frame; None if the whole image has to be searched."""
        height, width = view.pixels.shape[:2]
        boxes_px = [(person.box_px.reshape(2, 2) / view.scale).ravel() for person in known]
        boxes = crop_boxes(boxes_px, width, height)
        area = sum((right - left) * (bottom - top) for left, top, right, bottom in boxes)
        if area > _MAX_AREA_FRACTION * width * height:
            return None
        candidates = [person for box in boxes for person in self.people_in([view.crop(box)])[0]]
        followed = []
        for person in known:
            step, nearest = min(
                ((_step(person, other), number) for number, other in enumerate(candidates)),
                default=(np.inf, -1),
            )
            if step < _MAX_STEP:
                followed.append(candidates.pop(nearest))
            elif person.detection_confidence >= _MIN_RELIABLE_CONFIDENCE:
                return None
        return tuple(sorted(followed, key=lambda person: -person.detection_confidence))


def crop_boxes(boxes_px: list[F32], width: int, height: int) -> list[Box]:
    """Parts of an image that contain these boxes (4,) with a margin and do not overlap."""
    parts: list[Box] = []
    for box in boxes_px:
        margin = max(_MIN_MARGIN_PX, _MARGIN * float((box[2:] - box[:2]).max()))
        widened = (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)
        part = _snap(widened, width, height)
        while other := next((other for other in parts if _overlap(part, other)), None):
            parts.remove(other)
            both = np.array([part, other])
            part = _snap((*both[:, :2].min(0), *both[:, 2:].max(0)), width, height)
        parts.append(part)
    return parts


def _snap(box: tuple[float, ...], width: int, height: int) -> Box:
    """A box on the grid of cells and within the image, its sides enlarged to whole steps."""
    starts, sizes = [], []
    for low, high, limit in ((box[0], box[2], width), (box[1], box[3], height)):
        size = min(limit, int(-(-(high - low) // _STEP_PX)) * _STEP_PX)
        start = int(np.clip((low + high - size) / 2, 0, limit - size)) // CELL_PX * CELL_PX
        starts.append(start)
        sizes.append(size)
    return starts[0], starts[1], starts[0] + sizes[0], starts[1] + sizes[1]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _step(before: Person, now: Person) -> float:
    """Median movement of a person's joints, in sizes of the earlier box.

    Infinite if no joint is seen in both frames.
    """
    steps = np.linalg.norm(now.xy_px - before.xy_px, axis=-1)
    steps = steps[np.isfinite(steps)]
    size = max(float((before.box_px[2:] - before.box_px[:2]).max()), 1.0)
    return float(np.median(steps)) / size if steps.size else float("inf")
