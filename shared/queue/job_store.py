"""The jobs of one Redis: their records, states, results and analyses.

A change of state is one compare-and-set, so that only one of two processes that end a job at the
same time does so. The truth of a finished job is its manifest on disk; the record only says where
it is.
"""

import logging
import time
from collections.abc import Iterator
from typing import Any

import redis
from redis.client import Pipeline

from shared.data import codec
from shared.data.analysis import Analysis
from shared.data.messages import EndReason, KeypointChunk
from shared.errors import CoachError, MessageError
from shared.queue import keys
from shared.queue.connection import queue_errors
from shared.queue.job import ACTIVE, Job, State, from_record, to_record, to_text
from shared.queue.streams import publish

_log = logging.getLogger(__name__)

#: Change a job's state, if it is in one of the allowed states.
#:
#: Keys:
#:     KEYS[1]  coach:job:<id>     hash: reads field `state`; writes `state` and the given fields
#:     KEYS[2]  coach:jobs:active  set: the id is added for an active state, else removed
#: Arguments:
#:     ARGV[1]  id of the job
#:     ARGV[2]  new state
#:     ARGV[3]  allowed old states, separated by spaces
#:     ARGV[4…] further fields to set: field, value, field, value, …
#: Returns 1 if the state was changed, 0 if the job is unknown or in another state.
_CHANGE_STATE = """
local state = redis.call('HGET', KEYS[1], 'state')
if not state or not string.find(' ' .. ARGV[3] .. ' ', ' ' .. state .. ' ', 1, true) then
  return 0
end
redis.call('HSET', KEYS[1], 'state', ARGV[2], unpack(ARGV, 4))
if ARGV[2] == 'queued' or ARGV[2] == 'running' then
  redis.call('SADD', KEYS[2], ARGV[1])
else
  redis.call('SREM', KEYS[2], ARGV[1])
end
return 1
"""


