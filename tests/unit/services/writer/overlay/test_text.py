import numpy as np
import pytest

from services.writer.overlay.text import fit_text, width_of, write

WHITE = (255, 255, 255)


@pytest.mark.parametrize("capital_px", [9, 14, 30, 60])
def test_a_capital_is_as_high_as_asked_and_stands_on_the_base_line(capital_px):
    image = np.zeros((200, 200, 3), np.uint8)
    write(image, "H", (50, 150), capital_px, WHITE)
    rows = np.flatnonzero(image.max((1, 2)) > 127)
    assert abs(np.ptp(rows) + 1 - capital_px) <= 1
    assert rows.max() in (149, 150)


def test_long_text_is_shortened_before_it_becomes_unreadable():
    text, capital_px = fit_text("stiff-legged start (hips too high)", 20, 100, min_capital_px=9)
    assert capital_px >= 9
    assert text.endswith("..")
    assert width_of(text, capital_px) <= 100
    needed = width_of("bent arms", 20)
    text, capital_px = fit_text("bent arms", 20, round(0.8 * needed), min_capital_px=9)
    assert text == "bent arms"
    assert 14 <= capital_px <= 16
    assert fit_text("short", 12, 500, min_capital_px=9) == ("short", 12)


def test_text_beyond_the_edge_is_cut_off_and_a_rim_is_dark():
    image = np.full((30, 30, 3), 120, np.uint8)
    write(image, "WWWW", (20, 20), 12, WHITE, rim=True)
    assert image.max() > 240
    assert image.min() < 30
    beyond = image.copy()
    write(beyond, "W", (40, 20), 12, WHITE)
    assert (beyond == image).all()
