"""What waits in a deployment, for whoever watches it."""

from dataclasses import dataclass
from datetime import UTC
from typing import Any

import redis

from shared.queue import keys, tasks
from shared.queue.pausing import now_s

#: Id of a stream's oldest entry, without sending the entry, which may take a megabyte. KEYS[1]: the
#: stream.
_OLDEST = """
local entries = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
return entries[1] and entries[1][1]
"""


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue of a deployment.

    Attributes:
        name: decode, frames (with the backend), keypoints or write.
        service: The service that takes from it.
        lag: Messages or tasks that nobody has taken yet.
        in_flight: Those that a worker has.
        oldest_s: Age of the oldest one that is not finished, in seconds; None if there is none.
    """

    name: str
    service: str
    lag: int
    in_flight: int
    oldest_s: float | None


def queues(client: Any, backends: set[str]) -> list[Queue]:
    """The queues, in the order in which a frame passes them.

    Args:
        client: connection to the server.
        backends: pose backends whose streams are looked at.
    """
    time_s = now_s(client)
    return [
        _tasks(client, "decode", time_s),
        *(
            _stream(client, keys.frames(name), f"frames {name}", keys.POSE_GROUP, time_s)
            for name in sorted(backends)
        ),
        _stream(client, keys.KEYPOINTS, "keypoints", keys.SCORER_GROUP, time_s),
        _tasks(client, "write", time_s),
    ]


def frame_chunks(client: Any, backend: str) -> int:
    """Chunks of frames that wait for the pose workers of a backend, or that they have."""
    return int(client.xlen(keys.frames(backend)))


def _stream(client: Any, stream: str, name: str, group: str, time_s: float) -> Queue:
    service = {keys.POSE_GROUP: "pose", keys.SCORER_GROUP: "scorer"}[group]
    length = client.xlen(stream)  # finished messages are deleted
    try:
        in_flight = int(client.xpending(stream, group)["pending"])
    except redis.ResponseError as error:
        if "NOGROUP" not in str(error):
            raise
        in_flight = 0  # no worker was ever there
    oldest = client.eval(_OLDEST, 1, stream) if length else None
    age_s = max(0.0, time_s - int(oldest.split(b"-")[0]) / 1000) if oldest else None
    return Queue(name, service, max(0, length - in_flight), in_flight, age_s)


def _tasks(client: Any, name: tasks.Name, time_s: float) -> Queue:
    queue = tasks.queue(client, name)
    waiting = queue.get_job_ids(0, 1)
    task = queue.fetch_job(waiting[0]) if waiting else None
    age_s = None
    if task is not None and task.enqueued_at is not None:
        enqueued_at = task.enqueued_at
        if enqueued_at.tzinfo is None:
            enqueued_at = enqueued_at.replace(tzinfo=UTC)
        age_s = max(0.0, time_s - enqueued_at.timestamp())
    started = queue.started_job_registry.get_job_count(cleanup=False)
    service = {"decode": "decoder", "write": "writer"}[name]
    return Queue(name, service, queue.count, started, age_s)
