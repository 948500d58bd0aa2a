"""Redis streams with consumer groups: at-least-once delivery of messages between the services.

A consumer takes one message at a time. It publishes the result and acknowledges the message in one
transaction, so that no message is acknowledged without its result. A message that a dead consumer
left pending is claimed by another consumer after `claim_idle_s`; a living consumer renews its claim
while it works. Acknowledged messages are deleted: a stream holds unfinished work only.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import redis
from redis.client import Pipeline

from shared.queue import stream_scripts
from shared.queue.ageless import AgelessMessages
from shared.queue.priorities import in_turn
from shared.queue.ticking import Ticker

#: Type of a transaction, for code outside this package.
Transaction = Pipeline

#: The one field of a stream entry.
_FIELD = b"m"

#: Idle time after which a consumer without pending messages is removed from its group, and interval
#: at which such consumers are looked for, in seconds (chosen: they take hardly any memory).
_FORGET_CONSUMER_S, _FORGET_INTERVAL_S = 3600, 60

#: Longest time between two searches for messages of dead consumers, in seconds (chosen: short
#: beside the time after which a message is claimed, and one more command a second costs nothing).
_CLAIM_INTERVAL_S = 1.0

#: Idle time that a message is given with which any consumer claims it at once, in ms (a day: more
#: than any sensible `claim_idle_s`).
_CLAIMED_AT_ONCE_MS = 86_400_000

#: Bytes of unknown fields' names that are shown (chosen: enough to recognise who wrote them).
_SHOWN_BYTES = 80


def is_empty(client: Any, *streams: str) -> bool:
    """Whether streams hold no message, neither new nor pending."""
    return not any(client.xlen(stream) for stream in streams)


def bytes_of(client: Any, stream: str) -> int:
    """Memory of the server that a stream takes, in bytes."""
    return int(client.memory_usage(stream, samples=0) or 0)  # 0: count all entries, guess none


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of a message.

    Attributes:
        id: Id of the stream's entry.
        payload: The message.
        times: How often the message has been delivered, with this delivery.
        damage: Why the entry holds no message; "" if it does.
        previous: Name of the consumer that left it pending; "" on the first delivery.
        stream: The stream that it is in.
    """

    id: bytes
    payload: bytes
    times: int
    damage: str = ""
    previous: str = ""
    stream: str = ""

    @property
    def waited_s(self) -> float:
        """Time since the message was sent, in seconds; the server's clock gave the entry its id."""
        return time.time() - int(self.id.partition(b"-")[0]) / 1000


def publish(pipe: "redis.Redis | Pipeline", stream: str, payload: bytes) -> None:
    """Append a message to a stream (as part of a transaction when `pipe` is one)."""
    pipe.xadd(stream, {_FIELD: payload})


