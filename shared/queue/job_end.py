"""Notices that a job has ended while one of its messages is worked on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from shared.queue.job_store import JobStore

#: Interval at which the job's state is read, in seconds: work on a cancelled job stops within two
#: seconds.
_CHECK_S = 1.0


@contextmanager
def noticing_end(store: JobStore, job_id: str) -> Iterator[threading.Event]:
    """Give the block an event that is set soon after the job has ended.

    A thread asks for it, so that the block does not wait where the server gives no answer.
    """
    has_ended, is_over = threading.Event(), threading.Event()

    def look() -> None:
        while not is_over.wait(_CHECK_S):
            try:
                if not store.is_active(job_id):
                    has_ended.set()
                    return
            except redis.RedisError:
                continue  # the next round may succeed

    threading.Thread(target=look, name="job-end", daemon=True).start()
    try:
        yield has_ended
    finally:
        is_over.set()
