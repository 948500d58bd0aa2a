"""Draws why nothing was scored, instead of panel and strip. Pure."""

from services.writer.overlay.pen import TEXT, Pen, shade
from services.writer.overlay.text import Image, width_of, write

#: Margin around the text, and height of a line, in capital heights. Chosen: as in the panel.
_MARGIN, _LINE_HEIGHT = 0.8, 1.8


class Notice:
    """Draws a sentence at the upper edge of a clip's frames, on as many lines as it needs."""

    def __init__(self, text: str, pen: Pen) -> None:
        self._capital_px = pen.capital_px
        self._margin_px = round(_MARGIN * pen.capital_px)
        self._lines = _wrap(
            text[:1].upper() + text[1:], pen.capital_px, pen.width_px - 2 * self._margin_px
        )

    def draw(self, image: Image) -> None:
        """Draw in place on a BGR image, uint8 (height, width, 3)."""
        margin, step = self._margin_px, round(_LINE_HEIGHT * self._capital_px)
        shade(image[: 2 * margin + self._capital_px + step * (len(self._lines) - 1)])
        for number, line in enumerate(self._lines):
            base_px = margin + self._capital_px + step * number
            write(image, line, (margin, base_px), self._capital_px, TEXT)


def _wrap(text: str, capital_px: int, width_px: int) -> list[str]:
    """A text as lines no wider than this, broken between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, capital_px) <= width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
