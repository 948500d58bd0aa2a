"""An analysis as tables: a row per analysed frame, or per repetition, of one lifter."""

import csv
import io
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shared.data.document import meanings_of
from shared.data.frames import ANGLES, LifterFrame
from shared.data.reps import Rep
from shared.data.skeleton import MPI_15

#: A column's values, one a row; an unknown number is NaN.
Column = NDArray[np.int64] | NDArray[np.float64] | list[str]

#: Column name → values. The constructors of pandas' and polars' `DataFrame` take it as it is.
Columns = dict[str, Column]

#: Column of the frames' table → meaning, unit; "…" stands for the names that the meaning lists.
FRAME_MEANINGS = {
    "index": ("Number of the frame among all frames of the source, from 0.", ""),
    "time_s": ("Time of the frame from the start of the clip.", "s"),
    "score": (
        "Score of the rep, moved by what this part of it takes off; empty elsewhere.",
        "0..1",
    ),
    "confidence": ("Mean confidence of the 15 joints.", "0..1"),
    "phase": ("`setup`, `pull`, `lockout`, `lower` or `rest`; empty where unseen.", ""),
    "pose_ms": ("Time that finding the poses of this frame took; empty if not measured.", "ms"),
    "bar_x_px": ("Middle of the bar, from the left of the picture; empty where unknown.", "px"),
    "bar_y_px": ("Middle of the bar, from the top of the picture; empty where unknown.", "px"),
    "…_deg": (f"The angles `{'`, `'.join(ANGLES)}` of `Angles`; empty where unknown.", "deg"),
    "…_x_px": ("Each joint, from the left of the picture; empty where unseen.", "px"),
    "…_y_px": ("Each joint, from the top of the picture; empty where unseen.", "px"),
    "…_confidence": ("Confidence of each joint; empty where unseen.", "0..1"),
    "filled": ("Names of the joints that were interpolated in this frame, with spaces.", ""),
}

#: Fields of `Rep` that a table can hold in one column, and those that are intervals.
_REP_NUMBERS = (
    "start_s", "top_s", "end_s", "concentric_s", "eccentric_s",
    "rom", "drift", "mean_velocity", "peak_velocity",
)  # fmt: skip
_REP_INTERVALS = ("rom_m", "drift_m", "mean_velocity_m_s", "peak_velocity_m_s")

#: Decimals of a column in CSV, by the ending of its name.
_DIGITS = (("time_s", 6), ("_ms", 3), ("_px", 2), ("_deg", 1), ("", 4))


def frames_table(frames: Sequence[LifterFrame]) -> Columns:
    """One row an analysed frame, as columns; numbers are NaN where unseen."""
    count = len(frames)
    xy = np.array([frame.xy_px for frame in frames], float).reshape(count, len(MPI_15), 2)
    confidence = np.array([frame.joint_confidence for frame in frames], float)
    unseen = ~np.isfinite(xy).all(-1)
    xy = np.where(unseen[..., None], np.nan, xy)
    confidence = np.where(unseen, np.nan, confidence.reshape(count, len(MPI_15)))
    bar = np.array([frame.bar_px for frame in frames], float).reshape(count, 2)
    columns: Columns = {"index": np.array([frame.index for frame in frames], np.int64)}
    for name in ("time_s", "score", "confidence"):
        columns[name] = np.array([getattr(frame, name) for frame in frames], float)
    columns["phase"] = [str(frame.phase or "") for frame in frames]
    columns["pose_ms"] = np.array([frame.pose_ms for frame in frames], float)
    columns |= {"bar_x_px": bar[:, 0], "bar_y_px": bar[:, 1]}
    for name in ANGLES:
        columns[f"{name}_deg"] = np.array([getattr(f.angles, name) for f in frames], float)
    for number, joint in enumerate(MPI_15):
        columns[f"{joint}_x_px"] = xy[:, number, 0]
        columns[f"{joint}_y_px"] = xy[:, number, 1]
        columns[f"{joint}_confidence"] = confidence[:, number]
    columns["filled"] = [" ".join(frame.filled) for frame in frames]
    return columns


def reps_table(reps: Sequence[Rep]) -> Columns:
    """One row per repetition, as columns; numbers are NaN where unknown."""

    def numbers(name: str) -> NDArray[np.float64]:
        return np.array([getattr(rep, name) for rep in reps], float)

    columns: Columns = {"index": np.array([rep.index for rep in reps], np.int64)}
    columns["score"] = numbers("score")
    columns["partial"] = [str(rep.partial) for rep in reps]
    columns["unit"] = [str(rep.unit) for rep in reps]
    columns |= {name: numbers(name) for name in _REP_NUMBERS}
    for name in _REP_INTERVALS:
        intervals = [getattr(rep, f"{name}_interval") or (np.nan, np.nan) for rep in reps]
        low, high = np.array(intervals, float).reshape(-1, 2).T.copy()
        columns |= {name: numbers(name), f"{name}_low": low, f"{name}_high": high}
    columns["faults"] = [" ".join(rep.faults) for rep in reps]
    return columns


def rep_meanings() -> dict[str, str]:
    """Column of the repetitions' table → meaning."""
    fields = meanings_of(Rep)
    meanings = {name: fields[name] for name in ("index", "score", "partial", "unit", *_REP_NUMBERS)}
    for name in _REP_INTERVALS:
        meanings[name] = fields[name]
        for end in ("low", "high"):
            meanings[f"{name}_{end}"] = (
                f"{end.title()}est likely value of `{name}`; null without a scale in metres."
            )
    meanings["faults"] = "Kinds of the faults of this repetition, with spaces."
    return {name: text.replace("null", "empty") for name, text in meanings.items()}


def frames_csv(frames: Sequence[LifterFrame]) -> str:
    """The content of `frames.csv`: `frames_table`, rounded; empty where unseen."""
    return table_csv(frames_table(frames))


def table_csv(columns: Columns) -> str:
    """A table as CSV: a line of names, then a line a row; empty where a number is NaN."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows(zip(*(_cells(name, values) for name, values in columns.items()), strict=True))
    return text.getvalue()


def _cells(name: str, values: Column) -> Sequence[object]:
    if isinstance(values, list):
        return values
    if values.dtype.kind == "i":
        return list(values.tolist())
    digits = next(digits for ending, digits in _DIGITS if name.endswith(ending))
    return [round(value, digits) if math.isfinite(value) else "" for value in values.tolist()]
