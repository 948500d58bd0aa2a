"""The record of a job in Redis, and the states it may go through.

    queued ──→ running ──→ done
       │          ├──────→ failed
       └──────────┴──────→ cancelled

A job that has ended and is submitted again starts over.

A change of state is one compare-and-set, so that of two processes that want to end a job only one
does. The truth of a finished job is its manifest on disk; the record only tells where it is.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

import redis
from redis.client import Pipeline

from shared.data import codec
from shared.data.analysis import Analysis
from shared.data.job_options import JobOptions, JudgingOptions
from shared.data.messages import KeypointChunk
from shared.data.pose_options import PoseOptions
from shared.errors import CoachError
from shared.queue import keys
from shared.queue.connection import refusals
from shared.queue.streams import publish

State = Literal["queued", "running", "done", "failed", "cancelled"]
ACTIVE: tuple[State, ...] = ("queued", "running")
ENDED: tuple[State, ...] = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Job:
    """A job's record.

    source, out: absolute paths of the video and of the folder for its results.
    decoded, sent, chunks, written: how far it is; chunks is -1 until a scorer knows of the end.
    decoded, frames and written count frames of the source, sent and chunks count chunks.
    every: the sampling chosen. repairs: how often the job was found at a standstill.
    info: what the decoder found the source to be (JSON).
    error, error_kind: why it failed, and the class of `shared.errors`.
    progress_s: when something last happened to it, Unix seconds.
    """

    id: str
    state: State
    source: str
    sha256: str
    out: str
    options: JobOptions
    created_s: float
    progress_s: float
    decoded: int = 0
    frames: int = 0
    sent: int = 0
    chunks: int = -1
    end_reason: str = ""
    written: int = 0
    every: int = 1
    repairs: int = 0
    error: str = ""
    error_kind: str = ""
    info: str = "{}"


def job_id(sha256: str, out: Path, options: JobOptions) -> str:
    """Identity of a job: the same content, options and place give the same job."""
    text = json.dumps([sha256, str(out), asdict(options)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


#: KEYS: the job's hash, the set of active jobs. ARGV: job id, the new state, allowed old states
#: (space-separated), then field, value, … to set. Returns 1 if the change was made.
_TRANSITION = """
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
    """The jobs of one Redis."""

    def __init__(self, client: redis.Redis, keep_s: int) -> None:
        """Keep ended jobs for `keep_s` seconds."""
        self._client: Any = client
        self._keep_s = keep_s
        self._transition = client.register_script(_TRANSITION)

    def create(self, job: Job) -> bool:
        """Record a job, unless it is there and active; whether it has to be enqueued.

        A job that has ended is forgotten and starts over.
        """
        with refusals():
            if self.state(job.id) in ACTIVE:
                return False
            record = {name: _stored(getattr(job, name)) for name in _FIELDS}
            with self._client.pipeline(transaction=True) as pipe:
                pipe.delete(*keys.all_of(job.id))
                pipe.hset(keys.job(job.id), mapping=record)
                pipe.zadd(keys.JOBS, {job.id: job.created_s})
                pipe.sadd(keys.ACTIVE_JOBS, job.id)
                pipe.execute()
        return True

    def get(self, job_id: str) -> Job | None:
        """A job's record; None if there is none of this id."""
        record = self._client.hgetall(keys.job(job_id))
        if not record:
            return None
        return _job({name.decode(): value.decode() for name, value in record.items()})

    def state(self, job_id: str) -> State | None:
        """A job's state alone."""
        state = self._client.hget(keys.job(job_id), "state")
        return state.decode() if state else None

    def is_active(self, job_id: str) -> bool:
        """Whether work for a job is still wanted."""
        return self.state(job_id) in ACTIVE

    def ids(self) -> list[str]:
        """Ids of all known jobs, newest first; those that have expired are left out."""
        return [
            job_id.decode()
            for job_id in self._client.zrevrange(keys.JOBS, 0, -1)
            if self._client.exists(keys.job(job_id.decode()))
        ]

    def active_ids(self) -> list[str]:
        """Ids of the jobs that are queued or running."""
        return sorted(job_id.decode() for job_id in self._client.smembers(keys.ACTIVE_JOBS))

    def start(self, job_id: str) -> bool:
        """Note that a job is being worked on; whether it is still wanted."""
        return self._change(job_id, "running", ACTIVE)

    def finish(self, job_id: str) -> bool:
        """Note that a job is done; its manifest must be on disk before."""
        return self._end(job_id, "done")

    def fail(self, job_id: str, error: CoachError) -> bool:
        """Note that a job has failed, and why."""
        return self._end(job_id, "failed", error=str(error), error_kind=type(error).__name__)

    def cancel(self, job_id: str) -> bool:
        """Give a job up; what is in flight is dropped where it is next touched."""
        return self._end(job_id, "cancelled")

    def note(self, job_id: str, pipe: Pipeline | None = None, **values: object) -> None:
        """Set fields of a record, and that something has happened to the job."""
        record: Any = {name: _stored(value) for name, value in values.items()}
        target = self._client if pipe is None else pipe
        target.hset(keys.job(job_id), mapping={**record, "progress_s": _stored(time.time())})

    def mark_posed(self, pipe: Pipeline, job_id: str, chunk: int) -> None:
        """Note, as part of a transaction, that a chunk has been through pose."""
        pipe.setbit(keys.posed(job_id), chunk, 1)
        pipe.expire(keys.posed(job_id), self._keep_s)  # should the job have ended meanwhile
        self.note(job_id, pipe)

    def posed_chunks(self, job_id: str) -> int:
        """How many chunks have been through pose."""
        return int(self._client.bitcount(keys.posed(job_id)))

    def scored_chunks(self, job_id: str) -> int:
        """How many chunks have their result."""
        return int(self._client.hlen(keys.results(job_id)))

    def scored_chunk_numbers(self, job_id: str) -> set[int]:
        """Which chunks have their result."""
        return {int(number) for number in self._client.hkeys(keys.results(job_id))}

    def store_result(self, job_id: str, chunk: int, payload: bytes) -> bool:
        """Store a chunk's result; whether it is the one that completes the job.

        Storing it again changes nothing, and completes a complete job again.
        """
        with self._client.pipeline(transaction=True) as pipe:
            pipe.hset(keys.results(job_id), str(chunk), payload)
            pipe.expire(keys.results(job_id), self._keep_s)  # should the job have ended meanwhile
            self._ring(pipe, job_id)
            self.note(job_id, pipe)
            return self._completes(pipe, job_id)

    def store_end(self, job_id: str, chunks: int, reason: str) -> bool:
        """Store how many chunks there are; whether all have their result."""
        with self._client.pipeline(transaction=True) as pipe:
            self.note(job_id, pipe, chunks=chunks, end_reason=reason)
            return self._completes(pipe, job_id)

    def results(self, job_id: str, chunks: int) -> Iterator[KeypointChunk]:
        """A job's results in order."""
        for chunk in range(chunks):
            payload = self._client.hget(keys.results(job_id), str(chunk))
            yield codec.unpack(payload or b"", KeypointChunk)

    def store_analysis(self, pipe: Pipeline, analysis: Analysis) -> None:
        """Store, as part of a transaction, what the writer needs."""
        pipe.set(keys.analysis(analysis.job), codec.pack(analysis))
        self.note(analysis.job, pipe)

    def analysis(self, job_id: str) -> Analysis | None:
        """The analysis of a completely scored job; None while there is none."""
        payload = self._client.get(keys.analysis(job_id))
        return codec.unpack(payload, Analysis) if payload else None

    def wait_for_room(self, job_id: str, sent: int, window: int, timeout_s: int) -> bool:
        """Wait until fewer than `window` of the `sent` chunks are in flight.

        Returns:
            False when there is still no room after `timeout_s`.
        """
        if sent - self.scored_chunks(job_id) < window:
            return True
        self.wait_for_change(job_id, timeout_s)
        return sent - self.scored_chunks(job_id) < window

    def wait_for_change(self, job_id: str, timeout_s: int) -> None:
        """Wait until a chunk's result comes in, or the time is up."""
        self._client.blpop([keys.doorbell(job_id)], timeout=timeout_s)

    def send(self, job_id: str, stream: str, payload: bytes, **values: object) -> bool:
        """Send a job's message and note `values`; False when the server has no memory for it."""
        try:
            with self._client.pipeline(transaction=True) as pipe:
                publish(pipe, stream, payload)
                self.note(job_id, pipe, **values)
                pipe.execute()
        except redis.exceptions.OutOfMemoryError:
            return False
        return True

    def _ring(self, pipe: Pipeline, job_id: str) -> None:
        pipe.lpush(keys.doorbell(job_id), b"")
        pipe.ltrim(keys.doorbell(job_id), 0, 0)
        pipe.expire(keys.doorbell(job_id), self._keep_s)

    def _completes(self, pipe: Pipeline, job_id: str) -> bool:
        """Run a transaction that ends in comparing the results with the number of chunks."""
        pipe.hlen(keys.results(job_id))
        pipe.hget(keys.job(job_id), "chunks")
        *_, scored, chunks = pipe.execute()
        return chunks is not None and scored == int(chunks)

    def _change(self, job_id: str, to: State, allowed: tuple[State, ...], **values: str) -> bool:
        values["progress_s"] = _stored(time.time())
        flat = [part for item in values.items() for part in item]
        done = self._transition(
            keys=[keys.job(job_id), keys.ACTIVE_JOBS], args=[job_id, to, " ".join(allowed), *flat]
        )
        return bool(done)

    def _end(self, job_id: str, to: State, **values: str) -> bool:
        changed = self._change(job_id, to, ACTIVE, **values)
        if changed:
            with self._client.pipeline(transaction=True) as pipe:
                pipe.delete(*keys.all_of(job_id)[1:])
                pipe.expire(keys.job(job_id), self._keep_s)
                pipe.zremrangebyscore(keys.JOBS, 0, time.time() - 2 * self._keep_s)
                pipe.execute()
        return changed


