"""Draws the strip with the score's curve over phases and repetitions. Pure."""

import cv2
import numpy as np

from services.writer.overlay.pen import (
    FAINT,
    MIN_CAPITAL_PX,
    PHASES,
    TEXT,
    Pen,
    colour_of,
    find_rep,
    shade,
)
from services.writer.overlay.text import Colour, Image, width_of, write
from shared.data.analysis import Lifter

#: Height of the strip, as a fraction of the picture's height, and at most of its width.
_HEIGHT_FRACTION, _MAX_HEIGHT_PER_WIDTH = 0.13, 0.18

#: Smallest height of the strip, in pixels.
_MIN_HEIGHT_PX = 12

#: Brightness of a phase's background, as a fraction of the phase's colour.
_TINT_BRIGHTNESS = 0.38

#: Phases with a background.
_TINTED = ("pull", "lockout", "lower")

#: Heights of score 0 and of the range from 0 to 1, as fractions of the strip's height.
_ZERO_FRACTION, _RANGE_FRACTION = 0.9, 0.8

#: Colour of the lines at scores 0, 0.5 and 1.
_GRID: Colour = (90, 90, 90)

#: Width of the curve, in units of the pen.
_CURVE_WIDTH = 1.6


class Strip:
    """The score's curve up to now, over the whole clip's time axis."""

    def __init__(self, lifter: Lifter, pen: Pen, duration_s: float) -> None:
        self._pen = pen
        self._duration_s = max(duration_s, 1e-3)
        height = min(pen.height_px * _HEIGHT_FRACTION, pen.width_px * _MAX_HEIGHT_PER_WIDTH)
        self.height_px = min(pen.height_px, max(_MIN_HEIGHT_PX, round(height)))
        self._background = self._draw_background(lifter)
        self._curve = self._draw_curve(lifter)
        self._mask: Image = np.asarray(self._curve.any(-1), np.uint8)

    def draw(self, image: Image, time_s: float) -> None:
        """Draw at the lower edge of a frame, in place."""
        strip = image[self._pen.height_px - self.height_px :]
        shade(strip)
        cv2.add(strip, self._background, dst=strip)
        x = round(self._x_of(time_s))
        past = slice(0, x + 1)
        cv2.copyTo(self._curve[:, past], self._mask[:, past], strip[:, past])
        cv2.line(strip, (x, 0), (x, self.height_px), TEXT, max(1, round(self._pen.unit_px)))

    def _draw_background(self, lifter: Lifter) -> Image:
        """Phases and numbers of repetitions on black; the same for all frames."""
        background = np.zeros((self.height_px, self._pen.width_px, 3), np.uint8)
        frames = lifter.frames
        for frame, following in zip(frames, [*frames[1:], *frames[-1:]], strict=False):
            if frame.phase in _TINTED:
                left, right = round(self._x_of(frame.time_s)), round(self._x_of(following.time_s))
                tint = [round(_TINT_BRIGHTNESS * part) for part in PHASES[frame.phase]]
                background[:, left : max(right, left + 1)] = tint
        capital = max(MIN_CAPITAL_PX, round(0.75 * self._pen.capital_px))
        has_numbers = self.height_px >= 3 * capital and self._has_room_for_numbers(lifter, capital)
        for rep in lifter.reps:
            if not np.isfinite(rep.top_s):
                continue
            x = round(self._x_of(rep.top_s))
            tick = self.height_px // 8
            cv2.line(background, (x, 0), (x, tick), FAINT, max(1, round(self._pen.unit_px)))
            if has_numbers:
                text = str(rep.index)
                left = x - width_of(text, capital) // 2
                write(background, text, (left, self.height_px - capital // 3), capital, FAINT)
        return background

    def _has_room_for_numbers(self, lifter: Lifter, capital: int) -> bool:
        """Whether the repetitions' numbers fit beside each other."""
        x = sorted(self._x_of(rep.top_s) for rep in lifter.reps if np.isfinite(rep.top_s))
        needed = width_of(str(len(lifter.reps)), capital) + capital // 2
        return not x or float(np.min(np.diff(x), initial=np.inf)) >= needed

    def _draw_curve(self, lifter: Lifter) -> Image:
        """The whole curve on black; the same for all frames."""
        curve = np.zeros((self.height_px, self._pen.width_px, 3), np.uint8)
        line_px = max(1, round(_CURVE_WIDTH * self._pen.unit_px))
        for score in (0.0, 0.5, 1.0):
            y = self._y_of(score)
            cv2.line(curve, (0, y), (self._pen.width_px, y), _GRID, 1)
        previous = None
        for frame in lifter.frames:
            point = None
            if np.isfinite(frame.score):
                point = (round(self._x_of(frame.time_s)), self._y_of(frame.score))
                colour = colour_of(find_rep(lifter.reps, frame.time_s))
                cv2.line(curve, previous or point, point, colour, line_px, cv2.LINE_AA)
            previous = point
        return curve

    def _x_of(self, time_s: float) -> float:
        return float(np.clip(time_s / self._duration_s, 0, 1) * (self._pen.width_px - 1))

    def _y_of(self, score: float) -> int:
        in_range = min(max(score, 0.0), 1.0)
        return round(self.height_px * (_ZERO_FRACTION - _RANGE_FRACTION * in_range))
