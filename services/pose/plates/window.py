"""The part of the picture in which plates of a chunk are searched for and followed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.data.messages import Person
from shared.data.skeleton import F32, trunk_length_px

#: Scale of the window: length of a trunk in it, in px. Chosen: a usual plate's radius is 28 px
#: then, enough to trace its rim.
TRUNK_LENGTH_PX = 64.0

#: Range of plate radii, in trunk lengths. Chosen: 450 mm plates have 0.43 at a trunk of 0.52 m; a
#: trunk that leans towards the camera appears shorter, and the near plate larger where the camera
#: is close, up to twice as large together. The lower limit cuts off the smallest iron plates, which
#: have 0.15.
MIN_RADIUS, MAX_RADIUS = 0.17, 0.9

#: Minimum length assumed for a trunk, as a fraction of the longer side of the person's box.
#: Derived: crown to sole is 3.4 trunk lengths (stature over hip to neck), so an upright person's
#: trunk has this fraction; it counts where the trunk leans towards the camera or its joints are not
#: seen.
_TRUNK_OVER_BOX = 0.3

#: Margin of the window around the people, in trunk lengths. Chosen: in an oblique view a plate's
#: centre is at most 0.9 from the hands and its rim 0.45 further, and hands are mostly inside the
#: box; the joints of a person behind a plate may be half a trunk off.
_MARGIN = 1.0

#: Range of sizes of people around whom the window lies, relative to the largest person's in the
#: usual frame. Chosen: smaller ones stand in the background, larger ones are misread.
_MIN_RELATIVE_SIZE, _MAX_RELATIVE_SIZE = 0.5, 2.0

#: Shorter side of the window where nobody is seen, in px. Chosen: a lifter who fills the height of
#: the picture, or three quarters of it, then has the scale above.
_EMPTY_SIDE_PX = 240

#: Maximum pixels of the window. Chosen: it bounds the time; two lifters side by side fit at full
#: scale.
_MAX_PIXELS = 100_000

#: Turn of the body from side-on up to which the window is stretched so that plates are circles, in
#: degrees. Chosen: the rim of a plate that is turned further is too narrow to be traced, and a
#: larger turn is often misread, of a body behind a plate.
_MAX_TURN_DEG = 50.0

#: Minimum scale at which pixels are interpolated; below it, they are averaged. Chosen: at a third
#: of the size interpolation still uses half of the pixels, and the blur afterwards hides the rest;
#: averaging takes five times as long.
_MIN_LINEAR_SCALE = 0.35

#: Minimum side of a window that is searched, in px. Chosen: fewer show no plate.
_MIN_SIDE_PX = 24


I16 = NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class View:
    """One frame as plates are searched for in it: the window's part, where plates are circles.

    Attributes:
        part: BGR uint8, the part of the image.
        size: width and height of the window, in px of the window.
    """

    part: NDArray[np.uint8]
    size: tuple[int, int]

    @cached_property
    def grey(self) -> NDArray[np.uint8]:
        """The grey levels, uint8 (height, width), smoothed."""
        return self._resized(np.asarray(cv2.cvtColor(self.part, cv2.COLOR_BGR2GRAY), np.uint8))

    @cached_property
    def gradient(self) -> tuple[I16, I16]:
        """Horizontal and vertical gradient, int16 (height, width), in units of a Sobel filter.

        Of the colour that changes most at each pixel (Dalal & Triggs 2005): a red plate before a
        dark floor is as grey as it.
        """
        image = self._resized(self.part)
        along = (cv2.Sobel(image, cv2.CV_16S, *order) for order in ((1, 0), (0, 1)))
        gx, gy = (cv2.split(gradient) for gradient in along)
        sizes = [cv2.add(np.abs(x), np.abs(y)) for x, y in zip(gx, gy, strict=True)]
        largest = sizes[0]
        for colour in (1, 2):
            is_larger = cv2.compare(sizes[colour], largest, cv2.CMP_GT)
            for of_colours in (gx, gy):
                cv2.copyTo(of_colours[colour], is_larger, of_colours[0])
            largest = cv2.max(largest, sizes[colour])
        return np.asarray(gx[0], np.int16), np.asarray(gy[0], np.int16)

    def _resized(self, part: NDArray[np.uint8]) -> NDArray[np.uint8]:
        scale = min(self.size[0] / part.shape[1], self.size[1] / part.shape[0])
        interpolation = cv2.INTER_AREA if scale < _MIN_LINEAR_SCALE else cv2.INTER_LINEAR
        resized = cv2.resize(part, self.size, interpolation=interpolation)
        return np.asarray(cv2.GaussianBlur(resized, (3, 3), 0), np.uint8)


@dataclass(frozen=True, eq=False)
class Window:
    """Where in the pictures of a chunk plates are searched for.

    Attributes:
        left: left edge in the image, in px.
        top: top edge in the image, in px.
        right: right edge in the image, in px.
        bottom: bottom edge in the image, in px.
        size: width and height of the window, in px of the window.
    """

    left: int
    top: int
    right: int
    bottom: int
    size: tuple[int, int]

    @property
    def scale(self) -> F32:
        """Pixels of the window per pixel of the image, horizontal and vertical, float32 (2,)."""
        part = (self.right - self.left, self.bottom - self.top)
        return np.asarray(np.array(self.size) / np.array(part), np.float32)

    def view(self, image: NDArray[np.uint8]) -> View:
        """The window's part of an image, BGR (height, width, 3)."""
        return View(image[self.top : self.bottom, self.left : self.right], self.size)

    def in_image(self, ellipses: F32) -> F32:
        """Ellipses (n, 4), centre and half axes in px of the window, in px of the image."""
        centres = ellipses[:, :2] / self.scale + np.array([self.left, self.top], np.float32)
        return np.concatenate([centres, ellipses[:, 2:4] / self.scale], axis=1).astype(np.float32)


