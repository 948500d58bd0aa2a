"""The connection to Redis or Valkey."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.retry import Retry

from shared.errors import QueueError, UsageError

#: The oldest servers that know all commands used, by their own names.
_OLDEST = {"Redis": (7, 0), "Valkey": (7, 2)}

#: What the rest of the code calls a connection.
Client = redis.Redis

#: Longer than any blocking read, so that a silent server is told from a slow one.
_SOCKET_TIMEOUT_S = 30.0

#: A restart of the server takes a few seconds: try again for about that long before giving up.
_RETRIES = 4


def connect(url: str) -> Client:
    """Connect to a server and make sure that it answers.

    Args:
        url: `redis://…`, `rediss://…` or `unix://…`.

    Raises:
        UsageError: this is no such URL.
        QueueError: the server does not answer.
    """
    try:
        client = redis.Redis.from_url(
            url,
            socket_timeout=_SOCKET_TIMEOUT_S,
            socket_connect_timeout=5,
            retry=Retry(ExponentialWithJitterBackoff(cap=2, base=0.1), _RETRIES),
        )
    except ValueError as error:
        raise UsageError(f"{url!r} is no Redis URL: {error}") from error
    with refusals(url):
        client.ping()
    return client


@dataclass(frozen=True)
class Server:
    """What a server says of itself; policy: what it forgets when its memory is full."""

    name: str
    version: str
    policy: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def supported(self) -> bool:
        """Whether it is as new as Coach needs."""
        numbers = tuple(int(part) for part in self.version.split(".")[:2])
        return numbers >= _OLDEST[self.name]


def server_of(client: Client) -> Server:
    """What server this is.

    Raises:
        QueueError: it does not tell.
    """
    with refusals():
        told: Any = client.info()
    version = told.get("valkey_version")
    name = "Valkey" if version else "Redis"
    policy = told.get("maxmemory_policy", "noeviction")
    return Server(name, str(version or told["redis_version"]), str(policy))


@contextmanager
def refusals(url: str = "") -> Iterator[None]:
    """Turn the client's errors into QueueError within the block."""
    where = f" at {without_password(url)}" if url else ""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError) as error:
        raise QueueError(
            f"Redis{where} cannot be reached ({error}); start it, or check --redis/COACH_REDIS_URL"
        ) from error
    except redis.ResponseError as error:
        raise QueueError(f"Redis{where} refuses: {error}") from error


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{host}"))
