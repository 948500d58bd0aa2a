"""Sends the work of a job again where it was lost: the monitor in each scorer.

A job wants one thing at a time: to be decoded, to pass the streams, or to be written.

- Where it wants a task, one must wait in the queue, or hold the job's lease. A task that has died
  does neither once its lease has ended. If that is so in two rounds running, which excludes a task
  that is just being started, the task is enqueued again.
- A recording is decoded until all of it was looked at. Once its sets have ended, the monitor has it
  written. A set whose recording has failed or was cancelled is cancelled too.
- Where it passes the streams, one of its own messages must be there. If there is none, and the job
  has not advanced for `stall_s`, the messages were lost: what has no result is sent again.

A job that gets no further after several repairs fails. So does one that exceeds its time limit.
"""

import logging
import time
from dataclasses import dataclass, replace
from typing import Any

import redis

from shared.data import codec
from shared.data.messages import EndOfStream
from shared.errors import CoachError
from shared.queue import keys, tasks
from shared.queue.in_flight import is_in_flight
from shared.queue.job import RESUMABLE, Job
from shared.queue.job_store import JobStore
from shared.queue.lease import LEASE_S
from shared.queue.priorities import named
from shared.queue.streams import publish
from shared.queue.values import number_of, text_of
from shared.settings import Settings

#: Time that each repair of a job that gets no further has to work before the next, in seconds.
#: After the last of them the job fails.
_PAUSES_S = (0.0, 5.0, 10.0, 20.0, 40.0)

#: Interval between two rounds, in seconds, where a round is short. Together with the time of a
#: lease it bounds the time to repair: 12 + 2 × 2.5 s.
_ROUND_S = 2.5

#: Minimum ratio of the interval to a round's processor time (chosen: 5 % of one processor).
_ROUND_FACTOR = 20

#: Longest time that one round keeps the others off, in ms (chosen: a round of thousands of jobs is
#: not held up, and a job is repaired within half a minute).
_LONGEST_ROUND_MS = 15_000

#: Time for which the set of idle jobs is kept, in rounds.
_KEEP_ROUNDS = 4

