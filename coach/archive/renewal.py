"""Keeps the summary up to date while a batch runs, here and where remote results are kept."""

import time
from collections.abc import Callable

from coach.archive.batch import Batch
from coach.archive.opening import Opened
from coach.archive.rows import Row
from coach.archive.summary import Summary
from shared.errors import OutputError
from shared.names import readable

#: Least interval at which the summary is uploaded while a batch runs, in seconds, and the largest
#: fraction of the time that uploading takes. Chosen: a run that is killed has lost the fingerprints
#: of a minute's recordings, which are fetched again.
_DELIVER_S, _MAX_FRACTION = 60.0, 0.05


class RenewedSummary:
    """The summary of a batch.

    Args:
        opened: the archive and where its results go.
        batch: the batch.
        say: tells the user something.
    """

    def __init__(self, opened: Opened, batch: Batch, say: Callable[[str], None]) -> None:
        self._opened = opened
        self._batch = batch
        self._say = say
        self._is_refused = False
        self._summary = Summary(opened.stores.places.out, opened.name)
        self._earlier = opened.earlier_rows()
        self._written = self._delivered = -1
        self._deliver_due_s = 0.0

    @property
    def lacks_parquet(self) -> bool:
        """Whether it could not be written as Parquet."""
        return self._summary.lacks_parquet

    def rows(self) -> list[Row]:
        """The rows of this run, and those of earlier ones that it did not look at."""
        now = {readable(str(path)) for path in self._batch.rows}
        rows = [row for rows in self._batch.rows.values() for row in rows]
        return rows + [row for row in self._earlier if row.recording not in now]

    def renew_if_due(self, progress: str) -> None:
        """Write and upload it if it has changed, and not more often than it should be.

        Args:
            progress: what is still to come, for the page.
        """
        if self._summary.is_due and self._written != self._batch.changes:
            self._write(progress)
        if self._delivered != self._written and time.monotonic() >= self._deliver_due_s:
            self._try_to_deliver()

    def finish(self, progress: str = "") -> None:
        """Write and upload it at the end of a run."""
        self._write(progress)
        self._deliver()

    def _write(self, progress: str) -> None:
        changes = self._batch.changes
        self._summary.write(self.rows(), progress)
        self._written = changes

    def _try_to_deliver(self) -> None:
        """Upload it; a store that does not take it may do so later."""
        try:
            self._deliver()
        except OutputError as error:
            if not self._is_refused:
                self._say(f"{error}; it is tried again every {_DELIVER_S:g} s")
            self._is_refused = True
            self._deliver_due_s = time.monotonic() + _DELIVER_S
        else:
            self._is_refused = False

    def _deliver(self) -> None:
        if self._opened.stores.results is not None:
            begun_s = time.monotonic()
            self._opened.deliver_summary()
            now_s = time.monotonic()
            self._deliver_due_s = now_s + max(_DELIVER_S, (now_s - begun_s) / _MAX_FRACTION)
        self._delivered = self._written
