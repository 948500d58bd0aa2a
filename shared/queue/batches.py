"""Jobs of one batch, or of one user, begin a few at a time: the others leave the queues free.

A job that waits to begin has no task in a queue, and is not among the active jobs that scorers
look after. Scorers let the next ones begin, and so does the command that submits them.
"""

import time
from typing import Any

import redis

from shared.queue import keys, tasks
from shared.queue.job import Job
from shared.queue.priorities import PRIORITIES
from shared.queue.values import text_of

#: Interval at which a scorer looks for batches with room, in seconds (chosen: short beside a job).
_LOOK_S = 0.5

#: Weight of a step in priority against the time of submission, in seconds (chosen: more than any
#: Unix time).
_STEP_S = 1e11

#: Have a queued job wait in its batch.
#:
#: Keys:
#:     KEYS[1]  coach:job:<id>               hash: reads `state`
#:     KEYS[2]  coach:batch:<batch>:waiting  sorted set: the id is added
#:     KEYS[3]  coach:batches                set: the batch is added
#:     KEYS[4]  coach:jobs:active            set: the id is removed
#: Arguments: ARGV[1] id of the job, ARGV[2] its place, ARGV[3] the batch
_PARK = """#!lua
if redis.call('HGET', KEYS[1], 'state') == 'queued' then
  redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
  redis.call('SADD', KEYS[3], ARGV[3])
  redis.call('SREM', KEYS[4], ARGV[1])
end
"""

#: Let the next job of a batch begin, if fewer than the limit are at work.
#:
#: Keys:
#:     KEYS[1]  coach:batch:<batch>:waiting  sorted set
#:     KEYS[2]  coach:batch:<batch>:running  set: the id is added
#:     KEYS[3]  coach:batches                set: a batch with nothing left to wait is removed
#:     KEYS[4]  coach:jobs:active            set: the id is added
#: Arguments: ARGV[1] limit, ARGV[2] the batch
#: Returns the id of the job; false if there is none.
_BEGIN = """#!lua flags=allow-oom
if redis.call('SCARD', KEYS[2]) >= tonumber(ARGV[1]) then
  return false
end
local job = redis.call('ZPOPMIN', KEYS[1])[1]
if not job then
  redis.call('SREM', KEYS[3], ARGV[2])
  return false
end
redis.call('SADD', KEYS[2], job)
redis.call('SADD', KEYS[4], job)
return job
"""


class Batches:
    """The batches of one server.

    Args:
        client: connection to it.
        limit: how many jobs of one batch are at work at a time.
        timeout_s: time limit of decoding, in seconds.
    """

    def __init__(self, client: redis.Redis, limit: int, timeout_s: int) -> None:
        self._client: Any = client
        self._limit, self._timeout_s = limit, timeout_s
        self._park = client.register_script(_PARK)
        self._begin = client.register_script(_BEGIN)
        self._next_look_s = 0.0

    def park(self, job: Job) -> None:
        """Have a queued job wait until its batch has room."""
        names = [keys.job(job.id), keys.batch_waiting(job.batch), keys.BATCHES, keys.ACTIVE_JOBS]
        place = PRIORITIES.index(job.priority) * _STEP_S + job.created_s
        self._park(names, [job.id, place, job.batch])

    def begin(self, batch: str) -> None:
        """Enqueue the decoding of as many jobs of a batch as it has room for."""
        names = [keys.batch_waiting(batch), keys.batch_running(batch), keys.BATCHES]
        while job_id := self._begin([*names, keys.ACTIVE_JOBS], [self._limit, batch]):
            tasks.enqueue(self._client, "decode", text_of(job_id), self._timeout_s)

    def begin_if_due(self) -> None:
        """Let jobs of all batches begin, a few times a second."""
        now_s = time.monotonic()
        if now_s < self._next_look_s:
            return
        self._next_look_s = now_s + _LOOK_S
        for batch in self._client.smembers(keys.BATCHES):
            self.begin(text_of(batch))
