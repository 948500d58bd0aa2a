"""How long one job may keep a decoder while others wait for one."""

import time
from typing import Any

import redis

from shared.queue.priorities import PRIORITIES, Priority

#: Time after which a job gives way to one of higher priority, in seconds (chosen: a chunk takes
#: less to decode).
_URGENT_S = 2.0

#: Interval at which the queues are looked at, in seconds.
_LOOK_S = 1.0


class Turn:
    """One turn of a job at a decoder; it begins with the first step, such as a chunk that is sent.

    A job that resumes must first decode again what it has sent before. Its turn lasts at least as
    long as that took, so that half of the time goes to new frames.

    Args:
        client: connection to the server.
        queues: keys of the task queues, the highest priority first.
        priority: priority of the job.
        turn_s: time after which the job gives way to others, in seconds.
    """

    def __init__(
        self, client: redis.Redis, queues: list[str], priority: Priority, turn_s: float
    ) -> None:
        self._client: Any = client
        self._queues, self._turn_s = queues, turn_s
        self._higher = PRIORITIES.index(priority)
        self._started_s = self._next_look_s = time.monotonic()
        self._first_s: float | None = None

    def note_step(self) -> None:
        """Note that a step is done: a chunk is sent, a part of a recording looked at."""
        self._first_s = self._first_s or time.monotonic()

    def is_over(self) -> bool:
        """Whether the job has had its turn, and another one waits; asks the server once a second.

        Raises:
            redis.RedisError: the server does not answer.
        """
        now_s = time.monotonic()
        if self._first_s is None or now_s < self._next_look_s:
            return False
        self._next_look_s = now_s + _LOOK_S
        resuming_s, had_s = self._first_s - self._started_s, now_s - self._first_s
        if had_s < max(min(_URGENT_S, self._turn_s), resuming_s):
            return False
        with self._client.pipeline(transaction=False) as pipe:
            for queue in self._queues:
                pipe.llen(queue)
            waiting = pipe.execute()
        return any(waiting if had_s >= self._turn_s else waiting[: self._higher])
