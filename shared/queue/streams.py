"""Redis streams with consumer groups: at-least-once delivery of messages between the services.

A consumer takes one message at a time. It publishes the result and acknowledges the message in one
transaction, so that no message is acknowledged without its result. A message that a dead consumer
left pending is claimed by another consumer after `claim_idle_s`; a living consumer renews its claim
while it works. Acknowledged messages are deleted: a stream holds unfinished work only.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import redis
from redis.client import Pipeline

#: The one field of a stream entry.
_FIELD = b"m"

#: Idle time after which a consumer without pending messages is removed from its group, in seconds.
_FORGET_CONSUMER_S = 3600


def is_empty(client: Any, stream: str) -> bool:
    """Whether a stream holds no message, neither new nor pending."""
    return bool(client.xlen(stream) == 0)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of a message.

    Attributes:
        id: Id of the stream's entry.
        payload: The message.
        times: How often the message has been delivered, with this delivery.
    """

    id: bytes
    payload: bytes
    times: int


def publish(pipe: "redis.Redis | Pipeline", stream: str, payload: bytes) -> None:
    """Append a message to a stream (as part of a transaction when `pipe` is one)."""
    pipe.xadd(stream, {_FIELD: payload})


class Consumer:
    """One member of a consumer group.

    Args:
        client: connection to the server.
        stream: the stream to read; created if missing.
        group: the consumer group; created if missing.
        name: name of this consumer in the group.
        claim_idle_s: idle time after which a message of another consumer is claimed, in seconds.
    """

    def __init__(
        self, client: redis.Redis, stream: str, group: str, name: str, claim_idle_s: float
    ) -> None:
        self._client: Any = client
        self.stream, self.group, self.name = stream, group, name
        self._claim_idle_ms = round(claim_idle_s * 1000)
        self._next_claim_s = 0.0
        self._join()

    def take(self, block_ms: int) -> Delivery | None:
        """Take the next message: one that a dead consumer left, else a new one.

        Returns:
            None if there is no message within `block_ms`.
        """
        try:
            return self._claim() or self._read(block_ms)
        except redis.ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            self._join()  # the server was restarted without its data
            return None

    @contextmanager
    def keep_claimed(self, delivery: Delivery) -> Iterator[None]:
        """Renew the claim on a message for as long as the block runs."""
        done = threading.Event()
        renewer = threading.Thread(target=self._renew, args=(delivery.id, done), daemon=True)
        renewer.start()
        try:
            yield
        finally:
            done.set()
            renewer.join()

    @contextmanager
    def finishing(self, delivery: Delivery) -> Iterator[Pipeline]:
        """Collect results in a transaction that also acknowledges and deletes the message.

        If the block raises, nothing is executed.
        """
        with self._client.pipeline(transaction=True) as pipe:
            yield pipe
            pipe.xack(self.stream, self.group, delivery.id)
            pipe.xdel(self.stream, delivery.id)
            pipe.execute()

    def put_back(self, delivery: Delivery) -> None:
        """Have a message delivered again without counting this delivery against it."""
        self._client.xclaim(
            self.stream, self.group, self.name, 0, [delivery.id],
            retrycount=delivery.times - 1, justid=True,
        )  # fmt: skip

    def leave(self) -> None:
        """Leave the group, unless messages are pending: they must stay to be claimed."""
        if not self._client.xpending_range(self.stream, self.group, "-", "+", 1, self.name):
            self._client.xgroup_delconsumer(self.stream, self.group, self.name)

    def _join(self) -> None:
        try:
            self._client.xgroup_create(self.stream, self.group, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def _read(self, block_ms: int) -> Delivery | None:
        read = self._client.xreadgroup(
            self.group, self.name, {self.stream: ">"}, count=1, block=block_ms
        )
        entries = _entries(read)
        return Delivery(entries[0][0], entries[0][1][_FIELD], 1) if entries else None

    def _claim(self) -> Delivery | None:
        """Claim one message that has been idle for too long.

        XPENDING with IDLE is used instead of XAUTOCLAIM: it returns how often a message was
        delivered, and does not stop scanning early in a long list of pending messages.
        """
        if time.monotonic() < self._next_claim_s:
            return None
        idle_ms = self._claim_idle_ms
        pending = self._client.xpending_range(
            self.stream, self.group, "-", "+", count=16, idle=idle_ms
        )
        for message in pending:
            entries = self._client.xclaim(
                self.stream, self.group, self.name, idle_ms, [message["message_id"]]
            )
            for entry_id, fields in entries:
                return Delivery(entry_id, fields[_FIELD], message["times_delivered"] + 1)
        self._next_claim_s = time.monotonic() + idle_ms / 3000
        self._forget_dead_consumers()
        return None

    def _renew(self, entry_id: bytes, done: threading.Event) -> None:
        while not done.wait(self._claim_idle_ms / 4000):
            try:
                self._client.xclaim(self.stream, self.group, self.name, 0, [entry_id], justid=True)
            except redis.RedisError:
                continue  # the next round may succeed; otherwise another consumer claims it

    def _forget_dead_consumers(self) -> None:
        for consumer in self._client.xinfo_consumers(self.stream, self.group):
            idle_s = consumer["idle"] / 1000
            if consumer["pending"] == 0 and idle_s > _FORGET_CONSUMER_S:
                self._client.xgroup_delconsumer(self.stream, self.group, consumer["name"])


def _entries(read: Any) -> list[Any]:
    """Entries of the stream in an XREADGROUP reply, in the form of RESP2 or RESP3."""
    if not read:
        return []
    value = next(iter(read.values()))[0] if isinstance(read, dict) else read[0][1]
    return list(value)
