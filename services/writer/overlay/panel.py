"""Draws the panel: score, repetition, phase and time. Pure."""

import numpy as np

from services.writer.overlay.pen import FAINT, LEAST_CAPITAL_PX, PHASES, TEXT, Pen, colour_of, shade
from services.writer.overlay.text import Colour, Image, width_of, write
from shared.data.analysis import Lifter, LifterFrame

#: Height of the score against the other text.
_SCORE = 2.5

#: Room around text, in heights of a capital.
_ROOM = 0.8

#: What stands instead of a phase.
_NOBODY, _SKIPPED, _UNSURE = "no lifter", "not analysed", "too little seen"

#: A written line: text, left end and base line from the panel's corner, height, colour.
Line = tuple[str, int, int, int, Colour]


class Panel:
    """Draws in the upper left corner of a clip's frames.

    Where the picture is too small for all, time goes first, then repetition and phase: what is
    written can always be read.
    """

    def __init__(self, lifter: Lifter, pen: Pen, with_time: bool) -> None:
        self._pen = pen
        self._reps = lifter.reps
        capital = pen.capital_px
        self._room, self._big = round(_ROOM * capital), round(_SCORE * capital)
        self._second = self._room * 2 + width_of("0.00", self._big)
        words = (*PHASES, self._counter(len(self._reps)), _NOBODY, _SKIPPED)
        wide = self._second + max(width_of(word, capital) for word in words) + self._room
        self._has_words = wide <= pen.width
        self._width = wide if self._has_words else self._second
        self._small = max(LEAST_CAPITAL_PX, round(0.75 * capital))
        time_px = self._small + self._room
        self._height = self._big + 2 * self._room
        self._has_time = with_time and self._has_words and self._height + time_px < pen.height / 4
        self._height += time_px if self._has_time else 0
        self._fits = self._width <= pen.width and self._height <= pen.height / 2
        self.bottom_px = self._height if self._fits else 0

    def draw(self, image: Image, time_s: float, frame: LifterFrame | None, guessed: bool) -> None:
        """Draw in place.

        Args:
            image: uint8 (height, width, 3), BGR.
            time_s: of the frame.
            frame: the lifter, None where nothing is known.
            guessed: whether that was interpolated.
        """
        if not self._fits:
            return
        shade(image[: self._height, : self._width])
        for text, left, base, capital, colour in self._lines(time_s, frame, guessed):
            write(image, text, (left, base), capital, colour)

    def _lines(self, time_s: float, frame: LifterFrame | None, guessed: bool) -> list[Line]:
        score = float("nan") if frame is None else frame.score
        number = f"{score:.2f}" if np.isfinite(score) else "--"
        base = self._room + self._big
        lines: list[Line] = [(number, self._room, base, self._big, colour_of(score))]
        if self._has_words:
            capital = self._pen.capital_px
            begun = sum(rep.start_s <= time_s for rep in self._reps)
            upper = self._room + capital
            lines.append((self._counter(begun), self._second, upper, capital, TEXT))
            word, colour = _state(frame, guessed)
            lines.append((word, self._second, base, capital, colour))
        if self._has_time:
            # An interpolated frame took no time of its own.
            took = "" if frame is None or guessed else f"  pose {frame.pose_ms:.0f} ms"
            low = self._height - self._room
            lines.append((f"{time_s:.2f} s{took}", self._room, low, self._small, FAINT))
        return lines

    def _counter(self, begun: int) -> str:
        return f"rep {begun}/{len(self._reps)}" if self._reps else "no reps"


def _state(frame: LifterFrame | None, guessed: bool) -> tuple[str, Colour]:
    """The phase, or why there is none."""
    if frame is None or frame.person is None and not np.isfinite(frame.xy_px).any():
        return (_SKIPPED if guessed else _NOBODY), FAINT
    if frame.phase:
        return frame.phase, PHASES.get(frame.phase, TEXT)
    return ("" if np.isfinite(frame.score) else _UNSURE), FAINT
