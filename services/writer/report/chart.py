"""Geometry of the curve of scores and of the bars of velocities, for the template. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from shared.data.analysis import BarScale, LengthUnit, LifterFrame, Phase, Rep
from shared.data.anthropometry import USUAL_TRUNK_M

#: Size and margins of the drawing area, in SVG user units; the picture scales with the page.
WIDTH, HEIGHT = 480.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 18.0, 22.0, 26.0

#: Height of a row of the velocities, and widths left for a rep's number and for its value.
_ROW_HEIGHT, _NUMBER_WIDTH, _VALUE_WIDTH = 27.0, 30.0, 150.0

#: Most points of a curve. Chosen: more cannot be distinguished on a screen.
_MAX_POINTS = 600

#: Steps between time ticks, in seconds; the first that gives at most `_MAX_TICKS` is used.
_TICK_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
_MAX_TICKS = 6

#: Least distance between the numbers of two repetitions.
_LABEL_WIDTH = 22.0

#: Phases that are shaded.
_SHADED = (Phase.PULL, Phase.LOCKOUT, Phase.LOWER)


@dataclass(frozen=True, slots=True)
class Chart:
    """The curve of scores, in SVG user units.

    Attributes:
        lines: points of an SVG polyline for each part of the curve, which breaks at unscored
            frames.
        time_ticks: x and label of each tick.
        score_ticks: y and label of each tick.
        bands: left edge, width and phase of each shaded band.
        reps: x of each lockout, and the repetition's number.
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


def chart_scores(frames: Sequence[LifterFrame], reps: Sequence[Rep], duration_s: float) -> Chart:
    """Lay out the scores of a lifter's frames over a clip's duration."""
    duration_s = max(duration_s, 1e-3)

    def x_of(time_s: float) -> float:
        clip_fraction = min(max(time_s / duration_s, 0.0), 1.0)
        return round(LEFT + clip_fraction * (WIDTH - LEFT - RIGHT), 1)

    def y_of(score: float) -> float:
        return round(TOP + (1 - score) * (HEIGHT - TOP - BOTTOM), 1)

    lines: list[list[str]] = [[]]
    for frame in frames[:: -(-len(frames) // _MAX_POINTS) or 1]:
        if np.isfinite(frame.score):
            lines[-1].append(f"{x_of(frame.time_s)},{y_of(frame.score)}")
        elif lines[-1]:
            lines.append([])
    step_s = next((s for s in _TICK_STEPS_S if duration_s / s <= _MAX_TICKS), duration_s)
    ticks_s = [i * step_s for i in range(int(duration_s / step_s) + 1)]
    lockouts = [(x_of(rep.top_s), rep.index) for rep in reps if np.isfinite(rep.top_s)]
    return Chart(
        lines=[" ".join(line) for line in lines if line],
        time_ticks=[(x_of(time_s), f"{time_s:g} s") for time_s in ticks_s],
        score_ticks=[(y_of(score), f"{score:.1f}") for score in (0.0, 0.5, 1.0)],
        bands=[
            (x_of(from_s), round(x_of(to_s) - x_of(from_s), 1), phase)
            for from_s, to_s, phase in _find_phases(frames)
            if phase in _SHADED
        ],
        reps=_drop_overlapping(lockouts),
    )


@dataclass(frozen=True, slots=True)
class VelocityBar:
    """One repetition's mean velocity, in SVG user units.

    Attributes:
        rep: the repetition's number.
        y: upper edge of its row.
        end: right end of the bar.
        low: left end of the interval.
        high: right end of the interval.
        text: the value with its unit.
        partial: whether the clip shows only a part of the repetition.
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
    left: float = _NUMBER_WIDTH


def chart_velocities(reps: Sequence[Rep], bar: BarScale) -> VelocityChart:
    """Lay out the mean velocities of a set's repetitions; those that are unknown are left out.

    Without a scale they are those of a usual trunk, and "about".
    """
    is_metric = bar.unit is LengthUnit.METRE
    unit_m = 1.0 if is_metric else USUAL_TRUNK_M
    known = [rep for rep in reps if np.isfinite(rep.mean_velocity)]
    low, high = (
        bar.px_per_unit / px_per_unit if is_metric else 1.0 for px_per_unit in (bar.high, bar.low)
    )
    fastest = max((unit_m * rep.mean_velocity * high for rep in known), default=1.0)
    scale = (WIDTH - _NUMBER_WIDTH - _VALUE_WIDTH) / max(fastest, 1e-6)
    bars = []
    for row, rep in enumerate(known):
        velocity = unit_m * rep.mean_velocity
        end, low_end, high_end = (
            round(_NUMBER_WIDTH + scale * max(0.0, velocity * factor), 1)
            for factor in (1.0, low, high)
        )
        bars.append(
            VelocityBar(
                rep=rep.index,
                y=_ROW_HEIGHT * row,
                end=end,
                low=low_end,
                high=high_end,
                text=f"{'' if is_metric else 'about '}{velocity:.2f} m/s",
                partial=bool(rep.partial),
            )
        )
    return VelocityChart(bars, _ROW_HEIGHT * max(1, len(bars)))


def _drop_overlapping(labels: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """The labels, x and number, that do not overlap the one before."""
    kept: list[tuple[float, int]] = []
    for x, number in labels:
        if not kept or x - kept[-1][0] >= _LABEL_WIDTH:
            kept.append((x, number))
    return kept


def _find_phases(frames: Sequence[LifterFrame]) -> list[tuple[float, float, Phase | None]]:
    """Start, end and phase of each run of frames in one phase."""
    runs: list[tuple[float, float, Phase | None]] = []
    for frame in frames:
        if runs:
            from_s, _, phase = runs[-1]
            runs[-1] = (from_s, frame.time_s, phase)
        if not runs or runs[-1][2] != frame.phase:
            runs.append((frame.time_s, frame.time_s, frame.phase))
    return runs
