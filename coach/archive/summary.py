"""The summary of an archive: `summary.csv`, `summary.parquet` and `index.html`."""

import csv
import io
import time
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from coach.archive.rows import Row
from services.writer.exports import parquet
from services.writer.report.archive_page import render_archive
from shared.data.tables import Column, Columns
from shared.errors import UsageError
from shared.files import replace_when_complete
from shared.names import readable

CSV, PARQUET, INDEX = "summary.csv", "summary.parquet", "index.html"

#: The files of the summary, in the folder for results.
FILES = (CSV, PARQUET, INDEX)

#: Columns of the tables, in their order.
COLUMNS = (
    "recording", "set", "lifter", "camera", "recorded", "state", "error", "reps", "score",
    "score_low", "score_high", "verdict", "said", "faults", "duration_s", "size_bytes", "result",
    "report", "analysed",
)  # fmt: skip

_NUMBERS = ("reps", "score", "score_low", "score_high", "duration_s")

#: While a batch runs, the summary is written at most so often, in seconds, and in at most this
#: fraction of the time. Chosen: a person who looks at the page sees it grow.
_EVERY_S, _MAX_FRACTION = 5.0, 0.05


class Summary:
    """Writes the summary, whole each time.

    Args:
        folder: where it is written.
        name: the archive's name.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = readable(name)
        self._due_s = 0.0
        self.lacks_parquet = False

    @property
    def is_due(self) -> bool:
        """Whether it may be written again while the batch runs."""
        return time.monotonic() >= self._due_s

    def write(self, rows: Iterable[Row], progress: str = "") -> None:
        """Write the three files; each takes the place of the earlier one when it is complete.

        Args:
            rows: the rows; they are sorted by their paths.
            progress: what is still to come, for the page.

        Raises:
            OutputError: they cannot be written.
        """
        begun_s = time.monotonic()
        rows = sorted(rows, key=lambda row: (PurePosixPath(row.recording).parts, row.set))
        self._folder.mkdir(parents=True, exist_ok=True)
        with replace_when_complete(self._folder / CSV) as partial:
            partial.write_text(csv_of(rows), "utf-8", newline="")
        self._write_parquet(rows)
        with replace_when_complete(self._folder / INDEX) as partial:
            partial.write_text(page_of(rows, self._name, progress), "utf-8")
        now_s = time.monotonic()
        self._due_s = now_s + max(_EVERY_S, (now_s - begun_s) / _MAX_FRACTION)

    def _write_parquet(self, rows: Sequence[Row]) -> None:
        try:
            content = parquet.content(_columns(rows))
        except UsageError:
            self.lacks_parquet = True  # pyarrow is not installed
            return
        with replace_when_complete(self._folder / PARQUET) as partial:
            partial.write_bytes(content)


def csv_of(rows: Iterable[Row]) -> str:
    """The rows as CSV. Faults are separated by `; `; a cell never begins as a formula does."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for row in rows:
        table.writerow(_cell(getattr(row, name)) for name in COLUMNS)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, tuple):
        return "; ".join(value)
    if isinstance(value, str):
        return f"./{value}" if value[:1] in ("=", "+", "-", "@") else value  # the same path
    return value


def _columns(rows: Sequence[Row]) -> Columns:
    return {name: _column(name, [getattr(row, name) for row in rows]) for name in COLUMNS}


def _column(name: str, values: list[object]) -> Column:
    if name == "size_bytes":  # always known
        return np.array(values, np.int64)
    if name in _NUMBERS:
        return np.array([np.nan if value is None else value for value in values], np.float64)
    return ["; ".join(value) if isinstance(value, tuple) else str(value) for value in values]


def page_of(rows: Iterable[Row], name: str, progress: str = "") -> str:
    """`index.html` of these rows."""
    return render_archive([_shown(row) for row in rows], name, progress)


def _shown(row: Row) -> dict[str, object]:
    names = (
        "set", "lifter", "state", "reps", "score", "score_low", "score_high", "verdict", "faults",
        "said", "error", "href", "thumbnail", "recording", "camera", "recorded",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names}
