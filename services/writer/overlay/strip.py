"""Draws the strip with the score's curve over phases and repetitions. Pure."""

import cv2
import numpy as np

from services.writer.overlay.pen import FAINT, LEAST_CAPITAL_PX, PHASES, TEXT, Pen, colour_of, shade
from services.writer.overlay.text import Image, width_of, write
from shared.data.analysis import Lifter

#: Height of the strip, as a share of the picture's height, and at most of its width.
_SHARE, _SHARE_OF_WIDTH = 0.13, 0.18

#: How much of a phase's colour its stretch has.
_TINT = 0.38

#: Phases that have a stretch of their own.
_TINTED = ("pull", "lockout", "lower")


class Strip:
    """The score's curve up to now, over the whole clip's time axis."""

    def __init__(self, lifter: Lifter, pen: Pen, duration_s: float) -> None:
        self._pen = pen
        self._duration_s = max(duration_s, 1e-3)
        height = min(pen.height * _SHARE, pen.width * _SHARE_OF_WIDTH)
        self.height_px = min(pen.height, max(12, round(height)))
        self._ground = self._draw_ground(lifter)
        self._curve = self._draw_curve(lifter)
        self._mask: Image = np.asarray(self._curve.any(-1), np.uint8)

    def draw(self, image: Image, time_s: float) -> None:
        """Draw at the lower edge of a frame, in place."""
        strip = image[self._pen.height - self.height_px :]
        shade(strip)
        cv2.add(strip, self._ground, dst=strip)
        now = round(self._x_of(time_s))
        past = slice(0, now + 1)
        cv2.copyTo(self._curve[:, past], self._mask[:, past], strip[:, past])
        cv2.line(strip, (now, 0), (now, self.height_px), TEXT, max(1, round(self._pen.unit)))

    def _draw_ground(self, lifter: Lifter) -> Image:
        """The phases' stretches and the repetitions' numbers, on black, drawn once."""
        ground = np.zeros((self.height_px, self._pen.width, 3), np.uint8)
        frames = lifter.frames
        for frame, after in zip(frames, [*frames[1:], *frames[-1:]], strict=False):
            if frame.phase in _TINTED:
                left, right = round(self._x_of(frame.time_s)), round(self._x_of(after.time_s))
                tint = [round(_TINT * part) for part in PHASES[frame.phase]]
                ground[:, left : max(right, left + 1)] = tint
        capital = max(LEAST_CAPITAL_PX, round(0.75 * self._pen.capital_px))
        has_numbers = self.height_px >= 3 * capital and self._is_room(lifter, capital)
        for rep in lifter.reps:
            if not np.isfinite(rep.top_s):
                continue
            x = round(self._x_of(rep.top_s))
            tick = self.height_px // 8
            cv2.line(ground, (x, 0), (x, tick), FAINT, max(1, round(self._pen.unit)))
            if has_numbers:
                text = str(rep.index)
                left = x - width_of(text, capital) // 2
                write(ground, text, (left, self.height_px - capital // 3), capital, FAINT)
        return ground

    def _is_room(self, lifter: Lifter, capital: int) -> bool:
        """Whether the repetitions' numbers fit beside each other."""
        places = sorted(self._x_of(rep.top_s) for rep in lifter.reps if np.isfinite(rep.top_s))
        widest = width_of(str(len(lifter.reps)), capital) + capital // 2
        return not places or float(np.min(np.diff(places), initial=np.inf)) >= widest

    def _draw_curve(self, lifter: Lifter) -> Image:
        """The whole curve on black, drawn once."""
        curve = np.zeros((self.height_px, self._pen.width, 3), np.uint8)
        line = max(1, round(1.6 * self._pen.unit))
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
        return round(self.height_px * (0.9 - 0.8 * min(max(score, 0.0), 1.0)))
