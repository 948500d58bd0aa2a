"""The score curve's geometry, for the template to draw as SVG. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from shared.messages import LifterFrame, Rep

#: The drawing area in SVG user units; the picture scales with the page.
WIDTH, HEIGHT = 480.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 18.0, 18.0, 26.0

#: More points than this cannot be told apart on a screen.
_MAX_POINTS = 900

#: Steps between time ticks, seconds; the first that gives at most six ticks is taken.
_TICK_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)

#: Phases that are shaded.
_SHADED = ("pull", "lockout", "lower")


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the curve: its place, and what it stands for."""

    x: float
    y: float
    time_s: float
    score: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Stretches of the curve (broken where nothing was scored), ticks, phases and repetitions.

    bands: left, width and phase. reps: place of each lockout and its number.
    """

    lines: list[list[Point]]
    time_ticks: list[tuple[float, str]]
    score_ticks: list[tuple[float, str]]
    bands: list[tuple[float, float, str]] = field(default_factory=list)
    reps: list[tuple[float, int]] = field(default_factory=list)
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM


def score_chart(frames: Sequence[LifterFrame], reps: Sequence[Rep], duration_s: float) -> Chart:
    """Lay out the scores of a lifter's frames over a clip's duration."""
    duration_s = max(duration_s, 1e-3)

    def x_of(time_s: float) -> float:
        share = min(max(time_s / duration_s, 0.0), 1.0)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y_of(score: float) -> float:
        return round(TOP + (1 - score) * (HEIGHT - TOP - BOTTOM), 1)

    lines: list[list[Point]] = [[]]
    for frame in frames[:: -(-len(frames) // _MAX_POINTS) or 1]:
        if np.isfinite(frame.score):
            x, y = x_of(frame.time_s), y_of(frame.score)
            lines[-1].append(Point(x, y, frame.time_s, frame.score))
        elif lines[-1]:
            lines.append([])
    step_s = next((s for s in _TICK_STEPS_S if duration_s / s <= 6), duration_s)
    ticks = [i * step_s for i in range(int(duration_s / step_s) + 1)]
    return Chart(
        lines=[line for line in lines if line],
        time_ticks=[(x_of(time_s), f"{time_s:g} s") for time_s in ticks],
        score_ticks=[(y_of(level), f"{level:.1f}") for level in (0.0, 0.5, 1.0)],
        bands=[
            (x_of(from_s), round(x_of(to_s) - x_of(from_s), 1), phase)
            for from_s, to_s, phase in _stretches(frames)
            if phase in _SHADED
        ],
        reps=[(x_of(rep.top_s), rep.index) for rep in reps],
    )


def _stretches(frames: Sequence[LifterFrame]) -> list[tuple[float, float, str]]:
    """Stretches of one phase: from, to, phase."""
    stretches: list[tuple[float, float, str]] = []
    for frame in frames:
        if stretches and stretches[-1][2] == frame.phase:
            stretches[-1] = (stretches[-1][0], frame.time_s, frame.phase)
        else:
            if stretches:
                stretches[-1] = (stretches[-1][0], frame.time_s, stretches[-1][2])
            stretches.append((frame.time_s, frame.time_s, frame.phase))
    return stretches
