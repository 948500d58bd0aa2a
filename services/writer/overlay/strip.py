"""Draws the strip with the score's curve over phases and repetitions. Pure."""

import cv2
import numpy as np

from services.writer.overlay.pen import FAINT, Image, Pen, colour_of, shade
from shared.messages import LifterAnalysis

#: Height of the strip, as a share of the picture's.
_SHARE = 0.13

#: Phase → what is added to the strip's brightness, BGR.
_PHASES = {"pull": (40, 34, 10), "lockout": (16, 44, 16), "lower": (10, 24, 44)}


class Strip:
    """The score's curve up to now, over the whole clip's time axis."""

    def __init__(self, lifter: LifterAnalysis, pen: Pen, duration_s: float) -> None:
        self._pen = pen
        self._duration_s = max(duration_s, 1e-3)
        self.height_px = max(12, round(pen.height * _SHARE))
        self._phases = self._draw_phases(lifter)
        self._curve = self._draw_curve(lifter)
        self._mask: Image = np.asarray(self._curve.any(-1), np.uint8)

    def draw(self, image: Image, time_s: float) -> None:
        """Draw at the lower edge of a frame, in place."""
        strip = image[self._pen.height - self.height_px :]
        shade(strip)
        cv2.add(strip, self._phases, dst=strip)
        now = round(self._x_of(time_s))
        past = slice(0, now + 1)
        cv2.copyTo(self._curve[:, past], self._mask[:, past], strip[:, past])
        cv2.line(strip, (now, 0), (now, self.height_px), FAINT, max(1, round(self._pen.unit)))

    def _draw_phases(self, lifter: LifterAnalysis) -> Image:
        """Shades of the phases and a tick at each lockout, drawn once."""
        layer = np.zeros((self.height_px, self._pen.width, 3), np.uint8)
        frames = lifter.frames
        for frame, after in zip(frames, [*frames[1:], *frames[-1:]], strict=False):
            if frame.phase in _PHASES:
                left, right = round(self._x_of(frame.time_s)), round(self._x_of(after.time_s))
                layer[:, left : max(right, left + 1)] = _PHASES[frame.phase]
        for rep in lifter.reps:
            x = round(self._x_of(rep.top_s))
            cv2.line(layer, (x, 0), (x, self.height_px // 6), FAINT, max(1, round(self._pen.unit)))
        return layer

    def _draw_curve(self, lifter: LifterAnalysis) -> Image:
        """The whole curve on black, drawn once."""
        curve = np.zeros((self.height_px, self._pen.width, 3), np.uint8)
        line = max(1, round(1.5 * self._pen.unit))
        for level in (0.0, 0.5, 1.0):
            y = self._y_of(level)
            cv2.line(curve, (0, y), (self._pen.width, y), (90, 90, 90), 1)
        before = None
        for frame in lifter.frames:
            point = None
            if np.isfinite(frame.score):
                point = (round(self._x_of(frame.time_s)), self._y_of(frame.score))
                cv2.line(curve, before or point, point, colour_of(frame.score), line, cv2.LINE_AA)
            before = point
        return curve

    def _x_of(self, time_s: float) -> float:
        return float(np.clip(time_s / self._duration_s, 0, 1) * (self._pen.width - 1))

    def _y_of(self, score: float) -> int:
        return round(self.height_px * (0.9 - 0.8 * score))
