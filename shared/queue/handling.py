"""What becomes of a message whose work fails.

- It is delivered again, in case that another worker or a later time is luckier.
- After too many deliveries, or if it cannot be read, it becomes a dead letter. A chunk of frames is
  then skipped: its job goes on with those frames unseen, or fails if its options say so. Any other
  message fails its job.
- If the server is the cause, nothing is counted: the worker does the work again once it can.
"""

import logging
from collections.abc import Callable

import redis
from redis.client import Pipeline

from shared import logs
from shared.activity import ACTIVITY
from shared.data import codec
from shared.data.messages import EndOfStream, FrameChunk, KeypointChunk
from shared.errors import (
    CapabilityError,
    CoachError,
    DeviceError,
    MessageError,
    Permanent,
    PoisonError,
)
from shared.queue import dead_letters
from shared.queue.job import ACTIVE
from shared.queue.job_store import JobStore
from shared.queue.streams import Consumer, Delivery
from shared.tracing import TRACES

#: Does the work of one message, and finishes it through `Consumer.finishing`.
Handle = Callable[[Delivery], None]

#: Publishes, as part of a transaction, that nobody looked at the frames of a chunk of a stream.
Skip = Callable[[Pipeline, FrameChunk, str], None]

#: Errors for which no message is to blame.
_SERVER_ERRORS = (
    redis.ConnectionError,
    redis.TimeoutError,
    redis.InvalidResponse,
    redis.exceptions.OutOfMemoryError,
    redis.exceptions.ReadOnlyError,
    redis.exceptions.NoPermissionError,
)

#: First words of the server's other replies for which no message is to blame: its disk fails, a
#: script runs, replicas or masters are missing.
_SERVER_REPLIES = ("MISCONF", "BUSY", "NOREPLICAS", "MASTERDOWN", "CLUSTERDOWN")

_log = logging.getLogger(__name__)


def is_of_server(error: Exception) -> bool:
    """Whether the server caused an error, not the message."""
    if isinstance(error, redis.ResponseError) and str(error).startswith(_SERVER_REPLIES):
        return True
    return isinstance(error, _SERVER_ERRORS)


class Handling:
    """Has messages handled, and decides what becomes of those that cannot be.

    Args:
        store: the jobs.
        consumer: where the messages come from.
        max_deliveries: deliveries of a message before it is put aside.
        handle: does the work.
        skip: publishes that a chunk was not looked at; None if a job cannot do without a message.
    """

    def __init__(
        self,
        store: JobStore,
        consumer: Consumer,
        max_deliveries: int,
        handle: Handle,
        skip: Skip | None = None,
    ) -> None:
        self._store, self._consumer = store, consumer
        self._max_deliveries = max_deliveries
        self._handle, self._skip = handle, skip

    def deliver(self, delivery: Delivery) -> None:
        """Have a message handled, or put it aside.

        Raises:
            redis.RedisError: the server is the cause; the message stays this consumer's.
            DeviceError: it needs a device that fails; it stays pending, for another process.
        """
        try:
            self._check(delivery)
            ACTIVITY.note_duration("wait", delivery.waited_s)
            if delivery.previous:
                ACTIVITY.count("taken_over")
            with self._consumer.keep_claimed(delivery), ACTIVITY.timed("work"):
                self._handle(delivery)
            ACTIVITY.count("done")
        except Permanent as error:
            self._give_up(delivery, error)
        except Exception as error:  # a damaged picture may raise anything; the worker must survive
            if is_of_server(error):
                raise
            self._fail(delivery, error)
            if isinstance(error, DeviceError):
                raise

    def _check(self, delivery: Delivery) -> None:
        """Raise the error of a message that must not be handled."""
        if delivery.damage:
            raise MessageError(delivery.damage)
        if delivery.times > self._max_deliveries:
            raise PoisonError(
                f"delivered {delivery.times - 1} times and never finished: it seems to kill or "
                f"hang its workers, the last of them {delivery.previous}; see their logs"
            )

    def _fail(self, delivery: Delivery, error: Exception) -> None:
        """Leave a message to another worker, if it has deliveries left."""
        _log.exception("message %s failed, delivery %d", delivery.id.decode(), delivery.times)
        if delivery.times < self._max_deliveries:
            ACTIVITY.count("retried")
            return
        if not isinstance(error, CapabilityError):
            error = PoisonError(
                f"failed {delivery.times} times, the last time with {type(error).__name__}: {error}"
            )
        self._give_up(delivery, error)

    def _give_up(self, delivery: Delivery, error: CoachError) -> None:
        """Make a message a dead letter, and let its job go on without it or fail."""
        message = self._read(delivery)
        job, chunk = getattr(message, "job", ""), str(getattr(message, "chunk", ""))
        skip = None
        try:
            skip = self._skip_of(message, error)
            if message is not None and skip is None:
                self._fail_job(message.job, error)
        except redis.ResponseError as refusal:  # what it calls its job is another kind of key
            if is_of_server(refusal):
                raise
        ACTIVITY.count("given_up")
        with logs.about(job, chunk or None):
            _log.error("%s", error)
        with self._consumer.finishing(delivery) as pipe:
            if skip is not None and isinstance(message, FrameChunk):
                skip(pipe, message, delivery.stream)
            dead_letters.add(pipe, delivery.stream, delivery, str(error), job, chunk)

    def _fail_job(self, job_id: str, error: CoachError) -> None:
        if self._store.fail(job_id, error) and TRACES.is_on:
            TRACES.end_of_job(self._store.get(job_id), str(error))

    def _skip_of(self, message: object, error: CoachError) -> Skip | None:
        """What skips a chunk, if the fault lies in it and its job goes on without it."""
        if not isinstance(message, FrameChunk) or not isinstance(error, MessageError | PoisonError):
            return None
        job = self._store.get(message.job)
        goes_on = job is not None and job.state in ACTIVE and job.options.on_dead_chunk == "skip"
        return self._skip if goes_on else None

    def _read(self, delivery: Delivery) -> FrameChunk | KeypointChunk | EndOfStream | None:
        """A message whose work fails; None if it cannot be read, or reading it may kill."""
        if delivery.damage or delivery.times > 2 * self._max_deliveries:
            return None
        try:
            return codec.unpack(delivery.payload, FrameChunk, KeypointChunk, EndOfStream)
        except Exception:  # whatever it holds, it must become a dead letter
            return None