class JobStore:
    """The jobs of one Redis.

    Args:
        client: connection to the server.
        keep_s: how long ended jobs stay there, in seconds.
    """

    def __init__(self, client: redis.Redis, keep_s: int) -> None:
        self._client: Any = client
        self._keep_s = keep_s
        self._change_state = client.register_script(_CHANGE_STATE)

    # Records and states

    def create(self, job: Job) -> bool:
        """Record a job, unless it is there and active. A job that has ended starts over.

        Returns:
            Whether it was recorded; its decoding must be enqueued then.
        """
        with queue_errors():
            if self.is_active(job.id):
                return False
            with self._client.pipeline(transaction=True) as pipe:
                pipe.delete(*keys.all_of(job.id))
                pipe.hset(keys.job(job.id), mapping=to_record(job))
                pipe.zadd(keys.JOBS, {job.id: job.created_s})
                pipe.sadd(keys.ACTIVE_JOBS, job.id)
                pipe.execute()
        return True

    def get(self, job_id: str) -> Job | None:
        """A job's record; None if there is none.

        A record that another version of Coach stored cannot be carried out: the job fails.
        """
        record = self._client.hgetall(keys.job(job_id))
        if not record:
            return None
        try:
            job = from_record(
                {
                    name.decode(errors="replace"): value.decode(errors="surrogateescape")
                    for name, value in record.items()
                }
            )
            if job.id != job_id:
                raise MessageError(f"the record of job {job_id} is that of job {job.id}")
            return job
        except MessageError as error:
            _log.warning("%s", error)
            self.fail(job_id, error)
            return None

    def state(self, job_id: str) -> State | None:
        """A job's state; None if there is no such job."""
        state = self._client.hget(keys.job(job_id), "state")
        return state.decode() if state else None

    def is_active(self, job_id: str) -> bool:
        """Whether a job is queued or running, so that work for it is still wanted."""
        return self.state(job_id) in ACTIVE

    def ids(self) -> list[str]:
        """Ids of all known jobs, newest first, without those that have expired."""
        return [
            job_id.decode()
            for job_id in self._client.zrevrange(keys.JOBS, 0, -1)
            if self._client.exists(keys.job(job_id.decode()))
        ]

    def active_ids(self) -> list[str]:
        """Ids of the jobs that are queued or running, sorted."""
        return sorted(job_id.decode() for job_id in self._client.smembers(keys.ACTIVE_JOBS))

    def start(self, job_id: str) -> bool:
        """Set a job running, if it is active; whether it is."""
        return self._change(job_id, "running")

    def finish(self, job_id: str) -> bool:
        """Set a job done, if it is active; its manifest must be on disk before."""
        return self._end(job_id, "done")

    def fail(self, job_id: str, error: CoachError) -> bool:
        """Set a job failed with the reason, if it is active."""
        return self._end(job_id, "failed", error=str(error), error_kind=type(error).__name__)

    def cancel(self, job_id: str) -> bool:
        """Set a job cancelled, if it is active; each worker drops its messages on arrival."""
        return self._end(job_id, "cancelled")

    def update(self, job_id: str, pipe: Pipeline | None = None, **values: object) -> None:
        """Set fields of a record, and the time of its last progress.

        Args:
            job_id: the job.
            pipe: a transaction that this becomes part of.
            **values: fields of `Job`.
        """
        record: Any = {name: to_text(value) for name, value in values.items()}
        target = self._client if pipe is None else pipe
        target.hset(keys.job(job_id), mapping={**record, "progress_s": to_text(time.time())})

    # Chunks and results

    def send(self, job_id: str, stream: str, payload: bytes, **values: object) -> bool:
        """Send a job's message and set fields of its record, in one transaction.

        Returns:
            False when the server has no memory for it; nothing is sent then.
        """
        try:
            with self._client.pipeline(transaction=True) as pipe:
                publish(pipe, stream, payload)
                self.update(job_id, pipe, **values)
                pipe.execute()
        except redis.exceptions.OutOfMemoryError:
            return False
        return True

    def mark_posed(self, pipe: Pipeline, job_id: str, chunk: int) -> None:
        """Record, as part of a transaction, that a chunk's poses were found."""
        pipe.setbit(keys.posed(job_id), chunk, 1)
        pipe.expire(keys.posed(job_id), self._keep_s)  # in case the job has ended meanwhile
        self.update(job_id, pipe)

    def posed_chunks(self, job_id: str) -> int:
        """Number of chunks with found poses."""
        return int(self._client.bitcount(keys.posed(job_id)))

    def stored_chunks(self, job_id: str) -> int:
        """Number of chunks with a stored result."""
        return int(self._client.hlen(keys.results(job_id)))

    def stored_chunk_numbers(self, job_id: str) -> set[int]:
        """Numbers of the chunks with a stored result."""
        return {int(number) for number in self._client.hkeys(keys.results(job_id))}

    def store_result(self, job_id: str, chunk: int, payload: bytes) -> bool:
        """Store a chunk's result; storing it twice gives the same as once.

        Returns:
            Whether the job has all its results now.
        """
        with self._client.pipeline(transaction=True) as pipe:
            pipe.hset(keys.results(job_id), str(chunk), payload)
            pipe.expire(keys.results(job_id), self._keep_s)  # in case the job has ended meanwhile
            self._ring_doorbell(pipe, job_id)
            self.update(job_id, pipe)
            return self._execute_and_check_complete(pipe, job_id)

    def store_end(self, job_id: str, chunks: int, reason: EndReason) -> bool:
        """Store the number of chunks and why the frames ended.

        Returns:
            Whether the job has all its results now.
        """
        with self._client.pipeline(transaction=True) as pipe:
            self.update(job_id, pipe, chunks=chunks, end_reason=reason)
            return self._execute_and_check_complete(pipe, job_id)

    def results(self, job_id: str, chunks: int) -> Iterator[KeypointChunk]:
        """Yield a job's results in order."""
        for chunk in range(chunks):
            payload = self._client.hget(keys.results(job_id), str(chunk))
            yield codec.unpack(payload or b"", KeypointChunk)

    def store_analysis(self, pipe: Pipeline, analysis: Analysis) -> None:
        """Store, as part of a transaction, a job's analysis for the writer."""
        pipe.set(keys.analysis(analysis.job), codec.pack(analysis))
        self.update(analysis.job, pipe)

    def analysis(self, job_id: str) -> Analysis | None:
        """A job's analysis; None until all its chunks are scored."""
        payload = self._client.get(keys.analysis(job_id))
        return codec.unpack(payload, Analysis) if payload else None

    def has_analysis(self, job_id: str) -> bool:
        """Whether a job's analysis is stored; it is not read."""
        return bool(self._client.exists(keys.analysis(job_id)))

    # The decoder's window

    def wait_for_room(self, job_id: str, sent: int, window: int, timeout_s: int) -> bool:
        """Wait until fewer than `window` of the `sent` chunks are in flight.

        Returns:
            False when there is still no room after `timeout_s`.
        """
        if sent - self.stored_chunks(job_id) < window:
            return True
        self.wait_for_result(job_id, timeout_s)
        return sent - self.stored_chunks(job_id) < window

    def wait_for_result(self, job_id: str, timeout_s: int) -> None:
        """Wait until another chunk's result is stored, at most `timeout_s`."""
        self._client.blpop([keys.doorbell(job_id)], timeout=timeout_s)

    def _ring_doorbell(self, pipe: Pipeline, job_id: str) -> None:
        pipe.lpush(keys.doorbell(job_id), b"")
        pipe.ltrim(keys.doorbell(job_id), 0, 0)
        pipe.expire(keys.doorbell(job_id), self._keep_s)

    def _execute_and_check_complete(self, pipe: Pipeline, job_id: str) -> bool:
        """Execute a transaction that ends in comparing the results with the number of chunks."""
        pipe.hlen(keys.results(job_id))
        pipe.hget(keys.job(job_id), "chunks")
        *_, scored, chunks = pipe.execute()
        return chunks is not None and scored == int(chunks)

    def _change(self, job_id: str, to: State, **values: str) -> bool:
        """Change an active job's state and set fields; whether it was active."""
        values["progress_s"] = to_text(time.time())
        flat = [part for item in values.items() for part in item]
        changed = self._change_state(
            keys=[keys.job(job_id), keys.ACTIVE_JOBS], args=[job_id, to, " ".join(ACTIVE), *flat]
        )
        return bool(changed)

    def _end(self, job_id: str, to: State, **values: str) -> bool:
        """Change an active job's state to an ended one and delete all but its record."""
        changed = self._change(job_id, to, **values)
        if changed:
            with self._client.pipeline(transaction=True) as pipe:
                pipe.delete(*keys.all_of(job_id)[1:])
                pipe.expire(keys.job(job_id), self._keep_s)
                pipe.zremrangebyscore(keys.JOBS, 0, time.time() - 2 * self._keep_s)
                pipe.execute()
        return changed
