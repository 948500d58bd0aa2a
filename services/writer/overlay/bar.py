"""Draws the bar's path: the repetition under way, and faintly the ones before it. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

from services.writer.overlay.pen import DARK, SHIFT, Pen
from services.writer.overlay.text import Colour, Image
from shared.data.analysis import Lifter

_UP: Colour = (80, 220, 255)
_DOWN: Colour = (60, 140, 190)
_EARLIER: Colour = (150, 170, 175)

#: Earlier repetitions that stay visible. Chosen: more of them hide the lifter.
_MAX_EARLIER = 2

#: Widths of a path and of an earlier one, and radius of the bar's dot, in units of the pen.
_PATH_WIDTH, _EARLIER_WIDTH, _DOT_RADIUS = 1.8, 0.8, 2.2

#: Points of a path in fixed-point coordinates, int32 (n, 1, 2).
Path = NDArray[np.int32]


class BarDrawing:
    """Draws one lifter's bar on the frames of a clip."""

    def __init__(self, lifter: Lifter, pen: Pen) -> None:
        self._pen = pen
        self._reps = lifter.reps
        frames = lifter.frames
        bar_px = np.array([frame.bar_px for frame in frames], np.float64).reshape(-1, 2)
        known = np.isfinite(bar_px).all(-1)
        self._points = pen.to_fixed(bar_px[known])
        self._time_s = np.array([frame.time_s for frame in frames])[known]
        self._shot = np.array([frame.shot for frame in frames])[known]

    def draw(self, image: Image, time_s: float) -> None:
        """Draw the path up to a time, in place."""
        started = [rep for rep in self._reps if rep.start_s <= time_s]
        if not started or not len(self._points):
            return
        row = max(0, int(np.searchsorted(self._time_s, time_s, "right")) - 1)
        for earlier in started[-1 - _MAX_EARLIER : -1]:
            path = self._path_between(earlier.start_s, earlier.top_s, row)
            width_px = self._to_px(_EARLIER_WIDTH)
            cv2.polylines(image, [path], False, _EARLIER, width_px, cv2.LINE_AA, SHIFT)
        rep = started[-1]
        top_s = rep.top_s if np.isfinite(rep.top_s) else rep.end_s
        end_s = rep.end_s if np.isfinite(rep.end_s) else top_s
        for from_s, to_s, colour in ((top_s, end_s, _DOWN), (rep.start_s, top_s, _UP)):
            path = self._path_between(from_s, min(time_s, to_s), row)
            width_px = self._to_px(_PATH_WIDTH)
            cv2.polylines(image, [path], False, DARK, width_px + 2, cv2.LINE_AA, SHIFT)
            cv2.polylines(image, [path], False, colour, width_px, cv2.LINE_AA, SHIFT)
        if time_s <= end_s and self._shot[row] == self._shot_at(rep.start_s):
            x, y = (int(v) for v in self._points[row])
            radius = self._to_px(_DOT_RADIUS) << SHIFT
            cv2.circle(image, (x, y), radius, DARK, 2, cv2.LINE_AA, SHIFT)
            cv2.circle(image, (x, y), radius, _UP, -1, cv2.LINE_AA, SHIFT)

    def _path_between(self, from_s: float, to_s: float, row: int) -> Path:
        """The path between two times, in the shot of one row only."""
        rows = (self._time_s >= from_s) & (self._time_s <= to_s)
        rows &= self._shot == self._shot[row]
        return np.asarray(self._points[rows].reshape(-1, 1, 2))

    def _shot_at(self, time_s: float) -> int:
        row = min(int(np.searchsorted(self._time_s, time_s)), len(self._shot) - 1)
        return int(self._shot[row])

    def _to_px(self, units: float) -> int:
        """A length in units of the pen as whole pixels, at least one."""
        return max(1, round(units * self._pen.unit_px))
