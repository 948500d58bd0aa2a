"""The score curve's geometry, for the template to draw as SVG. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: The drawing area in SVG user units; the picture scales with the page.
WIDTH, HEIGHT = 480.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 18.0, 10.0, 26.0

#: More points than this cannot be told apart on a screen.
_MAX_POINTS = 900

#: Steps between time ticks, seconds; the first that gives at most six ticks is taken.
_TICK_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the curve: its place, and what it stands for."""

    x: float
    y: float
    time_s: float
    score: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Stretches of the curve (broken where nothing was scored) and the ticks of both axes."""

    lines: list[list[Point]]
    time_ticks: list[tuple[float, str]]
    score_ticks: list[tuple[float, str]]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM


def score_chart(scores: Sequence[tuple[float, float]], duration_s: float) -> Chart:
    """Lay out a curve of (time in seconds, score 0..1 or NaN) over a clip's duration."""
    duration_s = max(duration_s, 1e-3)

    def x_of(time_s: float) -> float:
        share = min(max(time_s / duration_s, 0.0), 1.0)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y_of(score: float) -> float:
        return round(TOP + (1 - score) * (HEIGHT - TOP - BOTTOM), 1)

    lines: list[list[Point]] = [[]]
    for time_s, score in scores[:: -(-len(scores) // _MAX_POINTS) or 1]:
        if np.isfinite(score):
            lines[-1].append(Point(x_of(time_s), y_of(score), time_s, score))
        elif lines[-1]:
            lines.append([])
    step_s = next((s for s in _TICK_STEPS_S if duration_s / s <= 6), duration_s)
    ticks = [i * step_s for i in range(int(duration_s / step_s) + 1)]
    return Chart(
        lines=[line for line in lines if line],
        time_ticks=[(x_of(time_s), f"{time_s:g} s") for time_s in ticks],
        score_ticks=[(y_of(level), f"{level:.1f}") for level in (0.0, 0.5, 1.0)],
    )
