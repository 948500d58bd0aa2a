"""The life of a service process: it connects, works until asked to stop, and leaves cleanly.

- SIGTERM and SIGINT ask it to stop; it finishes the current message first.
- It waits for a server that does not answer.
- A message that makes the work fail is delivered again; after too many deliveries its job fails.
- If a device fails, the process ends. Its supervisor starts a new process, which opens the device
  again.
"""

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import redis

from shared import logs
from shared.data import codec
from shared.data.messages import EndOfStream, FrameChunk, KeypointChunk
from shared.errors import CoachError, DeviceError, MessageError, Permanent
from shared.memory import use_one_arena
from shared.queue import keys, tasks
from shared.queue.connection import connect
from shared.queue.job_store import JobStore
from shared.queue.streams import Consumer, Delivery, is_empty
from shared.settings import Settings

#: Duration of one blocking read, in ms; also the longest delay until a request to stop is noticed.
_BLOCK_MS = 500

#: Time after which a stream worker that has not returned to its stream counts as dead, in seconds
#: (chosen: several times what a worker needs for its slowest chunk).
SIGN_OF_LIFE_S = 120

#: Pause before the next try to reach a server that does not answer, in seconds.
_RECONNECT_S = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerContext:
    """What every service process works with.

    Attributes:
        settings: Settings of the process.
        client: Connection to the server.
        store: The jobs on it.
        stop: Set when the process has been asked to stop.
    """

    settings: Settings
    client: redis.Redis
    store: JobStore
    stop: threading.Event


def start_worker_context(service: str, settings: Settings) -> WorkerContext:
    """Prepare this process as a service: log, connection, lifeline, signals.

    Raises:
        QueueError: the server does not answer.
    """
    logs.configure(service, settings.log_level)
    use_one_arena()
    with suppress(OSError):  # what `top` and `ps -o comm` show
        Path("/proc/self/comm").write_text(f"coach-{service}")
    client = connect(settings.redis_url)
    if settings.lifeline:
        threading.Thread(target=_end_with_parent, args=(client,), daemon=True).start()
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    return WorkerContext(settings, client, JobStore(client, settings.keep_jobs_s), stop)


def join(context: WorkerContext, stream: str, group: str) -> Consumer:
    """Join a consumer group under a name made of the machine's name and the process id."""
    name = f"{socket.gethostname()}-{os.getpid()}"
    return Consumer(context.client, stream, group, name, context.settings.claim_idle_s)


def consume(
    context: WorkerContext,
    consumer: Consumer,
    handle: Callable[[Delivery], None],
    is_drained: Callable[[], bool] | None = None,
    between: Callable[[], None] | None = None,
) -> None:
    """Handle messages one by one until asked to stop.

    Args:
        context: the worker context of this process.
        consumer: where the messages come from.
        handle: does the work of one message and finishes it through `consumer.finishing`.
        is_drained: if given, stop once no message is left and this returns True (burst mode).
        between: called between messages, and at least every half second.

    Raises:
        DeviceError: the current message needs a device that fails; it stays pending.
    """
    _log.info("waiting for work on %s", consumer.stream)
    sign_of_life = keys.alive(consumer.stream, socket.gethostname())
    next_sign_s = 0.0
    while not context.stop.is_set():
        try:
            if time.monotonic() > next_sign_s:
                context.client.set(sign_of_life, os.getpid(), ex=SIGN_OF_LIFE_S)
                next_sign_s = time.monotonic() + SIGN_OF_LIFE_S / 10
            delivery = consumer.take(_BLOCK_MS)
            if delivery is not None:
                _deliver(context, consumer, delivery, handle)
            elif is_drained is not None and is_drained():
                break
            if between is not None:
                between()
        except (redis.ConnectionError, redis.TimeoutError) as error:
            _log.warning("Redis does not answer (%s); trying again", error)
            context.stop.wait(_RECONNECT_S)
        except redis.ResponseError as error:
            _log.warning("Redis refuses (%s); trying again", error)
            context.stop.wait(_RECONNECT_S)
    with suppress(redis.RedisError):  # the server may be gone already
        consumer.leave()
        context.client.delete(sign_of_life)


def is_pose_drained(context: WorkerContext, backend: str) -> bool:
    """Whether no frames are left for a backend, and no decoder will send more."""
    stream = keys.frames(backend)
    return tasks.is_idle(context.client, "decode") and is_empty(context.client, stream)


def is_scoring_drained(context: WorkerContext) -> bool:
    """Whether no keypoints are left, and no earlier stage will send more."""
    jobs = (context.store.get(job_id) for job_id in context.store.active_ids())
    backends = {job.options.backend for job in jobs if job}
    return all(is_pose_drained(context, backend) for backend in backends) and is_empty(
        context.client, keys.KEYPOINTS
    )


def run(main: Callable[[], None]) -> None:
    """Run a service's main function; an error ends it with one line and its exit status."""
    try:
        main()
    except CoachError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_status)


def _deliver(
    context: WorkerContext,
    consumer: Consumer,
    delivery: Delivery,
    handle: Callable[[Delivery], None],
) -> None:
    try:
        if delivery.times > context.settings.max_deliveries:
            raise MessageError(
                f"a message was delivered {delivery.times - 1} times and never finished: "
                "it seems to kill its workers; see their logs"
            )
        with consumer.keep_claimed(delivery):
            handle(delivery)
    except Permanent as error:
        _give_up(context.store, consumer, delivery, error)
    except redis.exceptions.OutOfMemoryError:
        consumer.put_back(delivery)  # the message did not cause it
        raise
    except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError):
        raise
    except DeviceError:
        raise  # it stays pending, for another process
    except Exception:  # a damaged picture may raise anything; the worker must survive it
        _log.exception("message %s failed; it will be delivered again", delivery.id.decode())


def _give_up(store: JobStore, consumer: Consumer, delivery: Delivery, error: Permanent) -> None:
    """Fail the job of a message that cannot be handled, and drop the message."""
    _log.error("%s", error)
    try:
        message = codec.unpack(delivery.payload, FrameChunk, KeypointChunk, EndOfStream)
    except MessageError:
        pass  # its job is unknown; `StalledJobMonitor` finds the missing chunk
    else:
        store.fail(message.job, error)
    with consumer.finishing(delivery):
        pass


def _end_with_parent(client: redis.Redis) -> None:
    """Wait until stdin closes, which it does when the parent dies; then end at once.

    The embedded server is stopped too, because its parent no longer can.
    """
    while os.read(sys.stdin.fileno(), 4096):
        pass
    with suppress(redis.RedisError):  # another child may have stopped it already
        client.shutdown(nosave=True)
    os._exit(1)
