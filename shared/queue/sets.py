"""The sets of a recording as jobs of their own, and how far the gate has come.

    recording   looked at part by part ──→ all sets have ended ──→ written
                         └──→ set: decoded, posed, judged, written like any clip

A set's id, source and result folder follow from the recording alone: a part that is looked at twice
gives the same jobs.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import redis

from shared.data import codec
from shared.data.gate import GateState
from shared.data.messages import KeypointChunk
from shared.queue import keys, tasks
from shared.queue.job import RESUMABLE, Job, new_job
from shared.queue.job_store import JobStore
from shared.queue.lease import HOLD, Lease
from shared.queue.stalled_jobs import send_work
from shared.queue.values import text_of

#: Store how far a recording was looked at, if the lease is held, and set fields of its record.
#:
#: Keys: KEYS[1], KEYS[2] see HOLD, KEYS[3] coach:job:<id>:gate, KEYS[4] coach:job:<id>:results
#: Arguments: ARGV[1…3] see HOLD, ARGV[4] the state, ARGV[5] time to keep, seconds,
#:     ARGV[6] field of the record, ARGV[7] its value
#: The results of the part are deleted. Returns what HOLD returns.
_SAVE = (
    "#!lua"
    + HOLD
    + """
local answer = hold()
if answer == 'held' then
  redis.call('SET', KEYS[3], ARGV[4], 'EX', ARGV[5])
  redis.call('HSET', KEYS[1], ARGV[6], ARGV[7])
  redis.call('DEL', KEYS[4])
end
return answer
"""
)


def new_set(recording: Job, clip: Path, sha256: str, part_s: tuple[float, float]) -> Job:
    """The job of one set.

    Args:
        recording: the recording's job.
        clip: the set's clip, in the set's result folder.
        sha256: fingerprint of the clip.
        part_s: from when to when the set lasts in the recording, in seconds.
    """
    options = replace(recording.options, sets="off")
    job = new_job(clip, sha256, clip.parent, options, recording.timeout_s)
    from_s, to_s = part_s
    return replace(
        job, recording=recording.id, from_s=from_s, to_s=to_s, priority=recording.priority
    )


def sets_of(client: Any, store: JobStore, job_id: str) -> list[Job]:
    """The jobs of a recording's sets that are known, in order of time."""
    ids = [*map(text_of, client.smembers(keys.sets(job_id)))]
    jobs = [job for job in map(store.get, ids) if job is not None]
    return sorted(jobs, key=lambda job: job.from_s)


def looked_at(client: Any, job_id: str) -> GateState | None:
    """How far a recording was looked at; None before the first part, or if that is lost."""
    payload = client.get(keys.gate(job_id))
    return codec.unpack(payload, GateState) if payload else None


def look_again(client: Any, store: JobStore, job_id: str) -> None:
    """Have a recording looked at from its beginning; sets that are known are not done again."""
    client.delete(keys.gate(job_id))
    store.update(job_id, end_sent=0)


def resume_sets(client: Any, store: JobStore, job_id: str, timeout_s: int) -> None:
    """Queue those sets of a resumed recording again that have failed or were cancelled."""
    for one in sets_of(client, store, job_id):
        if one.state in RESUMABLE and store.resume(one.id):
            send_work(client, store, one.id, timeout_s)


class Gate:
    """What the decoder keeps of a recording at the server, while it holds the recording's lease.

    Args:
        client: connection to the server; it waits while that is away or full.
        store: the jobs on it.
        lease: the lease of the recording's job.
        job: the recording's job.
        keep_s: how long what is stored stays if nothing happens any more, in seconds.
    """

    def __init__(
        self, client: redis.Redis, store: JobStore, lease: Lease, job: Job, keep_s: int
    ) -> None:
        self._client: Any = client
        self._store, self._lease, self._job, self._keep_s = store, lease, job, keep_s
        self._save = client.register_script(_SAVE)

    def load(self) -> GateState | None:
        """How far the recording was looked at; None before the first part."""
        return looked_at(self._client, self._job.id)

    def save(self, state: GateState, decoded: int) -> None:
        """Store how far the recording was looked at, and forget the looks of that part.

        What is known of its sets stays as long.

        Raises:
            WorkOver: the job is not wanted any more, or another task has it.
        """
        names = [*self._lease.keys, keys.gate(self._job.id), keys.results(self._job.id)]
        sets = keys.sets(self._job.id)
        with self._client.pipeline(transaction=False) as pipe:
            for key in (sets, *(keys.job(text_of(one)) for one in self._client.smembers(sets))):
                pipe.expire(key, self._keep_s, gt=True)  # not of sets that have not ended
            pipe.execute()
        values: list[Any] = [codec.pack(state), self._keep_s, "decoded", decoded]
        self._lease.note(self._save(keys=names, args=[*self._lease.arguments, *values]))
        self._lease.check()

    def begin_part(self, first_chunk: int) -> None:
        """Have the record say that the next chunk is the first one of a part."""
        self._lease.confirm(sent=first_chunk, end_sent=0)
        self._client.delete(keys.sent(self._job.id))

    def looks(self, chunks: Iterable[int]) -> list[KeypointChunk]:
        """What the pose workers saw in chunks; fewer if the server has lost some."""
        numbers = [str(chunk) for chunk in chunks]
        stored = self._client.hmget(keys.results(self._job.id), numbers) if numbers else []
        return [codec.unpack(payload, KeypointChunk) for payload in stored if payload is not None]

    def submit(self, job: Job, timeout_s: int) -> None:
        """Have a set analysed, unless that is done already.

        One of an earlier run of the recording starts over. One that has failed or was cancelled
        goes on.
        """
        self._lease.confirm()
        self._client.sadd(keys.sets(self._job.id), job.id)
        self._client.expire(keys.sets(self._job.id), self._keep_s)
        known = self._store.get(job.id)
        if known is None or known.created_s < self._job.created_s:
            if self._store.create(job):
                tasks.enqueue(self._client, "decode", job.id, timeout_s)
        elif known.state in RESUMABLE and self._store.resume(job.id):
            send_work(self._client, self._store, job.id, timeout_s)
