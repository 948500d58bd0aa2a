"""Drawings in the source's pixels: the bar's paths, and stick figures for pictures. Pure."""

from dataclasses import dataclass, field

import numpy as np

from services.writer.report.pictures import Crop, Picture, PictureRequest, at, best_rep
from shared.data.analysis import Lifter
from shared.data.skeleton import LIMBS, MPI_15

#: More points of a path cannot be told apart.
_MAX_POINTS = 120


@dataclass(frozen=True, slots=True)
class Figure:
    """What is seen in a part of a frame: a photograph, or limbs where there is none.

    crop_px: left, top, right, bottom. limbs: from x, y, to x, y, and "left", "right" or "middle".
    """

    crop_px: Crop
    data: str = ""
    limbs: list[tuple[float, float, float, float, str]] = field(default_factory=list)

    @property
    def width(self) -> int:
        """Width of what it shows, in the frame's pixels."""
        return self.crop_px[2] - self.crop_px[0]

    @property
    def height(self) -> int:
        """Height of what it shows, in the frame's pixels."""
        return self.crop_px[3] - self.crop_px[1]


@dataclass(frozen=True, slots=True)
class BarPaths:
    """The bar's way up in each repetition, as points for SVG polylines; and where it began.

    starts: x, y of the first point of each. plumb: x, upper and lower y of a vertical through
    their middle, against which drift is seen; None where there is no path.
    """

    lines: list[str]
    starts: list[tuple[float, float]]
    plumb: tuple[float, float, float] | None


def figure_of(shot: PictureRequest, picture: Picture | None) -> Figure:
    """A picture if it was taken, else the lifter's limbs."""
    if picture is not None:
        return Figure(picture.crop_px, picture.data)
    xy = shot.frame.xy_px
    seen = [bool(np.isfinite(point).all()) for point in xy]
    limbs = [
        (*_rounded(xy[a]), *_rounded(xy[b]), _side(MPI_15[b]))
        for a, b in LIMBS
        if seen[a] and seen[b]
    ]
    return Figure(shot.crop_px, limbs=limbs)


def bar_paths(lifter: Lifter) -> BarPaths:
    """The paths of a lifter's bar, in the stretch of film of the best repetition.

    They are drawn over its picture: after a cut the camera may stand elsewhere.
    """
    best = best_rep(lifter)
    if best is None:
        return BarPaths([], [], None)
    shown = at(lifter.frames, best.top_s).shot
    shot = np.array([frame.shot for frame in lifter.frames])
    time_s = np.array([frame.time_s for frame in lifter.frames])
    bar = np.array([frame.bar_px for frame in lifter.frames]).reshape(-1, 2)
    ways = []
    for rep in lifter.reps:
        way = bar[(time_s >= rep.start_s) & (time_s <= rep.top_s) & (shot == shown)]
        way = way[np.isfinite(way).all(-1)]
        if len(way) > 1:
            ways.append(way[:: -(-len(way) // _MAX_POINTS)])
    if not ways:
        return BarPaths([], [], None)
    starts = [_rounded(way[0]) for way in ways]
    everything = np.concatenate(ways)
    x = float(np.median([start[0] for start in starts]))
    low, high = float(everything[:, 1].min()), float(everything[:, 1].max())
    lines = [" ".join(f"{x:.1f},{y:.1f}" for x, y in way) for way in ways]
    return BarPaths(lines, starts, (round(x, 1), round(low, 1), round(high, 1)))


def _rounded(point: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> tuple[float, float]:
    return round(float(point[0]), 1), round(float(point[1]), 1)


def _side(joint: str) -> str:
    return {"R": "right", "L": "left"}.get(joint[0], "middle")
