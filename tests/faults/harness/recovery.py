"""How long it takes until the work that a fault hit goes on."""

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import redis
from faults.harness.bench import Bench
from faults.harness.crew import Slot
from faults.harness.moments import job_of_task, stream_of

from shared.queue.job import ACTIVE

#: Progress of a job that has ended.
_ENDED = ("ended",)

#: Interval of looking, in seconds.
_LOOK_S = 0.1


@dataclass
class Recovery:
    """One fault's recovery.

    Attributes:
        kind: The fault's kind, and which service it hit.
        since_s: When it was over, monotonic: when a process was hit, or the server was back.
        took_s: Time until the work went on; None as long as it has not.
    """

    kind: str
    since_s: float
    took_s: float | None = None


class Recoveries:
    """Watches what faults have hit, until it goes on.

    A stream worker's messages must be acknowledged; a task's job must make progress, in the stage
    that was hit; after a server's fault, any job must.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._open: list[tuple[Recovery, Any]] = []
        self._next_look_s = 0.0
        self.all: list[Recovery] = []

    def watch(self, kind: str, slot: Slot | None) -> None:
        """Watch a fault that has just hit a slot, or the whole deployment."""
        with suppress(redis.RedisError):
            is_recovered = self._condition(slot)
            if is_recovered is not None:
                name = f"{kind}: {slot.service}" if slot else kind
                recovery = Recovery(name, time.monotonic())
                self.all.append(recovery)
                self._open.append((recovery, is_recovered))

    def look(self) -> None:
        """Note what has recovered."""
        if time.monotonic() < self._next_look_s:
            return
        self._next_look_s = time.monotonic() + _LOOK_S
        with suppress(redis.RedisError):  # the server is away
            for entry in list(self._open):
                recovery, is_recovered = entry
                if is_recovered():
                    recovery.took_s = time.monotonic() - recovery.since_s
                    self._open.remove(entry)

    def _condition(self, slot: Slot | None) -> Any:
        if slot is None:
            jobs = [job.id for job in self._bench.active_jobs()]
            before = {job: self._progress(job) for job in jobs}
            if _ENDED in before.values() or not jobs:
                return None  # it has just got further, or there is nothing to do
            return lambda: any(self._progress(job) != was for job, was in before.items())
        if slot.service in ("pose", "scorer"):
            return self._messages_done(slot)
        return self._task_goes_on(slot)

    def _messages_done(self, slot: Slot) -> Any:
        """The condition that the messages of a worker are done; None if it holds none."""
        bench = self._bench
        stream, group = stream_of(bench, slot)
        held = [
            entry["message_id"]
            for entry in bench.observer.xpending_range(stream, group, "-", "+", 100)
            if entry["consumer"].decode().endswith(f"-{slot.pid}")
        ]
        if not held:
            return None
        return lambda: not any(bench.observer.xrange(stream, entry, entry) for entry in held)

    def _task_goes_on(self, slot: Slot) -> Any:
        """The condition that a task's job has got further; None if the process has no task."""
        job = job_of_task(self._bench, slot)
        if job is None:
            return None
        before = self._progress(job)
        if before == _ENDED:
            return None  # it was about to leave a job that is over
        return lambda: self._progress(job) != before

    def _progress(self, job_id: str) -> tuple[Any, ...]:
        """What changes when a job gets further; not when its stage merely begins again."""
        bench = self._bench
        record = bench.store.get(job_id)
        if record is None or record.state not in ACTIVE:
            return _ENDED
        return (
            record.sent, record.decoded, record.chunks, record.written,
            bench.store.stored_chunks(job_id), bench.store.has_analysis(job_id),
        )  # fmt: skip
