"""What an operator asks of workers while they run: to pause, or to finish and end.

- `coach:paused` names the services that take no new message or task until the key is gone.
- `coach:drain` names services, machines and single workers (`host:pid`), each with a time. A worker
  that started before that time finishes what it has, and ends with status 0. It does not
  concern one that starts later, so that new workers can replace old ones.

Each worker asks once a second. All times are the server's, so that no clock of a machine matters.
"""

import json
import os
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import redis

from shared.activity import ACTIVITY
from shared.queue import keys
from shared.queue.values import number_of

#: Interval at which a worker asks, in seconds. Chosen: it pauses at most two seconds after it was
#: asked to, also if it waits for work at that moment, and one more command a second costs nothing.
ASK_S = 1.0

#: Time that a request to drain is kept, in seconds. Chosen: a day is more than any task takes,
#: after which its worker reads it.
_KEEP_DRAIN_S = 86_400

#: What `coach:paused` holds where every service is meant.
ALL = "all"

#: Replace a value, unless another operator has done so meanwhile; also while memory is full.
#:
#: Keys: KEYS[1] coach:paused. Arguments: ARGV[1] the value that was read, ARGV[2] the new one; ""
#: stands for none. Returns 1 if it was replaced.
_REPLACE = """#!lua flags=allow-oom
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
  return 0
end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[2])
end
return 1
"""

#: Have workers end that started before a time, if they are not to do so already; also while memory
#: is full.
#:
#: Keys: KEYS[1] coach:drain
#: Arguments: ARGV[1] who, ARGV[2] the time, ARGV[3] how long this is kept, in seconds
_DRAIN = """#!lua flags=allow-oom
local known = redis.call('HGET', KEYS[1], ARGV[1])
if not known or tonumber(known) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
"""

#: The services, in the order in which a frame passes them.
SERVICES = ("decoder", "pose", "scorer", "writer")


class Requests:
    """What is asked of one worker; it asks the server when it is due.

    Args:
        client: connection to the server.
        service: the worker's service.
    """

    def __init__(self, client: redis.Redis, service: str) -> None:
        self._client: Any = client
        self._service = service
        host = socket.gethostname()
        self._targets = (service, host, f"{host}:{os.getpid()}")
        self._next_s = 0.0
        self._is_paused = self._must_end = False
        self._started_s = 0.0
        with suppress(redis.RedisError):  # it is asked again later
            self._started_s = now_s(client)

    def is_paused(self) -> bool:
        """Whether the worker takes no new work for now.

        Raises:
            redis.RedisError: the server does not answer.
        """
        self._ask_if_due()
        return self._is_paused

    def must_end(self) -> bool:
        """Whether the worker ends once it has finished what it has.

        Raises:
            redis.RedisError: the server does not answer.
        """
        self._ask_if_due()
        return self._must_end

    def _ask_if_due(self) -> None:
        if time.monotonic() < self._next_s:
            return
        self._next_s = time.monotonic() + ASK_S
        with suppress(redis.exceptions.NoPermissionError):  # rights from before there were requests
            if not self._started_s:
                self._started_s = now_s(self._client)
            self._is_paused = ACTIVITY.is_paused = self._service in paused(self._client)
            times = self._client.hmget(keys.DRAIN, self._targets)
            self._must_end = any(number_of(at) > self._started_s for at in times)


def now_s(client: Any) -> float:
    """The server's time, Unix seconds."""
    seconds, microseconds = client.time()
    return float(seconds + microseconds / 1e6)


def paused(client: Any) -> tuple[str, ...]:
    """The services that are paused, in the order of `SERVICES`."""
    return _services_in(client.get(keys.PAUSED))


def _services_in(text: bytes | None) -> tuple[str, ...]:
    """The services that a value of `coach:paused` names."""
    try:
        asked = json.loads(text or "[]")
    except (ValueError, RecursionError):
        asked = []  # not written by Coach
    if asked == ALL:
        return SERVICES
    return tuple(service for service in SERVICES if isinstance(asked, list) and service in asked)


def pause(client: Any, services: Iterable[str]) -> None:
    """Have services take no new work, besides those that are paused already."""
    _change_paused(client, services, {*SERVICES}.intersection(services))


def resume(client: Any, services: Iterable[str]) -> None:
    """Have services take work again."""
    _change_paused(client, services, set())


def _change_paused(client: Any, services: Iterable[str], are_paused: set[str]) -> None:
    """Set which of some services are paused; the others stay as another operator sets them."""
    while True:
        before = client.get(keys.PAUSED) or b""
        now = {*_services_in(before)}.difference(services) | are_paused
        names: Any = ALL if now == {*SERVICES} else [name for name in SERVICES if name in now]
        text = json.dumps(names) if now else ""
        if client.eval(_REPLACE, 1, keys.PAUSED, before, text):
            return


def drain(client: Any, target: str, older_than_s: float = 0.0) -> None:
    """Have workers finish what they have and end.

    Args:
        client: connection to the server.
        target: a service, a machine's name, or one worker as `host:pid`.
        older_than_s: minimum age of the workers that are meant, in seconds.
    """
    before_s = now_s(client) - older_than_s
    client.eval(_DRAIN, 1, keys.DRAIN, target, repr(before_s), _KEEP_DRAIN_S)
