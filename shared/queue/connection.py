"""The connection to Redis or Valkey."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

import redis
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.retry import Retry

from shared.errors import QueueError, UsageError

#: Oldest version that has all commands used, by server.
_OLDEST = {"Redis": (7, 0), "Valkey": (7, 2)}

#: Type of a connection, for code outside this package.
Client = redis.Redis

#: Time without an answer after which a command fails, in seconds (longer than any blocking read).
_SOCKET_TIMEOUT_S = 30.0

#: Time limit for opening a connection, in seconds.
_CONNECT_TIMEOUT_S = 5.0

#: Tries of a command after the first. With the pauses between them they last about as long as a
#: server needs to restart.
_RETRIES = 4

#: First and longest pause between two tries, in seconds.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2.0

#: Time without an answer after which what is not essential is given up, in seconds (chosen).
_IMPATIENT_S = 2.0

#: What may follow the question mark of a URL. The client would take anything, also what changes the
#: kind of its answers, and refuse what it does not know where it first connects.
_URL_OPTIONS = {
    *("client_name", "db", "password", "protocol", "username"),
    *("health_check_interval", "max_connections", "socket_keepalive"),
    *("ssl_ca_certs", "ssl_ca_path", "ssl_cert_reqs", "ssl_certfile", "ssl_check_hostname"),
    *("ssl_keyfile", "ssl_min_version", "ssl_password"),
}


def connect(url: str) -> Client:
    """Connect to a server and check that it answers.

    Args:
        url: `redis://…`, `rediss://…` or `unix://…`.

    Raises:
        UsageError: the URL is of another kind, or has an option that is unknown or wrong.
        QueueError: the server does not answer.
    """
    try:
        unknown = sorted(parse_qs(urlsplit(url).query, True).keys() - _URL_OPTIONS)
        if unknown:
            raise ValueError(
                f"unknown option {unknown[0]!r}; there are: {', '.join(sorted(_URL_OPTIONS))}"
            )
        client = redis.Redis.from_url(
            url,
            encoding_errors="surrogateescape",  # names of files that are not UTF-8
            driver_info=None,  # to look up the library's version takes longer than to connect
            socket_timeout=_SOCKET_TIMEOUT_S,
            socket_connect_timeout=_CONNECT_TIMEOUT_S,
            retry=Retry(
                ExponentialWithJitterBackoff(cap=_LONGEST_PAUSE_S, base=_FIRST_PAUSE_S), _RETRIES
            ),
        )
        client.connection_pool.connection_class(**client.connection_pool.connection_kwargs)
    except (ValueError, TypeError, AttributeError, redis.RedisError) as error:
        raise UsageError(f"{_shown(url)} is no Redis URL: {error}") from error
    with queue_errors(url):
        client.ping()
    return client


def impatient(client: Client) -> Client:
    """A connection to the same server that gives up soon: for what must hold up nothing else."""
    pool = client.connection_pool
    kwargs = {
        **pool.connection_kwargs,
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": _IMPATIENT_S,
        "socket_connect_timeout": _IMPATIENT_S,
    }
    copy = redis.ConnectionPool(connection_class=pool.connection_class, **kwargs)
    return redis.Redis(connection_pool=copy)


@dataclass(frozen=True)
class Server:
    """Identity of a server.

    Attributes:
        name: "Redis" or "Valkey".
        version: Its version.
        policy: What it does when its memory is full (`maxmemory-policy`).
    """

    name: str
    version: str
    policy: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def supported(self) -> bool:
        """Whether its version has all commands that Coach uses."""
        numbers = tuple(int(part) for part in self.version.split(".")[:2])
        return numbers >= _OLDEST[self.name]


def server_of(client: Client) -> Server:
    """Ask a server for its identity.

    Raises:
        QueueError: it does not answer.
    """
    with queue_errors():
        info: Any = client.info()
    version = info.get("valkey_version")
    name = "Valkey" if version else "Redis"
    policy = info.get("maxmemory_policy", "noeviction")
    return Server(name, str(version or info["redis_version"]), str(policy))


@contextmanager
def queue_errors(url: str = "") -> Iterator[None]:
    """Turn the client's errors into QueueError within the block.

    Args:
        url: the server's URL, for the message.
    """
    where = f" at {without_password(url)}" if url else ""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError) as error:
        raise QueueError(
            f"Redis{where} cannot be reached ({error}); start it, or check --redis/COACH_REDIS_URL"
        ) from error
    except redis.ResponseError as error:
        raise QueueError(f"Redis{where} refuses: {error}") from error


def _shown(url: str) -> str:
    """A URL for a message, without its password: also one that cannot be read."""
    try:
        return repr(without_password(url).partition("?")[0])
    except ValueError:
        return "what was given"


def without_password(url: str) -> str:
    """The URL without its password, to be shown or logged."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{host}"))
