"""Analyses in the formats of other tools, one module a format; docs/results.md describes them.

.trc      trc.py       markers, for OpenSim and Pose2Sim
.mot      mot.py       joint angles, for OpenSim
.csv      csv.py       a table of frames or repetitions
.parquet  parquet.py   the same tables, for pandas, polars and DuckDB
"""

from collections.abc import Callable
from enum import StrEnum
from os import PathLike
from pathlib import Path

from services.writer.exports import csv, mot, parquet, trc
from shared.data.analysis import Analysis
from shared.data.tables import Columns, frames_table, reps_table
from shared.errors import UsageError
from shared.files import replace_when_complete
from shared.names import readable


class Format(StrEnum):
    """The formats, by the ending of their files."""

    TRC = "trc"
    MOT = "mot"
    CSV = "csv"
    PARQUET = "parquet"


class Rows(StrEnum):
    """What a row of a table is."""

    FRAMES = "frames"
    REPS = "reps"


#: Format → the content of a file of this name; of a table.
_MOTIONS: dict[Format, Callable[[Analysis, str], str]] = {
    Format.TRC: trc.content,
    Format.MOT: mot.content,
}
_TABLES: dict[Format, Callable[[Columns], bytes]] = {
    Format.CSV: csv.content,
    Format.PARQUET: parquet.content,
}


def export(analysis: Analysis, path: str | PathLike[str], rows: Rows | str = Rows.FRAMES) -> None:
    """Write the main lifter of an analysis in the format of another tool.

    Args:
        analysis: what is written.
        path: the file; its ending (.trc, .mot, .csv, .parquet) chooses the format. It is replaced
            when the new one is complete.
        rows: what a row of a .csv or .parquet file is: "frames" or "reps".

    Raises:
        UsageError: no format has this ending; or the format needs a scale in metres that the
            analysis does not have, or a library that is not installed.
        OutputError: the file cannot be written.
    """
    path = Path(path)
    ending = path.suffix.removeprefix(".").lower()
    if ending not in set(Format):
        raise UsageError(f"{path.name}: give a name that ends with .{', .'.join(Format)}")
    if rows not in set(Rows):
        raise UsageError(f"rows are {' or '.join(Rows)}, not {rows!r}")
    content = _content(analysis, Format(ending), path.name, Rows(rows))
    with replace_when_complete(path) as partial:
        partial.write_bytes(content)


def files_of(name: str, kind: Format) -> dict[str, Rows]:
    """File name → rows, of the files that show all of an analysis in a format."""
    if kind in _MOTIONS:
        return {f"{name}.{kind}": Rows.FRAMES}
    return {f"{name}_{rows}.{kind}": rows for rows in Rows}


def _content(analysis: Analysis, kind: Format, name: str, rows: Rows) -> bytes:
    if kind in _MOTIONS:
        return _MOTIONS[kind](analysis, readable(name)).encode()
    table = reps_table(analysis.reps) if rows is Rows.REPS else frames_table(analysis.frames)
    return _TABLES[kind](table)
