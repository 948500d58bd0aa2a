"""`--watch`: follows an archive's folder, and gives its recordings once they are complete."""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from threading import Event
from typing import Self

import watchfiles

from coach.archive.complete import PATIENCE_S, Settling
from coach.archive.recordings import Found, LocalArchive, Recording
from shared.errors import CoachError
from shared.media.limits import SourceLimits
from shared.media.source import open_source

#: Time that `wait` takes if nothing happens, in milliseconds. Chosen: the ends of jobs are noticed
#: as soon.
_WAIT_MS = 500

#: Interval at which the folder is listed while a recording has not settled, and otherwise, in
#: seconds. Chosen: a network drive does not tell what other machines change.
_UNSETTLED_S, _QUIET_S = 2.0, 60.0

#: Largest fraction of the time that listing the folder may take. Chosen: ten thousand recordings
#: are listed in half a second, and then every ten seconds.
_MAX_FRACTION = 0.05


class FolderWatch:
    """Follows a folder; a context manager.

    Args:
        archive: the archive.
        limits: where recordings may lie, and how large their frames may be.
        settle_s: time after which a recording that does not change is complete, in seconds.
    """

    def __init__(self, archive: LocalArchive, limits: SourceLimits, settle_s: float) -> None:
        self._archive = archive
        self._limits = limits
        self._settling = Settling(settle_s)
        self._given: dict[Path, tuple[int, float]] = {}
        self._due_s = self._earliest_s = 0.0
        self._stop = Event()
        self._changes: Iterator[set[watchfiles.main.FileChange]]

    def __enter__(self) -> Self:
        self._changes = watchfiles.watch(
            self._archive.root, watch_filter=None, stop_event=self._stop, rust_timeout=_WAIT_MS,
            yield_on_timeout=True, raise_interrupt=True, ignore_permission_denied=True,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()

    def wait(self) -> None:
        """Wait until something has changed, or for half a second."""
        if next(self._changes):
            soon_s = max(self._earliest_s, time.monotonic() + _UNSETTLED_S)
            self._due_s = min(self._due_s, soon_s)

    def give_again(self, paths: Iterable[PurePosixPath]) -> None:
        """Give recordings again at the next listing, as if they had never been given."""
        for path in paths:
            self._given.pop(self._archive.root / path, None)

    def find_complete(self) -> tuple[Found | None, list[Recording]]:
        """Recordings that are complete and were not given before; and the listing, if it is new."""
        now_s = time.monotonic()
        if now_s < self._due_s:
            return None, []
        found = self._archive.find(looks_into_out=not self._due_s)  # at first
        new = [one for one in found.recordings if self._given.get(one.path) != _version_of(one)]
        complete = [one for one in new if one.error or self._is_complete(one)]
        present = {one.path for one in found.recordings}
        for path in self._given.keys() - present:
            del self._given[path]  # if it comes back, as that of a drive does, it is new
        self._given |= {one.path: _version_of(one) for one in complete}
        ended_s = time.monotonic()
        self._earliest_s = ended_s + (ended_s - now_s) / _MAX_FRACTION
        pause_s = _UNSETTLED_S if len(complete) < len(new) else _QUIET_S
        self._due_s = max(self._earliest_s, ended_s + pause_s)
        return found, complete

    def _is_complete(self, recording: Recording) -> bool:
        if not self._settling.has_settled(recording):
            return False
        with suppress(CoachError, ValueError, RuntimeError, OSError):
            with open_source(recording.path, self._limits):
                return True
        return self._settling.quiet_s(recording) > PATIENCE_S  # it is refused then


def _version_of(recording: Recording) -> tuple[int, float]:
    return recording.size_bytes, recording.modified_s
