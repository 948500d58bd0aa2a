"""How a service process lives: it connects, works until told to stop, and leaves cleanly.

SIGTERM and SIGINT ask it to stop: the message at hand is finished first. A server that goes away
is waited for. A message that makes the work fail is left to be delivered again, and fails its job
once it has been delivered too often. Where a device fails, the process ends: a fresh one, which
whoever started it starts again, gets a fresh context on it.
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
from types import FrameType

import redis

from shared import logs
from shared.data import codec
from shared.data.messages import EndOfStream, FrameChunk, KeypointChunk
from shared.errors import CoachError, DeviceError, MessageError, Permanent
from shared.queue import keys, tasks
from shared.queue.connection import connect
from shared.queue.jobs import JobStore
from shared.queue.streams import Consumer, Delivery
from shared.settings import Settings

#: How long one blocking read waits; also how soon a request to stop is noticed.
_BLOCK_MS = 500

#: A stream worker that has not come back to its stream for so long is taken for dead, seconds.
SIGN_OF_LIFE_S = 120

#: Pause before asking a server again that has gone away.
_RECONNECT_S = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerContext:
    """What every service process has: its settings, the server, the jobs, a request to stop."""

    settings: Settings
    client: redis.Redis
    store: JobStore
    stop: threading.Event


def start_worker_context(service: str, redis_url: str) -> WorkerContext:
    """Prepare this process as a service: log, signals, lifeline, connection."""
    logs.configure(service)
    os.environ["COACH_REDIS_URL"] = redis_url  # for the tasks that RQ runs in forked children
    settings = Settings()
    client = connect(redis_url)
    if settings.lifeline:
        threading.Thread(target=_end_with_parent, args=(client,), daemon=True).start()
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    return WorkerContext(settings, client, JobStore(client, settings.keep_jobs_s), stop)


def join(context: WorkerContext, stream: str, group: str) -> Consumer:
    """Join a consumer group under a name that tells the machine and the process."""
    name = f"{socket.gethostname()}-{os.getpid()}"
    return Consumer(context.client, stream, group, name, context.settings.claim_idle_s)


def consume(
    context: WorkerContext,
    consumer: Consumer,
    handle: Callable[[Delivery], None],
    is_drained: Callable[[], bool] | None = None,
    between: Callable[[], None] | None = None,
) -> None:
    """Handle message after message until asked to stop.

    Args:
        context: this process's surroundings.
        consumer: where the messages come from.
        handle: does one message's work and finishes it through `consumer.finishing`.
        is_drained: with it (burst), end once it says that nothing is left and nothing will come.
        between: called between messages, and at least every half second.

    Raises:
        DeviceError: the message at hand needs a device that fails; it stays pending.
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
    with suppress(redis.RedisError):  # a server that is gone needs no farewell
        consumer.leave()
        context.client.delete(sign_of_life)


def is_pose_drained(context: WorkerContext, backend: str) -> bool:
    """Whether no frames are left for a backend, and no decoder will send more."""
    return tasks.is_idle(context.client, "decode") and _is_empty(context, keys.frames(backend))


def is_scoring_drained(context: WorkerContext) -> bool:
    """Whether no keypoints are left, and no earlier stage will send more."""
    jobs = (context.store.get(job_id) for job_id in context.store.active_ids())
    backends = {job.options.backend for job in jobs if job}
    return all(is_pose_drained(context, backend) for backend in backends) and _is_empty(
        context, keys.KEYPOINTS
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
                "it kills its workers; see their logs"
            )
        with consumer.keep_claimed(delivery):
            handle(delivery)
    except Permanent as error:
        _give_up(context.store, consumer, delivery, error)
    except redis.exceptions.OutOfMemoryError:
        consumer.put_back(delivery)  # a full server is not the message's fault
        raise
    except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError):
        raise
    except DeviceError:
        raise  # it stays pending, for another process
    except Exception:  # whatever a damaged picture sets off must not take the worker along
        _log.exception("message %s failed; it will be delivered again", delivery.id.decode())


def _give_up(store: JobStore, consumer: Consumer, delivery: Delivery, error: Permanent) -> None:
    """Fail the job of a message that cannot be handled, and drop the message."""
    _log.error("%s", error)
    try:
        message = codec.unpack(delivery.payload, FrameChunk, KeypointChunk, EndOfStream)
    except MessageError:
        pass  # whose it was cannot be told; the job's own check finds the gap
    else:
        store.fail(message.job, error)
    with consumer.finishing(delivery):
        pass


def _is_empty(context: WorkerContext, stream: str) -> bool:
    return not context.client.xlen(stream)


def _end_with_parent(client: redis.Redis) -> None:
    """Wait for stdin to close, as it does when the parent dies, then end all at once.

    The embedded server is the parent's too, and has nobody else to stop it.
    """
    while os.read(sys.stdin.fileno(), 4096):
        pass
    with suppress(redis.RedisError):  # a sibling was quicker
        client.shutdown(nosave=True)
    os._exit(1)
