"""Geometry of the curve of scores and the bars of velocities, for the template. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from shared.data.analysis import BarScale, LengthUnit, LifterFrame, Phase, Rep

#: The drawing area in SVG user units; the picture scales with the page.
WIDTH, HEIGHT = 480.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 18.0, 22.0, 26.0

#: Height of a repetition's row among the velocities, and room for its number and its value.
ROW, _NUMBER, _VALUE = 27.0, 30.0, 128.0

#: More points than this cannot be told apart on a screen.
_MAX_POINTS = 600

#: Steps between time ticks, seconds; the first that gives at most six ticks is taken.
_TICK_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)

#: Room that a repetition's number takes.
_LABEL = 22.0

#: Phases that are shaded.
_SHADED = (Phase.PULL, Phase.LOCKOUT, Phase.LOWER)


@dataclass(frozen=True, slots=True)
class Chart:
    """Stretches of the curve (broken where nothing was scored), ticks, phases and repetitions.

    lines: points of an SVG polyline each. bands: left, width and phase. reps: place of
    each lockout and its number.
    """

    lines: list[str]
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

    lines: list[list[str]] = [[]]
    for frame in frames[:: -(-len(frames) // _MAX_POINTS) or 1]:
        if np.isfinite(frame.score):
            lines[-1].append(f"{x_of(frame.time_s)},{y_of(frame.score)}")
        elif lines[-1]:
            lines.append([])
    step_s = next((s for s in _TICK_STEPS_S if duration_s / s <= 6), duration_s)
    ticks = [i * step_s for i in range(int(duration_s / step_s) + 1)]
    return Chart(
        lines=[" ".join(line) for line in lines if line],
        time_ticks=[(x_of(time_s), f"{time_s:g} s") for time_s in ticks],
        score_ticks=[(y_of(level), f"{level:.1f}") for level in (0.0, 0.5, 1.0)],
        bands=[
            (x_of(from_s), round(x_of(to_s) - x_of(from_s), 1), phase)
            for from_s, to_s, phase in _stretches(frames)
            if phase in _SHADED
        ],
        reps=_told_apart([(x_of(rep.top_s), rep.index) for rep in reps if np.isfinite(rep.top_s)]),
    )


@dataclass(frozen=True, slots=True)
class VelocityBar:
    """One repetition's mean velocity: where its bar ends, and the interval around that.

    partial: the clip does not show all of the repetition, nor perhaps of its way up.
    """

    rep: int
    y: float
    end: float
    low: float
    high: float
    text: str
    partial: bool = False


@dataclass(frozen=True, slots=True)
class VelocityChart:
    """Bars of velocities below each other, from `left` to the right."""

    bars: list[VelocityBar]
    height: float
    width: float = WIDTH
    left: float = _NUMBER


def velocity_chart(reps: Sequence[Rep], bar: BarScale) -> VelocityChart:
    """Lay out the mean velocities of a set's repetitions, those that are known."""
    known = [rep for rep in reps if np.isfinite(rep.mean_velocity)]
    in_m = bar.unit is LengthUnit.METRE
    low, high = (bar.px_per_unit / side if in_m else 1.0 for side in (bar.high, bar.low))
    fastest = max((rep.mean_velocity * high for rep in known), default=1.0)
    scale = (WIDTH - _NUMBER - _VALUE) / max(fastest, 1e-6)
    bars = []
    for place, rep in enumerate(known):
        value = rep.mean_velocity
        text = f"{value:.2f} m/s" if in_m else f"{value:.2f} trunks/s"
        end, least, most = (
            round(_NUMBER + scale * max(0.0, value * side), 1) for side in (1.0, low, high)
        )
        bars.append(VelocityBar(rep.index, ROW * place, end, least, most, text, bool(rep.partial)))
    return VelocityChart(bars, ROW * max(1, len(bars)))


def _told_apart(labels: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """Those labels that do not stand on the one before."""
    kept: list[tuple[float, int]] = []
    for x, number in labels:
        if not kept or x - kept[-1][0] >= _LABEL:
            kept.append((x, number))
    return kept


def _stretches(frames: Sequence[LifterFrame]) -> list[tuple[float, float, Phase | None]]:
    """Stretches of one phase: from, to, phase."""
    stretches: list[tuple[float, float, Phase | None]] = []
    for frame in frames:
        if stretches and stretches[-1][2] == frame.phase:
            stretches[-1] = (stretches[-1][0], frame.time_s, frame.phase)
        else:
            if stretches:
                stretches[-1] = (stretches[-1][0], frame.time_s, stretches[-1][2])
            stretches.append((frame.time_s, frame.time_s, frame.phase))
    return stretches
