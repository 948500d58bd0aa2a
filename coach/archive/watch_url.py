"""`--watch` of an archive by URL: lists it again and again, and gives what is complete in it.

A store tells nobody what changes in it, so it is asked. A recording is complete when two listings
one after the other have the same of it: its ETag, its size and the time of its last change.
"""

import time
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from threading import Event
from typing import Self

from coach.archive.recordings import Found, Recording
from shared.errors import SourceError

#: Time that `wait` takes, in seconds. Chosen: the ends of jobs are noticed as soon.
_WAIT_S = 0.5


class UrlWatch:
    """Follows an archive by URL; a context manager.

    Args:
        find: lists the archive.
        poll_s: interval at which it is listed, in seconds.
        settle_s: the same while a recording is not complete, if that is shorter.
        say: tells the user something.
    """

    def __init__(
        self,
        find: Callable[[], Found],
        poll_s: float,
        settle_s: float,
        say: Callable[[str], None],
    ) -> None:
        self._find = find
        self._poll_s = poll_s
        self._unsettled_s = min(settle_s, poll_s)
        self._say = say
        self._first: Found | None = None
        self._seen: dict[PurePosixPath, str] = {}
        self._given: dict[PurePosixPath, str] = {}
        self._due_s = 0.0
        self._is_away = False

    def __enter__(self) -> Self:
        """List the archive for the first time; SourceError if that cannot be done."""
        self._first = self._find()
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""

    def wait(self) -> None:
        """Wait for half a second."""
        Event().wait(_WAIT_S)

    def give_again(self, paths: Iterable[PurePosixPath]) -> None:
        """Give recordings again at the next listing, as if they had never been given."""
        for path in paths:
            self._given.pop(path, None)

    def find_complete(self) -> tuple[Found | None, list[Recording]]:
        """Recordings that are complete and were not given before; and the listing, if it is new."""
        if time.monotonic() < self._due_s:
            return None, []
        found = self._first or self._list()
        self._first = None
        if found is None:
            self._due_s = time.monotonic() + self._poll_s
            return None, []
        new = [one for one in found.recordings if self._given.get(one.relative) != one.version]
        complete = [one for one in new if one.error or self._seen.get(one.relative) == one.version]
        self._seen = {one.relative: one.version for one in found.recordings}
        for path in self._given.keys() - self._seen.keys():
            del self._given[path]  # if it comes back, it is new
        self._given |= {one.relative: one.version for one in complete}
        is_settled = len(complete) == len(new)
        self._due_s = time.monotonic() + (self._poll_s if is_settled else self._unsettled_s)
        return found, complete

    def _list(self) -> Found | None:
        """The archive as it is now; None if its store does not answer, which may pass."""
        try:
            found = self._find()
        except SourceError as error:
            if not self._is_away:
                self._say(f"{error}; it is tried again every {self._poll_s:g} s")
            self._is_away = True
            return None
        if self._is_away:
            self._say("the archive answers again")
        self._is_away = False
        return found
