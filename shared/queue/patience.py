"""A connection that waits for a server that is away or full, instead of failing.

Decoding and writing take long: a task that ended with the server's restart would have to begin
anew. What it asks is asked again until there is an answer, or its work is over.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

#: First and longest pause between two tries, in seconds. A restarted server is found again within
#: the longest.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 1.0

#: Interval at which a pause looks whether to end early, in seconds.
_CHECK_S = 0.1

#: Errors that pass by themselves: the server is away or starts; it has no memory left; it was made
#: a replica, until the name leads to the new primary.
PASSING = (
    redis.ConnectionError,
    redis.TimeoutError,
    redis.exceptions.OutOfMemoryError,
    redis.exceptions.ReadOnlyError,
)

#: Errors among these that do not pass.
_LASTING = (redis.AuthenticationError, redis.exceptions.MaxConnectionsError)

_log = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")


@contextmanager
def patient(client: redis.Redis, check: Callable[[], None]) -> Iterator[redis.Redis]:
    """A connection to the same server whose commands wait for it.

    A command whose answer was lost is sent twice.

    Args:
        client: the connection that is copied.
        check: called in the pauses; what it raises ends the waiting.
    """
    pool = client.connection_pool
    kwargs = {**pool.connection_kwargs, "retry": _Patience(check)}
    copy = redis.ConnectionPool(connection_class=pool.connection_class, **kwargs)
    waiting = redis.Redis(connection_pool=copy)
    try:
        yield waiting
    finally:
        waiting.close()
        copy.disconnect()


def wait(pause_s: float, check: Callable[[], None]) -> None:
    """Wait; what `check` raises ends that early."""
    end_s = time.monotonic() + pause_s
    while (left_s := end_s - time.monotonic()) > 0:
        check()
        time.sleep(min(left_s, _CHECK_S))
    check()


class _Patience(Retry):
    """Tries again until the server has answered."""

    def __init__(self, check: Callable[[], None]) -> None:
        super().__init__(NoBackoff(), -1, PASSING)
        self._check = check

    def call_with_retry(
        self,
        do: Callable[[], _Answer],
        fail: Callable[..., Any],
        is_retryable: Callable[[Exception], bool] | None = None,
        with_failure_count: bool = False,
    ) -> _Answer:
        """Do something until it succeeds; `fail` is told of each error."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                return do()
            except PASSING as error:
                if isinstance(error, _LASTING):
                    raise
                if pause_s == _FIRST_PAUSE_S:
                    _log.warning("the server is away or full (%s); waiting for it", error)
                fail(error, 1) if with_failure_count else fail(error)
            wait(pause_s, self._check)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def __deepcopy__(self, memo: object) -> "_Patience":
        return self  # each connection of a pool copies its retry; this one has no state
