"""Draws the bar's path: the repetition under way, and faintly the ones before it. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

from services.writer.overlay.pen import DARK, Pen
from services.writer.overlay.text import Colour, Image
from shared.data.analysis import Lifter

_UP: Colour = (80, 220, 255)
_DOWN: Colour = (60, 140, 190)
_EARLIER: Colour = (150, 170, 175)

#: Earlier repetitions that are still shown: more hide the lifter.
_KEPT = 2

#: Bits behind the point of OpenCV's coordinates.
_SHIFT = 4

Path = NDArray[np.int32]


class BarDrawing:
    """Draws one lifter's bar on the frames of a clip."""

    def __init__(self, lifter: Lifter, pen: Pen) -> None:
        self._pen = pen
        self._reps = lifter.reps
        frames = lifter.frames
        bar = np.array([frame.bar_px for frame in frames], np.float64).reshape(-1, 2)
        known = np.isfinite(bar).all(-1)
        far = 4 * max(pen.width, pen.height)
        self._path = np.round(np.clip(bar[known], -far, far) * 2**_SHIFT).astype(np.int32)
        self._time_s = np.array([frame.time_s for frame in frames])[known]
        self._shot = np.array([frame.shot for frame in frames])[known]

    def draw(self, image: Image, time_s: float) -> None:
        """Draw the path up to a time, in place."""
        begun = [rep for rep in self._reps if rep.start_s <= time_s]
        if not begun or not len(self._path):
            return
        now = max(0, int(np.searchsorted(self._time_s, time_s, "right")) - 1)
        rep = begun[-1]
        for earlier in begun[-1 - _KEPT : -1]:
            way = self._between(earlier.start_s, earlier.top_s, now)
            cv2.polylines(image, [way], False, _EARLIER, self._thick(0.8), cv2.LINE_AA, _SHIFT)
        top_s = rep.top_s if np.isfinite(rep.top_s) else rep.end_s
        end_s = rep.end_s if np.isfinite(rep.end_s) else top_s
        for way, colour in (
            (self._between(top_s, min(time_s, end_s), now), _DOWN),
            (self._between(rep.start_s, min(time_s, top_s), now), _UP),
        ):
            thick = self._thick(1.8)
            cv2.polylines(image, [way], False, DARK, thick + 2, cv2.LINE_AA, _SHIFT)
            cv2.polylines(image, [way], False, colour, thick, cv2.LINE_AA, _SHIFT)
        if time_s <= end_s and self._shot[now] == self._shot_at(rep.start_s):
            x, y = (int(v) for v in self._path[now])
            radius = self._thick(2.2) << _SHIFT
            cv2.circle(image, (x, y), radius, DARK, 2, cv2.LINE_AA, _SHIFT)
            cv2.circle(image, (x, y), radius, _UP, -1, cv2.LINE_AA, _SHIFT)

    def _between(self, from_s: float, to_s: float, now: int) -> Path:
        """The path in a stretch of time, as far as it is of the film that now runs: (n, 1, 2)."""
        rows = (self._time_s >= from_s) & (self._time_s <= to_s)
        rows &= self._shot == self._shot[now]
        return np.asarray(self._path[rows].reshape(-1, 1, 2))

    def _shot_at(self, time_s: float) -> int:
        place = min(int(np.searchsorted(self._time_s, time_s)), len(self._shot) - 1)
        return int(self._shot[place])

    def _thick(self, units: float) -> int:
        return max(1, round(units * self._pen.unit))
