"""OpenPose that looks only around the people of the frame before: less work, nearly the same maps.

The parts of the picture are looked at at the scale at which the whole would be, on the same grid of
cells.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from services.pose.backends import TimedImage
from services.pose.openpose.backend import OpenPose, View, classify_view
from shared.data.messages import Person
from shared.data.skeleton import F32

#: Room left around somebody, as a share of the longer side of their box, and at least in pixels of
#: what the network looks at.
_MARGIN, _LEAST_MARGIN_PX = 0.25, 40

#: Sides of a part are multiples of this: each new size costs a network time to get ready.
_STEP_PX = 32

#: Newcomers are noticed in each picture whose number in the chunk is a multiple of this.
_LOOK_AROUND_EVERY = 8

#: Parts that together are larger than this share of the picture are not worth it.
_WORTH = 0.75

#: Somebody is the same as before when their joints moved by less than this, in box sizes (median).
_MAX_STEP = 0.25

#: Whoever is seen less surely comes and goes; only when others are lost is the whole looked at.
_SURE = 0.4

Box = tuple[int, int, int, int]


class FollowingOpenPose(OpenPose):
    """Finds people around those of the frame before."""

    def people(self, images: Iterable[TimedImage]) -> Iterator[tuple[Person, ...]]:
        """Yield each picture's people; see `Backend.people`."""
        known: tuple[Person, ...] = ()
        for number, (image, _) in enumerate(images):
            view = classify_view(image, self._options.height_px)
            seen = None
            if known and number % _LOOK_AROUND_EVERY:
                seen = self._look_around(view, known)
            known = self.look([view])[0] if seen is None else seen
            yield known

    def _look_around(self, view: View, known: tuple[Person, ...]) -> tuple[Person, ...] | None:
        """Those known, as they are now; None where that is not worth it, or somebody is lost."""
        height, width = view.pixels.shape[:2]
        around = [(person.box_px.reshape(2, 2) / view.scale).ravel() for person in known]
        boxes = parts_of(around, width, height)
        area = sum((right - left) * (bottom - top) for left, top, right, bottom in boxes)
        if area > _WORTH * width * height:
            return None
        there = [person for box in boxes for person in self.look([view.part(box)])[0]]
        followed = []
        for person in known:
            step, nearest = min(
                ((_step(person, other), number) for number, other in enumerate(there)),
                default=(np.inf, -1),
            )
            if step < _MAX_STEP:
                followed.append(there.pop(nearest))
            elif person.detection_confidence >= _SURE:
                return None
        return tuple(sorted(followed, key=lambda person: -person.detection_confidence))


def parts_of(boxes_px: list[F32], width: int, height: int) -> list[Box]:
    """The parts of a picture that hold these boxes (4,) with some room, none over another."""
    parts: list[Box] = []
    for box in boxes_px:
        room = max(_LEAST_MARGIN_PX, _MARGIN * float((box[2:] - box[:2]).max()))
        part = _snapped((box[0] - room, box[1] - room, box[2] + room, box[3] + room), width, height)
        while over := next((other for other in parts if _is_over(part, other)), None):
            parts.remove(over)
            both = np.array([part, over])
            part = _snapped((*both[:, :2].min(0), *both[:, 2:].max(0)), width, height)
        parts.append(part)
    return parts


def _snapped(box: tuple[float, ...], width: int, height: int) -> Box:
    """A box on the grid of cells and within the picture, its sides enlarged to whole steps."""
    starts, sizes = [], []
    for low, high, limit in ((box[0], box[2], width), (box[1], box[3], height)):
        size = min(limit, int(-(-(high - low) // _STEP_PX)) * _STEP_PX)
        start = int(np.clip((low + high - size) / 2, 0, limit - size)) // 8 * 8
        starts.append(start)
        sizes.append(size)
    return starts[0], starts[1], starts[0] + sizes[0], starts[1] + sizes[1]


def _is_over(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _step(before: Person, now: Person) -> float:
    """How far a person's joints have moved (median), in sizes of the box before.

    Infinite where no joint is seen in both.
    """
    steps = np.linalg.norm(now.xy_px - before.xy_px, axis=-1)
    steps = steps[np.isfinite(steps)]
    size = max(float((before.box_px[2:] - before.box_px[:2]).max()), 1.0)
    return float(np.median(steps)) / size if steps.size else float("inf")
