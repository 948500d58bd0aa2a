"""Draws the panel: repetition, phase and time, and inside a repetition the score. Pure."""

from typing import NamedTuple

import numpy as np

from services.writer.overlay.frame import OverlayFrame
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

#: Size of the score and of the time, in capital heights of the usual text.
_SCORE_SIZE, _TIME_SIZE = 2.5, 0.75

#: Margin around text, in capital heights.
_MARGIN = 0.8

#: Largest height of the panel, and of a panel with the time, as fractions of the picture's height.
_MAX_HEIGHT, _MAX_HEIGHT_WITH_TIME = 1 / 2, 1 / 4

#: What is written in place of a phase.
_NOBODY, _COVERED = "can't see you", "covered"


class _Line(NamedTuple):
    """A line of text; places in pixels from the panel's upper left corner."""

    text: str
    left_px: int
    base_px: int
    capital_px: int
    colour: Colour


class Panel:
    """Draws in the upper left corner of a clip's frames.

    Text keeps a readable size. In pictures too small for everything, the time is dropped first,
    then repetition and phase.
    """

    def __init__(self, lifter: Lifter, pen: Pen, with_time: bool) -> None:
        self._pen = pen
        self._reps = lifter.reps
        capital = pen.capital_px
        self._margin_px, self._score_px = round(_MARGIN * capital), round(_SCORE_SIZE * capital)
        self._words_left_px = self._margin_px * 2 + width_of("0.00", self._score_px)
        words = (*PHASES, self._name_rep(len(self._reps)), _NOBODY, _COVERED)
        words_px = max(width_of(word, capital) for word in words)
        full_px = self._words_left_px + words_px + self._margin_px
        self._has_words = full_px <= pen.width_px
        self._width_px = full_px if self._has_words else self._words_left_px
        self._time_px = max(MIN_CAPITAL_PX, round(_TIME_SIZE * capital))
        self._height_px = self._score_px + 2 * self._margin_px
        with_time_px = self._height_px + self._time_px + self._margin_px
        is_low = with_time_px < _MAX_HEIGHT_WITH_TIME * pen.height_px
        self._has_time = with_time and self._has_words and is_low
        self._height_px = with_time_px if self._has_time else self._height_px
        self._fits = (
            self._width_px <= pen.width_px and self._height_px <= _MAX_HEIGHT * pen.height_px
        )
        #: Height of what is drawn, in pixels; 0 where nothing is.
        self.bottom_px = self._height_px if self._fits else 0

    def draw(self, image: Image, time_s: float, frame: OverlayFrame) -> None:
        """Draw in place.

        Args:
            image: uint8 (height, width, 3), BGR.
            time_s: time of the frame.
            frame: the lifter at that time.
        """
        if not self._fits:
            return
        shade(image[: self._height_px, : self._width_px])
        for line in self._lines(time_s, frame):
            write(image, line.text, (line.left_px, line.base_px), line.capital_px, line.colour)

    def _lines(self, time_s: float, frame: OverlayFrame) -> list[_Line]:
        lifter, margin = frame.lifter, self._margin_px
        base = margin + self._score_px
        lines = []
        if lifter is not None and np.isfinite(lifter.score):  # only inside repetitions
            colour = colour_of(find_rep(self._reps, time_s))
            lines.append(_Line(f"{lifter.score:.2f}", margin, base, self._score_px, colour))
        if self._has_words:
            capital, left = self._pen.capital_px, self._words_left_px
            started = sum(rep.start_s <= time_s for rep in self._reps)
            lines.append(_Line(self._name_rep(started), left, margin + capital, capital, TEXT))
            state, colour = _describe_state(frame)
            lines.append(_Line(state, left, base, capital, colour))
        if self._has_time:
            text = f"{time_s:.2f} s"
            lines.append(_Line(text, margin, self._height_px - margin, self._time_px, FAINT))
        return [line for line in lines if line.text]

    def _name_rep(self, started: int) -> str:
        if not self._reps:
            return "no reps"
        return f"rep {started}" if started else ""


def _describe_state(frame: OverlayFrame) -> tuple[str, Colour]:
    """The phase, or why there is none, and its colour."""
    lifter = frame.lifter
    if lifter is None or lifter.person is None and not np.isfinite(lifter.xy_px).any():
        return ("" if frame.is_interpolated else _NOBODY), FAINT
    if lifter.covered:
        return _COVERED, FAINT
    return (lifter.phase or ""), PHASES.get(lifter.phase or "", TEXT)