def new_job(source: Path, sha256: str, out: Path, options: JobOptions) -> Job:
    """A job as it is before anything is done: absolute paths, nothing decoded."""
    source, out = Path(os.path.abspath(source)), Path(os.path.abspath(out))
    now_s = time.time()
    return Job(
        id=job_id(sha256, out, options),
        state="queued",
        source=str(source),
        sha256=sha256,
        out=str(out),
        options=options,
        created_s=now_s,
        progress_s=now_s,
    )


_FIELDS = {field.name: field.type for field in fields(Job)}


def _stored(value: object) -> str:
    if isinstance(value, JobOptions):
        return json.dumps(asdict(value))
    return repr(value) if isinstance(value, float) else str(value)


def _job(record: dict[str, str]) -> Job:
    typed: dict[str, Any] = {}
    for name, text in record.items():
        if name == "options":
            typed[name] = _options(json.loads(text))
        elif _FIELDS.get(name) in (int, float):
            typed[name] = _FIELDS[name](text)  # type: ignore[operator]
        elif name in _FIELDS:
            typed[name] = text
    return Job(**typed)


def _options(stored: dict[str, Any]) -> JobOptions:
    pose, judging = PoseOptions(**stored["pose"]), JudgingOptions(**stored["judging"])
    return JobOptions(**stored | {"pose": pose, "judging": judging})
