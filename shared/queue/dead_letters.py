"""Dead letters: messages that no worker can handle, kept with the cause for a person to look at.

A stream of its own holds the last of them. Nothing reads it but `coach dead`.

    m            the message; missing if there was none, or one over `MAX_PAYLOAD_BYTES`
    stream       the stream that it came from
    id           its id there
    job, chunk   what it belongs to; "" if it could not be read
    deliveries   how often it was delivered
    cause        why nobody can handle it
    at_s         when it was put aside, Unix seconds
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import redis
from redis.client import Pipeline

from shared.data.fields import MAX_COUNT
from shared.data.manifest import MAX_UNIX_S
from shared.errors import UsageError
from shared.queue import keys
from shared.queue.streams import Delivery, publish
from shared.queue.values import number_of

#: Dead letters kept; the oldest go first. Chosen: with messages of usual size (1 MB) they take
#: 100 MB of the server's memory.
MAX_LETTERS = 100

#: Largest message that is kept, in bytes (eight times the size of a usual chunk of frames).
MAX_PAYLOAD_BYTES = 8 * 2**20

#: Longest cause that is kept, in characters.
_MAX_CAUSE = 500


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One dead letter.

    Attributes:
        id: Its id among the dead letters.
        stream: Stream that the message came from.
        job: Id of its job; "" if unknown.
        chunk: Number of its chunk; "" if it has none.
        deliveries: How often it was delivered; 0 if unknown.
        cause: Why nobody can handle it.
        at_s: When it was put aside, Unix seconds; 0 if unknown.
        payload: The message; None if it was not kept.
    """

    id: str
    stream: str
    job: str
    chunk: str
    deliveries: int
    cause: str
    at_s: float
    payload: bytes | None


def add(
    pipe: Pipeline, stream: str, delivery: Delivery, cause: str, job: str = "", chunk: str = ""
) -> None:
    """Keep a message with its cause, as part of the transaction that acknowledges it.

    Args:
        pipe: the transaction.
        stream: where the message came from.
        delivery: its last delivery.
        cause: why nobody can handle it.
        job: id of its job; "" if unknown.
        chunk: number of its chunk; "" if it has none.
    """
    fields: dict[Any, Any] = {
        "stream": stream,
        "id": delivery.id,
        "job": job,
        "chunk": chunk,
        "deliveries": delivery.times,
        "cause": cause[:_MAX_CAUSE],
        "at_s": time.time(),
    }
    if not delivery.damage and len(delivery.payload) <= MAX_PAYLOAD_BYTES:
        fields["m"] = delivery.payload
    pipe.xadd(keys.DEAD_LETTERS, fields, maxlen=MAX_LETTERS, approximate=True)


def letters(client: Any) -> Iterator[DeadLetter]:
    """The dead letters, newest first."""
    for entry_id, fields in client.xrevrange(keys.DEAD_LETTERS):
        yield _letter(entry_id, fields)


def find(client: Any, letter_id: str) -> DeadLetter | None:
    """One dead letter; None if there is none with this id."""
    try:
        found = client.xrange(keys.DEAD_LETTERS, letter_id, letter_id)
    except redis.ResponseError:  # it is no id
        return None
    return _letter(*found[0]) if found else None


def send_again(client: redis.Redis, dead: DeadLetter) -> None:
    """Put a message back into its stream, and remove its dead letter.

    Raises:
        UsageError: the message was not kept, or its job has ended.
    """
    if dead.payload is None:
        raise UsageError(
            f"the message of dead letter {dead.id} was not kept; submit its clip again"
        )
    if dead.job and not client.sismember(keys.ACTIVE_JOBS, dead.job):
        raise UsageError(f"job {dead.job} has ended; submit its clip again")
    with client.pipeline(transaction=True) as pipe:
        publish(pipe, dead.stream, dead.payload)
        pipe.xdel(keys.DEAD_LETTERS, dead.id)
        pipe.execute()


def drop(client: redis.Redis, dead: DeadLetter) -> None:
    """Remove a dead letter."""
    client.xdel(keys.DEAD_LETTERS, dead.id)


def _letter(entry_id: bytes, fields: dict[bytes, bytes]) -> DeadLetter:
    def text(name: bytes) -> str:
        return fields.get(name, b"").decode(errors="replace")

    return DeadLetter(
        id=entry_id.decode(),
        stream=text(b"stream"),
        job=text(b"job"),
        chunk=text(b"chunk"),
        deliveries=round(number_of(fields.get(b"deliveries"), MAX_COUNT)),
        cause=text(b"cause"),
        at_s=number_of(fields.get(b"at_s"), MAX_UNIX_S),
        payload=fields.get(b"m"),
    )
