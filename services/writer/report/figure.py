"""Drawings in the source's pixels: the bar's paths, and stick figures for pictures. Pure."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.writer.report.best_rep import find_best_rep
from services.writer.report.crop import Crop
from services.writer.report.deviation import Deviation
from services.writer.report.moments import find_nearest_frame
from services.writer.report.pictures import Picture, PictureRequest
from shared.data.analysis import Lifter
from shared.data.skeleton import LIMBS, MPI_15

#: Most points of a path. Chosen: more cannot be distinguished.
_MAX_POINTS = 120

#: Size of the text of a deviation, as a fraction of its picture's height, and the width of a letter
#: in that size. Chosen: it can be read where two pictures share the width of a phone.
_TEXT_SIZE, _LETTER_WIDTH = 0.075, 0.62


@dataclass(frozen=True, slots=True)
class Figure:
    """A part of a frame: a photograph, or the lifter's limbs where there is none.

    Attributes:
        crop_px: left, top, right and bottom of the part.
        data: the photograph as a data URI; empty for none.
        limbs: x and y of both ends, and "left", "right" or "middle".
    """

    crop_px: Crop
    data: str = ""
    limbs: list[tuple[float, float, float, float, str]] = field(default_factory=list)

    @property
    def width(self) -> int:
        """Width of the part, in the frame's pixels."""
        return self.crop_px[2] - self.crop_px[0]

    @property
    def height(self) -> int:
        """Height of the part, in the frame's pixels."""
        return self.crop_px[3] - self.crop_px[1]


@dataclass(frozen=True, slots=True)
class BarPaths:
    """The bar's path on the way up in each repetition.

    Attributes:
        lines: points of an SVG polyline for each path.
        starts: x and y of the first point of each path.
        plumb: x, upper y and lower y of a vertical through the starts, which makes drift visible;
            None where there is no path.
    """

    lines: list[str]
    starts: list[tuple[float, float]]
    plumb: tuple[float, float, float] | None


def figure_of(request: PictureRequest, picture: Picture | None) -> Figure:
    """The picture if it was taken, else the lifter's limbs."""
    if picture is not None:
        return Figure(picture.crop_px, picture.data)
    xy = request.frame.xy_px
    seen = [bool(np.isfinite(point).all()) for point in xy]
    limbs = [
        (*_round(xy[a]), *_round(xy[b]), _side_of(MPI_15[b]))
        for a, b in LIMBS
        if seen[a] and seen[b]
    ]
    return Figure(request.crop_px, limbs=limbs)


def place_text(figure: Figure, deviation: Deviation) -> tuple[float, float, float]:
    """Middle and base line of a deviation's text inside its picture, and its size; pixels."""
    left, top, right, bottom = figure.crop_px
    size = _TEXT_SIZE * figure.height
    half = _LETTER_WIDTH * size * len(deviation.text) / 2 + size / 4
    x = min(max(deviation.at[0], left + half), max(right - half, left + half))
    y = min(max(deviation.at[1] + size / 3, top + 1.1 * size), bottom - size / 2)
    return round(x, 1), round(y, 1), round(size, 1)


def trace_bar(lifter: Lifter) -> BarPaths:
    """The paths of a lifter's bar, in the shot of the best repetition.

    They are drawn over its picture, and after a cut the camera may be elsewhere.
    """
    best = find_best_rep(lifter)
    if best is None:
        return BarPaths([], [], None)
    shown = find_nearest_frame(lifter.frames, best.top_s).shot
    shot = np.array([frame.shot for frame in lifter.frames])
    time_s = np.array([frame.time_s for frame in lifter.frames])
    bar_px = np.array([frame.bar_px for frame in lifter.frames]).reshape(-1, 2)
    paths = []
    for rep in lifter.reps:
        path = bar_px[(time_s >= rep.start_s) & (time_s <= rep.top_s) & (shot == shown)]
        path = path[np.isfinite(path).all(-1)]
        if len(path) > 1:
            paths.append(path[:: -(-len(path) // _MAX_POINTS)])
    if not paths:
        return BarPaths([], [], None)
    starts = [_round(path[0]) for path in paths]
    x = float(np.median([start[0] for start in starts]))
    y = np.concatenate(paths)[:, 1]
    return BarPaths(
        lines=[" ".join(f"{x:.1f},{y:.1f}" for x, y in path) for path in paths],
        starts=starts,
        plumb=(round(x, 1), round(float(y.min()), 1), round(float(y.max()), 1)),
    )


def _round(point: NDArray[np.float32]) -> tuple[float, float]:
    return round(float(point[0]), 1), round(float(point[1]), 1)


def _side_of(joint: str) -> str:
    return {"R": "right", "L": "left"}.get(joint[0], "middle")
