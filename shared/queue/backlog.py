"""What waits between the services: messages in streams, tasks in queues; and how long it has."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rq import Queue

from shared.queue import keys, tasks
from shared.queue.job import ACTIVE, State
from shared.queue.values import text_of

#: Unfinished messages of a stream. None of them is sent along: a chunk takes a megabyte.
#:
#: Keys: KEYS[1]  the stream. Arguments: ARGV[1]  its consumer group.
#: Returns how many there are, how many of them a consumer has, and how long ago the oldest was sent
#: (ms). Handled messages are deleted, so that all that are there are unfinished.
_STREAM = """
local length = redis.call('XLEN', KEYS[1])
if length == 0 then
  return {0, 0, 0}
end
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1])
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1][1]
local clock = redis.call('TIME')
local sent_ms = tonumber(string.match(first, '%d+'))
return {length, pending.err and 0 or pending[1], clock[1] * 1000 + clock[2] / 1000 - sent_ms}
"""

_TASKS: dict[str, tasks.Name] = {"decoder": "decode", "writer": "write"}


@dataclass(frozen=True, slots=True)
class Backlog:
    """Unfinished work of one stream or queue.

    Attributes:
        service: The service that does it.
        name: Name of the stream or queue.
        waiting: Messages or tasks that nobody has taken.
        in_flight: Those that a process has taken and not finished.
        oldest_s: Time since the oldest was sent, in seconds; 0 if there is none. Of a queue,
            only those that wait count.
    """

    service: str
    name: str
    waiting: int
    in_flight: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class ActiveJobs:
    """The jobs that have not ended.

    Attributes:
        states: How many are queued, also in their batches, and how many running.
        backends: Pose backends that those need that do not wait in their batches.
    """

    states: Counter[State]
    backends: frozenset[str]


def active_jobs(client: Any) -> ActiveJobs:
    """Ask for the jobs that have not ended."""
    with client.pipeline(transaction=False) as pipe:
        for job_id in client.smembers(keys.ACTIVE_JOBS):
            pipe.hmget(keys.job(text_of(job_id)), "state", "options")
        records = [(text_of(state), options) for state, options in pipe.execute() if options]
    backends = frozenset(_backend(options) for _, options in records)
    states = Counter[State](known for state, _ in records for known in ACTIVE if known == state)
    states["queued"] += _waiting_in_batches(client)
    return ActiveJobs(states, backends - {""})


def _waiting_in_batches(client: Any) -> int:
    """Number of the jobs whose batches have no room for them yet."""
    batches = [text_of(batch) for batch in client.smembers(keys.BATCHES)]
    with client.pipeline(transaction=False) as pipe:
        for batch in batches:
            pipe.zcard(keys.batch_waiting(batch))
        return sum(pipe.execute())


def backlogs(client: Any, backends: Iterable[str]) -> list[Backlog]:
    """The backlog of every stage, in the order in which a frame passes them.

    Args:
        client: connection to the server.
        backends: names of the pose backends whose streams are looked at.
    """
    streams = [("pose", keys.frames(backend), keys.POSE_GROUP) for backend in sorted(backends)]
    streams.append(("scorer", keys.KEYPOINTS, keys.SCORER_GROUP))
    found = [
        _stream(client, service, name, group)
        for service, stream, group in streams
        for name in keys.by_priority(stream)
    ]
    return [*_queues(client, "decoder"), *found, *_queues(client, "writer")]


def unfinished_chunks(client: Any, backend: str) -> int:
    """Number of chunks for the pose workers of a backend that are not finished, of any priority.

    A chunk that a worker had which died is one of them.
    """
    with client.pipeline(transaction=False) as pipe:
        for stream in keys.by_priority(keys.frames(backend)):
            pipe.xlen(stream)
        return sum(pipe.execute())


def _stream(client: Any, service: str, stream: str, group: str) -> Backlog:
    length, pending, oldest_ms = client.eval(_STREAM, 1, stream, group)
    return Backlog(service, stream, length - pending, pending, max(0.0, oldest_ms / 1000))


def _queues(client: Any, service: str) -> list[Backlog]:
    return [_queue(client, service, queue) for queue in tasks.queues(client, _TASKS[service])]


def _queue(client: Any, service: str, queue: Queue) -> Backlog:
    waiting = client.llen(queue.key)
    in_flight = client.zcard(queue.started_job_registry.key)
    oldest_s = 0.0
    for task_id in client.lrange(queue.key, 0, 0):
        since = client.hget(f"rq:job:{text_of(task_id)}", "enqueued_at")
        oldest_s = _age_s(since) if since else 0.0
    return Backlog(service, queue.name, waiting, in_flight, oldest_s)


def _age_s(since: bytes) -> float:
    try:
        then = datetime.fromisoformat(text_of(since))
    except ValueError:
        return 0.0
    return max(0.0, (datetime.now(UTC) - then.replace(tzinfo=then.tzinfo or UTC)).total_seconds())


def _backend(options: bytes) -> str:
    """The backend in the options of a record; "" if another version has stored it."""
    try:
        return str(json.loads(options)["backend"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
