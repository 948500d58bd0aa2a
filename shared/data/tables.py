"""An analysis as a table: one row an analysed frame of the main lifter."""

import csv
import io
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shared.data.analysis import ANGLES, Analysis
from shared.data.skeleton import MPI_15

#: Column name → values, one a frame.
Columns = dict[str, NDArray[np.int64] | NDArray[np.float64] | list[str]]

#: Ending of a column's name → meaning, for docs/results.md.
MEANINGS = {
    "index": "Number of the frame among all frames of the source, from 0.",
    "time_s": "Time of the frame, seconds from the start of the clip.",
    "score": "Posture score, 0 (bad) to 1 (good); empty where too little is seen.",
    "confidence": "Mean confidence of the 15 joints, 0..1.",
    "phase": "setup, pull, lockout, lower or rest; empty where the lifter is not seen.",
    "pose_ms": "Time that finding the poses of this frame took, milliseconds.",
    "bar_x_px": "Middle of the bar from the left, pixels of the source.",
    "bar_y_px": "Middle of the bar from the top, pixels of the source.",
    "…_deg": "Joint angles, degrees, as `angles` in `analysis.json`.",
    "…_x_px": "A joint's place from the left, pixels of the source; empty where unseen.",
    "…_y_px": "A joint's place from the top, pixels of the source.",
    "…_confidence": "How certain the joint is, 0..1.",
    "filled": "Names of the joints that were interpolated here, with spaces between.",
}

#: Decimals of a column in `frames.csv`, by the ending of its name.
_DIGITS = (("time_s", 6), ("_ms", 3), ("_px", 2), ("_deg", 1), ("", 4))


def frames_table(analysis: Analysis) -> Columns:
    """The table as columns; numbers are NaN where unseen."""
    frames = analysis.frames
    count = len(frames)
    xy = np.array([frame.xy_px for frame in frames], float).reshape(count, len(MPI_15), 2)
    confidence = np.array([frame.joint_confidence for frame in frames], float)
    bar = np.array([frame.bar_px for frame in frames], float).reshape(count, 2)
    unseen = ~np.isfinite(xy).all(-1)
    confidence = np.where(unseen, np.nan, confidence.reshape(count, len(MPI_15)))
    columns: Columns = {
        "index": np.array([frame.index for frame in frames], np.int64),
        **{
            name: np.array([getattr(frame, name) for frame in frames], float)
            for name in ("time_s", "score", "confidence")
        },
        "phase": [frame.phase or "" for frame in frames],
        "pose_ms": np.array([frame.pose_ms for frame in frames], float),
        "bar_x_px": bar[:, 0],
        "bar_y_px": bar[:, 1],
    }
    for name in ANGLES:
        columns[f"{name}_deg"] = np.array([getattr(f.angles, name) for f in frames], float)
    for number, joint in enumerate(MPI_15):
        columns[f"{joint}_x_px"] = np.where(unseen, np.nan, xy[..., 0])[:, number]
        columns[f"{joint}_y_px"] = np.where(unseen, np.nan, xy[..., 1])[:, number]
        columns[f"{joint}_confidence"] = confidence[:, number]
    columns["filled"] = [" ".join(frame.filled) for frame in frames]
    return columns


def frames_csv(analysis: Analysis) -> str:
    """The content of `frames.csv`: `frames_table`, rounded; empty where unseen."""
    columns = frames_table(analysis)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows(zip(*(_cells(name, values) for name, values in columns.items()), strict=True))
    return text.getvalue()


def _cells(
    name: str, values: NDArray[np.int64] | NDArray[np.float64] | list[str]
) -> Sequence[object]:
    if isinstance(values, list) or values.dtype.kind == "i":
        return list(values)
    digits = next(digits for ending, digits in _DIGITS if name.endswith(ending))
    return [round(value, digits) if math.isfinite(value) else "" for value in values.tolist()]