def choose_window(
    shape: tuple[int, ...], people_of_frames: Sequence[Sequence[Person]]
) -> Window | None:
    """The window of a chunk: around its people, or the whole picture where nobody is seen.

    Args:
        shape: height and width of the images.
        people_of_frames: the people of each frame, in pixels of the images.

    Returns:
        The window; None where it is too small to show any plate.
    """
    people = [(_size_px(one), one) for seen in people_of_frames for one in seen]
    sizes = [max(map(_size_px, seen)) for seen in people_of_frames if seen]
    length = float(np.median(sizes)) if sizes else 0.0
    stretch = 1.0
    low, high = np.zeros(2), np.array(shape[1::-1], np.float64)
    scale = _EMPTY_SIDE_PX / float(min(high))
    if length >= 1:
        turn_deg = _turn_deg([one for size, one in people if size >= length / 2])
        stretch = 1 / float(np.cos(np.radians(turn_deg)))
        near = _MIN_RELATIVE_SIZE * length, _MAX_RELATIVE_SIZE * length
        boxes = np.array([one.box_px for size, one in people if near[0] <= size <= near[1]])
        low = np.clip(np.floor(boxes[:, :2].min(0) - _MARGIN * length), 0, high)
        high = np.clip(np.ceil(boxes[:, 2:].max(0) + _MARGIN * length), 0, high)
        scale = TRUNK_LENGTH_PX / length
    width, height = (high - low) * scale * (stretch, 1.0)
    if min(width, height) < _MIN_SIDE_PX:
        return None
    shrink = min(1.0, float(np.sqrt(_MAX_PIXELS / (width * height))))
    size = max(_MIN_SIDE_PX, round(width * shrink)), max(_MIN_SIDE_PX, round(height * shrink))
    (left, top), (right, bottom) = low.astype(int).tolist(), high.astype(int).tolist()
    return Window(left, top, right, bottom, size)


def _size_px(person: Person) -> float:
    """Length of a person's trunk, or what the box lets expect where it appears shorter, in px."""
    trunk = float(trunk_length_px(person.xy_px))
    box = _TRUNK_OVER_BOX * float(np.max(person.box_px[2:] - person.box_px[:2]))
    return max((size for size in (trunk, box) if np.isfinite(size)), default=0.0)


def _turn_deg(people: Sequence[Person]) -> float:
    """The people's usual turn from side-on, in degrees; 0 where it is unknown or too large."""
    turns = [one.turn_deg for one in people if np.isfinite(one.turn_deg)]
    usual = float(np.median(turns)) if turns else 0.0
    return usual if abs(usual) <= _MAX_TURN_DEG else 0.0
