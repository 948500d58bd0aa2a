"""The register of the processes that serve a deployment: which are there, and what they do.

    coach:worker:<host>:<pid>  hash        the fields of `Worker`; gone 30 s after the last refresh
    coach:workers              sorted set  the keys of these hashes by `seen_s`

Each process refreshes its own entry every 5 s, in a thread and on a connection of its own. Whether
the server answers changes nothing for its work, nor for its end. All times are the server's.
"""

import atexit
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any

import redis

from shared.activity import ACTIVITY, Activity
from shared.queue import keys
from shared.queue.connection import impatient

#: Interval between two refreshes, and time after which an entry that is not refreshed counts as
#: gone, in seconds (chosen: five refreshes may be late or lost).
REFRESH_S, GONE_S = 5.0, 30

#: Time over which the rate of frames is taken, in seconds. Chosen: a worker of the slowest network
#: finishes several chunks in it.
_RATE_S = 60.0

#: Time that the end of the process waits for its entry to be deleted, in seconds (chosen: far below
#: the 10 s that an end may take).
_LEAVE_S = 1.0

#: Largest number in an entry (chosen: more bytes than a machine has, and a later time than any).
_MAX_NUMBER = 2.0**53

#: Refresh the entry of a process, also while the server's memory is full.
#:
#: Keys:
#:     KEYS[1]  coach:worker:<host>:<pid>  hash
#:     KEYS[2]  coach:workers              sorted set
#: Arguments:
#:     ARGV[1]  time after which it counts as gone, in seconds
#:     ARGV[2]  how long ago the process started, in seconds
#:     ARGV[3]  how long ago its last error was, in seconds; "" if there was none
#:     ARGV[4…] field, value, …
_REFRESH = """#!lua flags=allow-oom
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local function ago(seconds)
  return seconds == '' and '0' or string.format('%.3f', now - seconds)
end
redis.call('HSET', KEYS[1], 'seen_s', ago(0), 'started_s', ago(ARGV[2]), 'last_error_s',
  ago(ARGV[3]), unpack(ARGV, 4))
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], now, KEYS[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[1])
"""


@dataclass(frozen=True, slots=True)
class Worker:
    """One process of a deployment, as it was at its last refresh.

    Attributes:
        service: decoder, pose, scorer or writer.
        host: Name of its machine.
        pid: Process id there.
        started_s: Time of its start, Unix seconds of the server.
        seen_s: Time of its last refresh, Unix seconds of the server.
        frames: Frames that it is done with since its start: sent, looked at, stored or written.
        frames_per_s: The same per second, over the last minute.
        memory_bytes: Memory of it and of the process of its task; 0 if not known.
        network: Pose backend; "" for other services.
        engine: What runs its networks; "" until they are loaded.
        job: Id of the job that it works on; "" if none.
        last_error: Last error in its log; "" if there was none.
        last_error_s: Time of that error, Unix seconds of the server; 0 if there was none.
        paused: Whether the operator keeps it from taking new work.
        autoscaled: Pose backends whose workers something starts when chunks wait, with spaces
            between them: it knows of that.
    """

    service: str
    host: str
    pid: int
    started_s: float
    seen_s: float
    frames: int
    frames_per_s: float
    memory_bytes: int
    network: str
    engine: str
    job: str
    last_error: str
    last_error_s: float
    paused: bool
    autoscaled: str

    @classmethod
    def of(cls, record: dict[bytes, bytes]) -> "Worker | None":
        """The worker of an entry; None if it is gone meanwhile, or of another version."""
        text = {
            name.decode(errors="replace"): v.decode(errors="replace") for name, v in record.items()
        }
        try:
            kinds = {field.name: field.type for field in fields(cls)}
            return cls(**{name: _value(kind, text[name]) for name, kind in kinds.items()})
        except (KeyError, ValueError):
            return None


def workers(client: Any) -> list[Worker]:
    """The processes that are there, by service, machine and process id."""
    with client.pipeline(transaction=False) as pipe:
        for key in client.zrange(keys.WORKERS, 0, -1):
            pipe.hgetall(key)
        records = pipe.execute()
    found = [worker for record in records if (worker := Worker.of(record)) is not None]
    return sorted(found, key=lambda worker: (worker.service, worker.host, worker.pid))


def autoscaled(there: Iterable[Worker]) -> set[str]:
    """Pose backends whose workers something starts when chunks wait, as processes say."""
    return {backend for worker in there for backend in worker.autoscaled.split()}


def register(service: str, client: redis.Redis) -> "Register":
    """Register this process until it ends."""
    entry = Register(service, client)
    atexit.register(entry.close)
    return entry


class Register:
    """The entry of this process, which a thread refreshes until it is closed.

    Args:
        service: name of the service.
        client: a connection to the server; it is copied.
        activity: what the process is doing.
        refresh_s: interval between two refreshes, in seconds.
    """

    def __init__(
        self,
        service: str,
        client: redis.Redis,
        activity: Activity = ACTIVITY,
        refresh_s: float = REFRESH_S,
    ) -> None:
        self._service, self._activity = service, activity
        self._refresh_s = refresh_s
        self._host, self._pid = socket.gethostname(), os.getpid()
        self._keys = [keys.worker(self._host, self._pid), keys.WORKERS]
        self._started_s = time.monotonic()
        self._samples: deque[tuple[float, int]] = deque([(self._started_s, activity.frames)])
        self._is_closing = threading.Event()
        self._thread = threading.Thread(
            target=self._keep, args=(impatient(client),), name="register", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Delete the entry; it goes by itself if the server does not answer within a second."""
        self._is_closing.set()
        self._thread.join(_LEAVE_S)

    def _keep(self, client: Any) -> None:
        refresh = client.register_script(_REFRESH)
        with client:
            while True:
                with suppress(redis.RedisError):  # the next one may succeed
                    refresh(keys=self._keys, args=[GONE_S, *self._entry()])
                if self._is_closing.wait(self._refresh_s):
                    break
            with suppress(redis.RedisError):
                client.delete(self._keys[0])
                client.zrem(self._keys[1], self._keys[0])
            client.connection_pool.disconnect()

    def _entry(self) -> list[Any]:
        """The arguments of the script, without the first."""
        activity = self._activity
        last_error, error_age_s = activity.last_error
        values = {
            "service": self._service,
            "host": self._host,
            "pid": self._pid,
            "frames": activity.frames,
            "frames_per_s": f"{self._frames_per_s(time.monotonic()):.3f}",
            "memory_bytes": activity.memory_bytes(),
            "network": activity.network,
            "engine": activity.engine,
            "job": activity.job,
            "last_error": last_error,
            "paused": int(activity.is_paused),
            "autoscaled": " ".join(activity.autoscaled),
        }
        flat = [part for item in values.items() for part in item]
        uptime_s = time.monotonic() - self._started_s
        return [uptime_s, error_age_s if last_error else "", *flat]

    def _frames_per_s(self, now_s: float) -> float:
        frames = self._activity.frames
        while len(self._samples) > 1 and self._samples[1][0] <= now_s - _RATE_S:
            self._samples.popleft()
        first_s, first_frames = self._samples[0]
        self._samples.append((now_s, frames))
        return (frames - first_frames) / max(now_s - first_s, self._refresh_s)


def _value(kind: Any, text: str) -> Any:
    """The value of a field; ValueError if it is no number, or none that a process could have."""
    if kind is bool:
        return text == "1"
    value = kind(text)
    if kind is not str and not 0 <= value <= _MAX_NUMBER:  # nor is NaN
        raise ValueError(f"{text:.40} is not within 0 to {_MAX_NUMBER:g}")
    return value
