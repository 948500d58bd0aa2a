"""Moments of a job's life, and how a fault waits for them."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import redis
from faults.harness.aof import Unit
from faults.harness.bench import Bench
from faults.harness.crew import Slot
from faults.harness.servers import Tail

from shared.queue import keys

#: Steps of a fault: each is the time until the next, in seconds.
Steps = Iterator[float]

#: Interval at which a fault looks whether its moment has come, in seconds, and for how long.
POLL_S, _PATIENCE_S = 0.01, 6.0

#: Moments of a job's life: name → words of the command that the server then writes to its file.
MOMENTS = {
    "submitted": (b"ZADD", b"coach:jobs"),
    "chunk sent": (b"XADD", b"coach:frames:"),
    "poses published": (b"XADD", b"coach:keypoints"),
    "result stored": (b"HSET", b":results"),
    "analysis stored": (b"SET", b":analysis"),
    "job done": (b"HSET", b"done"),
}

#: Moments of a recording's life.
RECORDING_MOMENTS = {
    "set known": (b"SADD", b":sets"),
    "part looked at": (b"SET", b":gate"),
    "all looked at": (b"HSET", b"end_sent"),
}


def slot_of(bench: Bench, service: str, number: int) -> Slot:
    return bench.crew.of(service)[number]


def until(condition: Callable[[], bool]) -> Steps:
    """Wait for a moment, but not for ever."""
    for _ in range(round(_PATIENCE_S / POLL_S)):
        with suppress(redis.RedisError):
            if condition():
                return
        yield POLL_S


def is_busy(bench: Bench, slot: Slot) -> bool:
    """Whether a process works on something."""
    if slot.service in ("decoder", "writer"):
        return job_of_task(bench, slot) is not None
    stream, group = stream_of(bench, slot)
    return any(
        consumer["name"].decode().endswith(f"-{slot.pid}") and consumer["pending"]
        for consumer in bench.observer.xinfo_consumers(stream, group)
    )


def job_of_task(bench: Bench, slot: Slot) -> str | None:
    """The job whose lease a task of this decoder or writer holds; None if none does."""
    child = slot.child()
    for job in bench.active_jobs() if child else ():
        token = bench.observer.get(keys.lease(job.id)) or b""
        if f":{child}:" in token.decode():
            return job.id
    return None


def stream_of(bench: Bench, slot: Slot) -> tuple[str, str]:
    if slot.service == "pose":
        return f"coach:frames:{bench.backend}", "pose"
    return "coach:keypoints", "scorer"


def is_at(unit: Unit, moment: str) -> bool:
    command, part = {**MOMENTS, **RECORDING_MOMENTS}[moment]
    return any(
        words[0].upper() == command and any(part in word[:80] for word in words[1:])
        for words in unit.commands
    )


def at_moment(bench: Bench, moment: str) -> Steps:
    """Wait until the server writes a command of this moment."""
    tail = Tail(bench.server)
    return until(lambda: any(is_at(unit, moment) for unit in tail.new()))


def insist(command: Callable[[], Any]) -> Steps:
    """Give the server a command, once it takes one."""
    while True:
        try:
            command()
        except redis.RedisError:
            yield 0.2
        else:
            return