class Consumer:
    """One member of the consumer groups of several streams, which it joins once the server answers.

    Args:
        client: connection to the server.
        streams: the streams to read, one of each priority or just one; created if missing.
        group: the consumer group in each; created if missing.
        name: name of this consumer in the group.
        claim_idle_s: idle time after which a message of another consumer is claimed, in seconds.
    """

    def __init__(
        self,
        client: redis.Redis,
        streams: str | Sequence[str],
        group: str,
        name: str,
        claim_idle_s: float,
    ) -> None:
        self._client: Any = client
        self.streams = (streams,) if isinstance(streams, str) else tuple(streams)
        self.stream = min(self.streams, key=len)
        self.group, self.name = group, name
        self._taken = 0
        self._claim_idle_ms = round(claim_idle_s * 1000)
        self._has_joined = False
        self._next_claim_s = self._next_forget_s = 0.0
        self._in_hand: Delivery | None = None
        self._claims = threading.Lock()  # no claim is renewed once its message is given back
        self._ageless = AgelessMessages(client, group)
        self._renewing = Ticker(claim_idle_s / 4, self._renew_in_hand)
        with suppress(redis.RedisError):
            self._join()

    def take(self, block_ms: int) -> Delivery | None:
        """Take the next message: one that a dead consumer left, else a new one.

        Which stream's turn it is: see `priorities`.

        Returns:
            None if there is no message within `block_ms`.
        """
        if not self._has_joined:
            self._join()
        try:
            delivery = self._claim() or self._read(block_ms)
            self._taken += delivery is not None
            return delivery
        except redis.ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            self._has_joined = False  # the server was restarted without its data
            return None

    @contextmanager
    def keep_claimed(self, delivery: Delivery) -> Iterator[None]:
        """Renew the claim on a message for as long as the block runs."""
        self._in_hand = delivery
        try:
            with self._renewing.ticking(delivery):
                yield
        finally:
            with self._claims:
                self._in_hand = None

    @contextmanager
    def finishing(self, delivery: Delivery) -> Iterator[Pipeline]:
        """Collect results in a transaction that also acknowledges and deletes the message.

        If the block raises, nothing is executed. A full server executes it all the same: a message
        with pictures takes more memory than its result, so that only this makes room again.
        """
        with self._client.pipeline(transaction=True) as pipe:
            yield pipe
            pipe.xack(delivery.stream, self.group, delivery.id)
            pipe.xdel(delivery.stream, delivery.id)
            commands = [command for command, _ in pipe.command_stack]
            try:
                pipe.execute()
            except redis.exceptions.OutOfMemoryError:
                self._execute_when_full(commands)

    def renew(self, delivery: Delivery) -> bool:
        """Renew the claim on a message; whether it is still this consumer's."""
        entry = delivery.id
        try:
            if not self._client.xpending_range(
                delivery.stream, self.group, entry, entry, 1, consumername=self.name
            ):
                return False
            self._client.xclaim(delivery.stream, self.group, self.name, 0, [entry], justid=True)
        except redis.ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            return False  # the server was restarted without its data
        return True

    def give_back(self, delivery: Delivery) -> None:
        """Let any consumer have a message at once, without counting this delivery."""
        self._client.xclaim(
            delivery.stream, self.group, self.name, 0, [delivery.id],
            idle=_CLAIMED_AT_ONCE_MS, retrycount=delivery.times - 1, justid=True,
        )  # fmt: skip

    def give_back_in_hand(self) -> None:
        """Give back the message whose claim is being kept; for another thread."""
        with self._claims:
            delivery, self._in_hand = self._in_hand, None
            if delivery is not None:
                self.give_back(delivery)

    def leave(self) -> None:
        """Leave the group, unless messages are pending: they must stay to be claimed."""
        for stream in self.streams:
            if not self._client.xpending_range(stream, self.group, "-", "+", 1, self.name):
                self._client.xgroup_delconsumer(stream, self.group, self.name)

    def _join(self) -> None:
        for stream in self.streams:
            try:
                self._client.xgroup_create(stream, self.group, id="0", mkstream=True)
            except redis.ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise
        self._has_joined = True

    def _read(self, block_ms: int) -> Delivery | None:
        streams = in_turn(self.streams, self._taken)
        if len(streams) > 1:
            for stream in streams:  # (a script could do it in one step, but copies the pictures)
                read = self._client.xreadgroup(self.group, self.name, {stream: ">"}, count=1)
                if delivery := next(_deliveries(read), None):
                    return delivery
        any_of = dict.fromkeys(streams, ">")
        read = self._client.xreadgroup(self.group, self.name, any_of, count=1, block=block_ms)
        first, *others = [*_deliveries(read), None]
        for other in others:
            if other is not None:  # several streams had one at the same moment
                self.give_back(other)
        return first

    def _claim(self) -> Delivery | None:
        """Claim one message that has been idle for too long.

        XPENDING with IDLE is used instead of XAUTOCLAIM: it returns how often a message was
        delivered, and does not stop scanning early in a long list of pending messages.
        """
        now_s = time.monotonic()
        if now_s < self._next_claim_s:
            return None
        idle_ms = self._claim_idle_ms
        for stream, message, least_ms in self._claimable(idle_ms):
            entries = self._client.xclaim(
                stream, self.group, self.name, least_ms, [message["message_id"]]
            )
            for entry_id, fields in entries:
                previous = message["consumer"].decode(errors="replace")
                times = message["times_delivered"] + 1
                return _delivery(stream, entry_id, fields, times, previous)
        self._next_claim_s = now_s + min(_CLAIM_INTERVAL_S, idle_ms / 3000)
        if now_s >= self._next_forget_s:
            self._next_forget_s = now_s + _FORGET_INTERVAL_S
            self._forget_dead_consumers()
        return None

    def _claimable(self, idle_ms: int) -> Iterator[tuple[str, dict[str, Any], int]]:
        """Stream, XPENDING's record and least idle time, in ms, of messages to be claimed."""
        with self._client.pipeline(transaction=False) as pipe:
            for stream in self.streams:
                pipe.xpending_range(stream, self.group, "-", "+", count=16, idle=idle_ms)
            pending = zip(self.streams, pipe.execute(), strict=True)
        yield from ((stream, message, idle_ms) for stream, page in pending for message in page)
        yield from ((stream, message, 0) for stream, message in self._ageless.due(self.streams))

    def _renew_in_hand(self, delivery: Delivery) -> None:
        with self._claims:
            if self._in_hand is not delivery:
                return
            with suppress(redis.RedisError):  # the next try may succeed; else another claims it
                self._client.xclaim(
                    delivery.stream, self.group, self.name, 0, [delivery.id], justid=True
                )

    def _execute_when_full(self, commands: list[Any]) -> None:
        parts = [part for command in commands for part in (len(command), *command)]
        self._client.eval(stream_scripts.EXECUTE_WHEN_FULL, 0, *parts)

    def _forget_dead_consumers(self) -> None:
        for stream in self.streams:
            for consumer in self._client.xinfo_consumers(stream, self.group):
                idle_s = consumer["idle"] / 1000
                if consumer["pending"] == 0 and idle_s > _FORGET_CONSUMER_S:
                    self._client.xgroup_delconsumer(stream, self.group, consumer["name"])


def _delivery(
    stream: str, entry_id: bytes, fields: Any, times: int, previous: str = ""
) -> Delivery:
    """The delivery of an entry, which any client of the server may have written."""
    payload = fields.get(_FIELD)
    if payload is not None:
        return Delivery(entry_id, payload, times, previous=previous, stream=stream)
    names = b", ".join(sorted(fields))[:_SHOWN_BYTES].decode(errors="replace")
    damage = f"an entry without the field m; it has {names}"
    return Delivery(entry_id, b"", times, damage, previous, stream)


def _deliveries(read: Any) -> Iterator[Delivery]:
    """The messages of an XREADGROUP reply, in the form of RESP2 or RESP3."""
    for name, entries in read.items() if isinstance(read, dict) else read or ():
        pages = entries if isinstance(read, dict) else [entries]
        for page in pages:
            for entry_id, fields in page:
                yield _delivery(name.decode(), entry_id, fields, 1)