#: Fields of a record that a round reads.
_FIELDS = ("kind", "recording", "end_sent", "progress_s", "timeout_s", "started_s")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a round sees of a job.

    Attributes:
        kind: A clip or a recording.
        recording: The recording that it is a set of; "" for other jobs.
        wants: The task that the job wants next; None while it passes the streams.
        is_held: Whether a task holds the job's lease.
        progress_s: Time of its last progress, Unix seconds of a worker.
        timeout_s: Its time limit; 0 for none.
        started_s: Time when its first task began, Unix seconds of the server; 0 before.
    """

    kind: str
    recording: str
    wants: tasks.Name | None
    is_held: bool
    progress_s: float
    timeout_s: float
    started_s: float

    @property
    def is_complete_recording(self) -> bool:
        """Whether it is a recording whose sets have all ended; nobody else has it written."""
        return self.kind == "recording" and self.wants == "write"

    @property
    def is_passing(self) -> bool:
        """Whether its messages are to pass the streams; a recording waits for its sets then."""
        return self.wants is None and self.kind == "clip"


class StalledJobMonitor:
    """Repairs stalled jobs, in one round at a time among all processes."""

    def __init__(self, client: redis.Redis, store: JobStore, settings: Settings) -> None:
        self._client: Any = client
        self._store, self._settings = store, settings
        self._shortest_s = self._round_s = min(_ROUND_S, settings.stall_s)
        self._next_round_s = 0.0

    def repair_if_due(self) -> None:
        """Repair every stalled job, if a round is due."""
        started_s = time.monotonic()
        if started_s < self._next_round_s:
            return
        self._next_round_s = started_s + self._round_s
        is_mine = self._client.set(
            keys.STALLED_JOB_MONITOR, 1, nx=True, px=max(1, round(self._round_s * 900))
        )
        if is_mine:
            used_s = time.thread_time()  # waiting for a slow server must not delay the next round
            self._do_round()
            used_s = time.thread_time() - used_s
            self._round_s = max(self._shortest_s, _ROUND_FACTOR * used_s)
        else:  # it would last for an hour if the server's clock had been an hour fast
            self._client.pexpire(keys.STALLED_JOB_MONITOR, _LONGEST_ROUND_MS, lt=True)

    def _do_round(self) -> None:
        jobs = self._without_orphans(self._look_at(self._store.active_ids()))
        names: tuple[tasks.Name, ...] = ("decode", "write")
        queued = {name: tasks.queued_jobs(self._client, name) for name in names}
        idle = {
            job_id
            for job_id, seen in jobs.items()
            if seen.wants and not seen.is_held and job_id not in queued[seen.wants]
        }
        idle_before = self._idle_before(idle)
        for job_id in sorted(idle):
            if job_id in idle_before:
                self._repair(job_id, jobs[job_id].wants)
            elif jobs[job_id].is_complete_recording:
                send_work(self._client, self._store, job_id, self._settings.task_timeout_s)
        now_s = self._client.time()[0]
        for job_id, seen in jobs.items():
            if seen.timeout_s and 0 < seen.started_s < now_s - seen.timeout_s:
                text = f"it took longer than {seen.timeout_s:g} s (--timeout)"
                self._store.fail(job_id, CoachError(text))
            elif seen.is_passing and self._has_lost_messages(job_id, seen):
                self._repair(job_id, None)

    def _look_at(self, ids: list[str]) -> dict[str, _Seen]:
        with self._client.pipeline(transaction=False) as pipe:
            for job_id in ids:
                pipe.expire(keys.lease(job_id), round(LEASE_S), lt=True)  # as for the round's key
                pipe.exists(keys.lease(job_id))
                pipe.exists(keys.analysis(job_id))
                pipe.hmget(keys.job(job_id), *_FIELDS)
            answers = iter(pipe.execute())
        jobs = {}
        with_sets = set()
        for job_id, _, held, scored, (kind, recording, end_sent, *numbers) in zip(
            ids, answers, answers, answers, answers, strict=True
        ):
            wants = _wanted(scored, end_sent)
            names = [text_of(kind), text_of(recording)]
            with_sets.add(names[1])
            jobs[job_id] = _Seen(
                names[0] or "clip", names[1], wants, bool(held), *map(number_of, numbers)
            )
        return {
            job_id: replace(seen, wants="write")
            if seen.kind == "recording" and seen.wants is None and job_id not in with_sets
            else seen
            for job_id, seen in jobs.items()
        }

    def _without_orphans(self, jobs: dict[str, _Seen]) -> dict[str, _Seen]:
        """The jobs, without sets whose recording was cancelled or failed: those are cancelled."""
        kept = {}
        for job_id, seen in jobs.items():
            if seen.recording and self._store.state(seen.recording) in RESUMABLE:
                self._store.cancel(job_id)
            else:
                kept[job_id] = seen
        return kept

    def _idle_before(self, idle: set[str]) -> set[str]:
        """The jobs that were idle in the round before; `idle` takes their place."""
        with self._client.pipeline(transaction=True) as pipe:
            pipe.smembers(keys.IDLE_JOBS)
            pipe.delete(keys.IDLE_JOBS)
            if idle:
                pipe.sadd(keys.IDLE_JOBS, *idle)
                pipe.pexpire(keys.IDLE_JOBS, max(1, round(_KEEP_ROUNDS * self._round_s * 1000)))
            before, *_ = pipe.execute()
        return {*map(text_of, before)}

    def _has_lost_messages(self, job_id: str, seen: _Seen) -> bool:
        if abs(time.time() - seen.progress_s) < self._settings.stall_s:  # a clock may be set back
            return False
        job = self._store.get(job_id)
        return job is not None and not is_in_flight(self._client, job)

    def _repair(self, job_id: str, task: tasks.Name | None) -> None:
        """Send a job's work again, unless its last repair still has time to work."""
        job = self._store.get(job_id)
        if job is None:
            return
        stored = self._store.stored_chunks(job_id)
        done = f"{task or 'pass'} {stored}"
        if job.kind == "recording":
            done += f" {job.decoded}"  # its looks are forgotten part by part
        repairs = job.repairs + 1 if job.repaired_at == done else 1
        now_s = time.time()
        if repairs > 1 and 0 < job.repair_due_s - now_s < max(_PAUSES_S):
            return
        if repairs > len(_PAUSES_S):
            self._store.fail(job_id, _no_progress(job, task))
            return
        _log.warning("job %s: its work was lost; sending it again (%s)", job_id, task or "chunks")
        due_s = now_s + _PAUSES_S[min(repairs, len(_PAUSES_S) - 1)]
        values: dict[str, Any] = {
            "repairs": repairs, "repaired_at": done, "repair_due_s": due_s
        }  # fmt: skip
        self._store.update(job_id, **values)
        tasks.forget_dead(self._client, job_id)
        if task is None:
            self._store.rewind(job_id)
        send_work(self._client, self._store, job_id, self._settings.task_timeout_s)


def send_work(client: Any, store: JobStore, job_id: str, timeout_s: int) -> None:
    """Send what a job needs next; what is stored of it is not done again.

    Args:
        client: connection to the server.
        store: the jobs on it.
        job_id: the job, which is active.
        timeout_s: time limit of a task, in seconds.
    """
    job = store.get(job_id)
    if job is None:
        return
    if job.kind == "recording":
        tasks.enqueue(client, "write" if job.end_sent else "decode", job_id, timeout_s)
    elif store.has_analysis(job_id):
        tasks.enqueue(client, "write", job_id, timeout_s)
    elif 0 <= job.chunks == store.stored_chunks(job_id):
        store.update(job_id, end_sent=1)  # all is there but the analysis
        end = EndOfStream(job_id, job.chunks, job.end_reason)
        publish(client, named(keys.KEYPOINTS, job.priority), codec.pack(end))
    else:
        tasks.enqueue(client, "decode", job_id, timeout_s)


def _wanted(scored: int, end_sent: bytes | None) -> tasks.Name | None:
    if scored:
        return "write"
    return None if end_sent == b"1" else "decode"


def _no_progress(job: Job, task: tasks.Name | None) -> CoachError:
    workers = {"decode": "decoders'", "write": "writers'", None: "pose workers' and scorers'"}[task]
    return CoachError(
        f"{job.source}: no progress after {job.repairs} repairs; see the {workers} logs, then "
        "`coach retry` it"
    )
