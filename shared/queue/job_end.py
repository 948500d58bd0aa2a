"""Notices that a job has ended while one of its messages is worked on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import redis

from shared.queue.job_store import JobStore
from shared.queue.ticking import Ticker

#: Interval at which the job's state is read, in seconds: work on a cancelled job stops within two
#: seconds.
_CHECK_S = 1.0


class JobEnds:
    """Notices the end of jobs; a thread asks, so that no work waits where the server is away."""

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self._asking = Ticker(_CHECK_S, self._ask)

    @contextmanager
    def noticing(self, job_id: str) -> Iterator[threading.Event]:
        """Give the block an event that is set soon after the job has ended."""
        has_ended = threading.Event()
        with self._asking.ticking((job_id, has_ended)):
            yield has_ended

    def _ask(self, watched: tuple[str, threading.Event]) -> None:
        job_id, has_ended = watched
        with suppress(redis.RedisError):  # the next round may succeed
            if not has_ended.is_set() and not self._store.is_active(job_id):
                has_ended.set()
