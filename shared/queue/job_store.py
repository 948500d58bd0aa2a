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
from shared.queue import job_scripts, keys
from shared.queue.connection import queue_errors
from shared.queue.job import ACTIVE, RESUMABLE, Job, State, from_record, to_record, to_text
from shared.queue.values import text_of

_log = logging.getLogger(__name__)

#: Time that the results of a failed job are kept for `coach retry`, in seconds (chosen: long enough
#: to fix the cause; the results of an hour of video take 200 MB).
KEEP_FAILED_S = 3600

#: Time that the bitmap of chunks with found poses is kept after each of them, in seconds (chosen:
#: it is shown as progress only).
_KEEP_POSED_S = 3600


class JobStore:
    """The jobs of one Redis.

    Args:
        client: connection to the server.
        keep_s: how long ended jobs stay there, in seconds.
    """

    def __init__(self, client: redis.Redis, keep_s: int) -> None:
        self._client: Any = client
        self._keep_s = keep_s
        self._change_state = client.register_script(job_scripts.CHANGE_STATE)
        self._end_job = client.register_script(job_scripts.END)
        self._store_result = client.register_script(job_scripts.STORE_RESULT)
        self._store_end = client.register_script(job_scripts.STORE_END)

    # Records and states

    def create(self, job: Job, force: bool = False) -> bool:
        """Record a job, unless it is there and active. A job that has ended starts over.

        Args:
            job: the job.
            force: have an active job start over, too; its tasks notice that and stop.

        Returns:
            Whether it was recorded; its decoding must be enqueued then.
        """
        with queue_errors():
            if force:
                self.cancel(job.id)
            return bool(
                self._client.transaction(
                    lambda pipe: self._create(pipe, job),
                    keys.job(job.id),
                    value_from_callable=True,
                )
            )

    def _create(self, pipe: Any, job: Job) -> bool:
        """Record a job in a transaction that watches its record."""
        state = pipe.hget(keys.job(job.id), "state")
        pipe.multi()
        if text_of(state) in ACTIVE:
            return False
        pipe.delete(*keys.all_of(job.id))
        pipe.hset(keys.job(job.id), mapping=to_record(job))
        pipe.zadd(keys.JOBS, {job.id: job.created_s})
        pipe.sadd(keys.ACTIVE_JOBS, job.id)
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
            if not self.fail(job_id, error):  # it has no state that could end
                self._client.srem(keys.ACTIVE_JOBS, job_id)
            return None

    def state(self, job_id: str) -> State | None:
        """A job's state; None if there is no such job."""
        state = self._client.hget(keys.job(job_id), "state")
        return state.decode(errors="replace") if state else None

    def traceparent(self, job_id: str) -> str:
        """The trace of a job; "" if there is no such job."""
        return text_of(self._client.hget(keys.job(job_id), "traceparent"))

    def is_active(self, job_id: str) -> bool:
        """Whether a job is queued or running, so that work for it is still wanted."""
        return self.state(job_id) in ACTIVE

    def ids(self) -> list[str]:
        """Ids of all known jobs, newest first, without those that have expired."""
        ids = [*map(text_of, self._client.zrevrange(keys.JOBS, 0, -1))]
        with self._client.pipeline(transaction=False) as pipe:
            for job_id in ids:
                pipe.exists(keys.job(job_id))
            return [job_id for job_id, exists in zip(ids, pipe.execute(), strict=True) if exists]

    def ids_to_end(self) -> list[str]:
        """Ids of all jobs that have not ended, newest first: with those that wait in a batch."""
        ids = self.ids()
        with self._client.pipeline(transaction=False) as pipe:
            for job_id in ids:
                pipe.hget(keys.job(job_id), "state")
            states = [*map(text_of, pipe.execute())]
        return [job_id for job_id, state in zip(ids, states, strict=True) if state in ACTIVE]

    def active_ids(self) -> list[str]:
        """Ids of the jobs that are queued or running, without those in a batch's line; sorted."""
        return sorted(map(text_of, self._client.smembers(keys.ACTIVE_JOBS)))

    def start(self, job_id: str) -> bool:
        """Set a job running, if it is active; whether it is."""
        return self._change(job_id, "running", ACTIVE)

    def resume(self, job_id: str) -> bool:
        """Queue a job again that has failed or was cancelled; what is stored of it is used.

        Returns:
            Whether it had; its work must be enqueued then.
        """
        fresh = {"error": "", "error_kind": "", "sent": "0", "end_sent": "0", "written": "0"}
        fresh |= {"repairs": "0", "repaired_at": "", "repair_due_s": "0.0", "started_s": "0.0"}
        return self._change(job_id, "queued", RESUMABLE, **fresh)

    def finish(self, job_id: str) -> bool:
        """Set a job done, if it is active; its manifest must be on disk before."""
        return self._end(job_id, "done")

    def fail(self, job_id: str, error: CoachError) -> bool:
        """Set a job failed with the reason, if it is active. Its results stay for a while."""
        values = {"error": str(error), "error_kind": type(error).__name__}
        return self._end(job_id, "failed", KEEP_FAILED_S, **values)

    def cancel(self, job_id: str) -> bool:
        """Set a job cancelled, if it is active; each worker drops its messages on arrival.

        The sets of a recording are cancelled with it.
        """
        sets = self._client.smembers(keys.sets(job_id))
        is_cancelled = self._end(job_id, "cancelled")
        if is_cancelled:
            for one in sets:
                self._end(text_of(one), "cancelled")
        return is_cancelled

    def forget(self, job_id: str) -> bool:
        """Delete the record of a job that has ended, and all else of it; whether it had."""
        names = [keys.JOBS, *keys.all_of(job_id)]
        return bool(self._client.eval(job_scripts.FORGET, len(names), *names, job_id))

    def rewind(self, job_id: str) -> None:
        """Have all chunks sent again that have no result."""
        self._client.delete(keys.sent(job_id))
        self.update(job_id, sent=0, end_sent=0)

    def update(self, job_id: str, **values: object) -> None:
        """Set fields of a record, and the time of its last progress."""
        record = {"progress_s": time.time(), **values}
        flat = [part for name, value in record.items() for part in (name, to_text(value))]
        self._client.eval(job_scripts.UPDATE, 1, keys.job(job_id), *flat)

    def drop_leftovers(self, job_id: str) -> None:
        """Delete what a late worker has stored of a job that has ended meanwhile."""
        names = [keys.job(job_id), *keys.all_of(job_id)[1:]]
        self._client.eval(job_scripts.DROP_LEFTOVERS, len(names), *names)

    # Chunks and results

    def mark_posed(self, pipe: Pipeline, job_id: str, chunk: int) -> None:
        """Record, as part of a transaction, that a chunk's poses were found."""
        pipe.hdel(keys.sent(job_id), str(chunk))
        pipe.setbit(keys.posed(job_id), chunk, 1)
        pipe.expire(keys.posed(job_id), _KEEP_POSED_S)  # in case the job has ended meanwhile

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
        """Store a chunk's result, if the job is active; twice gives the same as once.

        Returns:
            Whether the job has all its results now.
        """
        names = [keys.job(job_id), keys.results(job_id), keys.doorbell(job_id)]
        return bool(self._store_result(names, [chunk, _now(), self._keep_s, payload]))

    def store_end(self, job_id: str, chunks: int, reason: EndReason) -> bool:
        """Store the number of chunks and why the frames ended, if the job is active.

        Returns:
            Whether the job has all its results now.
        """
        names = [keys.job(job_id), keys.results(job_id)]
        return bool(self._store_end(names, [chunks, _now(), to_text(reason)]))

    def results(self, job_id: str, chunks: int) -> Iterator[KeypointChunk]:
        """Yield a job's results in order; fewer if the server has lost one meanwhile."""
        for chunk in range(chunks):
            payload = self._client.hget(keys.results(job_id), str(chunk))
            if payload is None:
                return
            yield codec.unpack(payload, KeypointChunk)

    def store_analysis(self, pipe: Pipeline, analysis: Analysis) -> None:
        """Store, as part of a transaction, a job's analysis for the writer."""
        pipe.set(keys.analysis(analysis.job), codec.pack(analysis), ex=self._keep_s)

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

    def _change(self, job_id: str, to: State, allowed: tuple[State, ...], **values: str) -> bool:
        """Change a job's state from an allowed one and set fields; whether it was in one."""
        values["progress_s"] = _now()
        flat = [part for item in values.items() for part in item]
        names = [keys.job(job_id), keys.ACTIVE_JOBS]
        return bool(self._change_state(names, [job_id, to, " ".join(allowed), *flat]))

    def _end(self, job_id: str, to: State, keep_results_s: int = 0, **values: str) -> bool:
        """Change an active job's state to an ended one; whether it was active."""
        values["progress_s"] = _now()
        flat = [part for item in values.items() for part in item]
        names = [keys.job(job_id), keys.ACTIVE_JOBS, keys.JOBS, keys.sent(job_id)]
        names += [keys.doorbell(job_id), keys.lease(job_id)]
        names += [keys.results(job_id), keys.analysis(job_id), keys.posed(job_id)]
        names += [keys.gate(job_id), keys.sets(job_id)]
        listed_s = time.time() - 2 * self._keep_s
        arguments: list[Any] = [job_id, to, self._keep_s, listed_s, keep_results_s, *flat]
        return bool(self._end_job(names, arguments))


def _now() -> str:
    """The time as a record has it."""
    return to_text(time.time())
