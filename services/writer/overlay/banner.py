"""Draws the names of the faults that hold now. Pure."""

from collections.abc import Sequence

from services.writer.overlay.pen import LEAST_CAPITAL_PX, TEXT, Pen
from services.writer.overlay.text import Colour, Image, fitted, width_of, write
from shared.data.analysis import Fault, Lifter

#: A name stays at least so long, seconds: less cannot be read.
_MIN_SHOWN_S = 1.0

#: More names at once are not read, and hide the lifter.
_AT_ONCE = 2

_GROUND: Colour = (40, 40, 190)


class Banner:
    """Draws the faults of all lifters below the panel."""

    def __init__(self, lifters: Sequence[Lifter], pen: Pen) -> None:
        self._pen = pen
        self._has_others = len(lifters) > 1
        self._faults = [
            (number, fault) for number, one in enumerate(lifters, start=1) for fault in one.faults
        ]

    def draw(self, image: Image, time_s: float, top: int) -> None:
        """Draw in place at the left edge, from `top` down: hands and feet are never there."""
        capital = round(1.2 * self._pen.capital_px)
        high, room = round(2.2 * capital), self._pen.width - 3 * capital
        for number, fault in self._at(time_s):
            if top + high > self._pen.height // 2:
                return
            text, short = f"Rep {fault.rep}: {fault.name}", fault.name
            if self._has_others:
                text = f"Lifter {number}, rep {fault.rep}: {fault.name}"
                short = f"{number}: {fault.name}"
            if width_of(text, LEAST_CAPITAL_PX) > room:
                text = short
            text, size = fitted(text, capital, room, LEAST_CAPITAL_PX)
            image[top : top + high, : width_of(text, size) + 2 * capital] = _GROUND
            write(image, text, (capital, top + (high + size) // 2), size, TEXT)
            top += high + max(1, capital // 4)

    def _at(self, time_s: float) -> list[tuple[int, Fault]]:
        """The surest faults that hold now, each with its lifter's number."""
        now = [
            (number, fault)
            for number, fault in self._faults
            if fault.from_s <= time_s <= max(fault.to_s, fault.from_s + _MIN_SHOWN_S)
        ]
        return sorted(now, key=lambda one: -one[1].confidence)[:_AT_ONCE]
