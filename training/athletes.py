"""Who is seen in a file: groups are lifters, not files.

`athletes.csv` lists the lifters of known sources, as far as names, pictures and proportions tell
them, each with its evidence. Doubtful cases are merged: a group that is too large costs a fold, a
lifter on both sides of a fold makes figures too good. One name is one lifter in all sources.
"""

import csv
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from shared.errors import UsageError
from training.table_files import csv_rows

#: Columns of a table of lifters. `file` is a path within the source, or `*` for all its files.
_COLUMNS = ("source", "file", "athlete")

#: Beginning of the name of a lifter about whom only the file is known.
_UNNAMED = "file "


class Athletes:
    """The lifters of known files.

    Args:
        tables: CSV files with the columns source, file and athlete, in addition to the list that is
            part of the project; later ones win.
    """

    def __init__(self, tables: Sequence[Path] = ()) -> None:
        shipped = files("training") / "athletes.csv"
        rows = list(csv.DictReader(shipped.read_text("utf-8").splitlines()))
        for table in tables:
            rows += csv_rows(table, _COLUMNS)
        self._listed = {(row["source"], row["file"]): row["athlete"] for row in rows}

    def of(self, source: str, file: str, stated: str = "") -> str:
        """Name of the lifter in a file.

        Args:
            source: name of the folder that was given.
            file: path within it; the last two parts are enough to find it.
            stated: what the source itself says.
        """
        within = "/".join(Path(file).parts[-2:])
        for known in (within, Path(file).name, "*"):
            if athlete := self._listed.get((source, known)):
                return athlete
        return stated or f"{_UNNAMED}{source}/{file}"


def check_named(athletes: Sequence[str], files_are_lifters: bool) -> None:
    """Refuse files about whose lifter nothing is said, unless each is said to show another one.

    Raises:
        UsageError: there are such files.
    """
    unnamed = sorted({name for name in athletes if name.startswith(_UNNAMED)})
    if unnamed and not files_are_lifters:
        raise UsageError(
            f"nobody says who is seen in {len(unnamed)} files, first {unnamed[0]}: one lifter on "
            "both sides of a split makes figures too good. List them with --athletes TABLE.csv "
            "(source,file,athlete), or say --files-are-lifters if each shows another lifter"
        )


def shared_lifters(sources: Sequence[str], athletes: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Lifters who are seen in more than one source → these sources."""
    seen: dict[str, set[str]] = {}
    for source, athlete in zip(sources, athletes, strict=True):
        seen.setdefault(athlete, set()).add(source)
    return {name: tuple(sorted(where)) for name, where in sorted(seen.items()) if len(where) > 1}
