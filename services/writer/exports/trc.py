"""Joints and bar as marker trajectories: the TRC format of OpenSim and Pose2Sim.

The layout is that of OpenSim's own writer (OpenSim/Common/TRCFileAdapter.cpp): five lines of
header, an empty line, then a row a frame with tabs between cells and after the last one. A marker
that is not seen has three empty cells.

X points forward, Y up, and Z is 0: a camera sees one plane. Lengths are in metres.
"""

import math

import numpy as np
from numpy.typing import NDArray

from shared.data.analysis import Analysis, LengthUnit
from shared.data.skeleton import L_ANKLE, MPI_15, R_ANKLE
from shared.errors import UsageError

F64 = NDArray[np.float64]

#: The markers: the 15 joints, then the middle of the bar.
MARKERS = (*MPI_15, "Bar")

_KEYS = (
    "DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units",
    "OrigDataRate", "OrigDataStartFrame", "OrigNumFrames",
)  # fmt: skip


def content(analysis: Analysis, name: str) -> str:
    """The content of a `.trc` file of this name.

    Raises:
        UsageError: the analysis has no scale in metres.
    """
    xy_m = markers_m(analysis)
    count, rate = len(analysis.frames), f"{rate_hz(analysis):.6g}"
    values = (rate, rate, count, len(MARKERS), "m", rate, 1, count)
    numbers = range(1, len(MARKERS) + 1)
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{name}",
        "\t".join(_KEYS),
        "\t".join(map(str, values)),
        "Frame#\tTime\t" + "".join(f"{marker}\t\t\t" for marker in MARKERS),
        "\t\t" + "".join(f"X{number}\tY{number}\tZ{number}\t" for number in numbers),
        "",
    ]
    for row, frame in enumerate(analysis.frames):
        cells = "".join(map(_cells, xy_m[row].tolist()))
        lines.append(f"{row + 1}\t{frame.time_s:.6f}\t{cells}")
    return "\n".join(lines) + "\n"


def markers_m(analysis: Analysis) -> F64:
    """The markers of each frame, forward and up, metres, (n, 16, 2); NaN where unseen.

    The origin is the middle of the ankles in the first frame that shows one; if none does, it is
    the lower left corner of the picture.

    Raises:
        UsageError: the analysis has no scale in metres.
    """
    bar = analysis.bar
    if bar.unit is not LengthUnit.METRE or not math.isfinite(bar.px_per_unit):
        raise UsageError(
            f"TRC needs a scale in metres and this analysis has none ({bar.basis}): judge it again "
            "with `coach analyze --rescore ANALYSIS.json --height-cm N`, or export .csv"
        )
    xy_px = np.full((len(analysis.frames), len(MARKERS), 2), np.nan)
    for row, frame in enumerate(analysis.frames):
        xy_px[row, :-1], xy_px[row, -1] = frame.xy_px, frame.bar_px
    forward = -1.0 if analysis.summary.facing < 0 else 1.0
    return (xy_px - _origin_px(xy_px, analysis.source.height)) * (forward, -1) / bar.px_per_unit


def rate_hz(analysis: Analysis) -> float:
    """Mean rate of the analysed frames; the source's where there are fewer than two."""
    frames = analysis.frames
    if len(frames) < 2:
        return analysis.source.fps
    return (len(frames) - 1) / (frames[-1].time_s - frames[0].time_s)


def _origin_px(xy_px: F64, height_px: int) -> F64:
    ankles = xy_px[:, [L_ANKLE, R_ANKLE]]
    seen = np.isfinite(ankles).all(-1)
    rows = np.flatnonzero(np.any(seen, 1))
    if not rows.size:
        return np.array([0.0, height_px])
    return np.asarray(np.nanmean(ankles[rows[0]], 0))


def _cells(xy_m: list[float]) -> str:
    x_m, y_m = xy_m
    return f"{x_m:.5f}\t{y_m:.5f}\t0.00000\t" if math.isfinite(x_m + y_m) else "\t\t\t"
