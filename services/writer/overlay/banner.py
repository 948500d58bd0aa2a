"""Draws the names of the current faults. Pure."""

from collections.abc import Sequence

from services.writer.overlay.pen import MIN_CAPITAL_PX, TEXT, Pen
from services.writer.overlay.text import Colour, Image, fit_text, width_of, write
from shared.data.analysis import Fault, Lifter

#: Shortest time that a name is shown, in seconds. Chosen: a shorter time is too short to read it.
_MIN_SHOWN_S = 1.0

#: Most names shown at once. Chosen: more are not read in time, and hide the lifter.
_MAX_SHOWN = 2

#: Size of a name, in capital heights of the usual text, and height of its box, in its own.
_NAME_SIZE, _BOX_HEIGHT = 1.2, 2.2

_BACKGROUND: Colour = (40, 40, 190)


class Banner:
    """Draws the faults of all lifters below the panel."""

    def __init__(self, lifters: Sequence[Lifter], pen: Pen) -> None:
        self._pen = pen
        self._has_others = len(lifters) > 1
        self._faults = [
            (number, fault) for number, one in enumerate(lifters, start=1) for fault in one.faults
        ]

    def draw(self, image: Image, time_s: float, top_px: int) -> None:
        """Draw in place at the left edge, from `top_px` down.

        Only the picture's upper half is used: the lower one shows hands and feet.
        """
        capital = round(_NAME_SIZE * self._pen.capital_px)
        height, room = round(_BOX_HEIGHT * capital), self._pen.width_px - 3 * capital
        for number, fault in self._faults_at(time_s):
            bottom_px = top_px + height
            if bottom_px > self._pen.height_px // 2:
                return
            text, short = f"Rep {fault.rep}: {fault.name}", fault.name
            if self._has_others:
                text = f"Lifter {number}, rep {fault.rep}: {fault.name}"
                short = f"{number}: {fault.name}"
            if width_of(text, MIN_CAPITAL_PX) > room:
                text = short
            text, size = fit_text(text, capital, room, MIN_CAPITAL_PX)
            image[top_px:bottom_px, : width_of(text, size) + 2 * capital] = _BACKGROUND
            write(image, text, (capital, top_px + (height + size) // 2), size, TEXT)
            top_px = bottom_px + max(1, capital // 4)

    def _faults_at(self, time_s: float) -> list[tuple[int, Fault]]:
        """The most certain faults at a time, each with its lifter's number."""
        current = [
            (number, fault)
            for number, fault in self._faults
            if fault.from_s <= time_s <= max(fault.to_s, fault.from_s + _MIN_SHOWN_S)
        ]
        return sorted(current, key=lambda one: -one[1].confidence)[:_MAX_SHOWN]
