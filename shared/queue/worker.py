"""The life of a service process: it connects, works until asked to stop, and leaves cleanly.

- SIGTERM and SIGINT ask it to stop. It finishes the current message first; one that takes longer
  than 7.5 s is given back, so that another worker gets it at once.
- It waits for a server that does not answer, is full or has been restarted, and keeps the current
  message meanwhile.
- While its service is paused it takes no new message; when it is drained it ends: see `pausing`.
- A message that makes the work fail: see `handling`.
- If a device fails, the process ends; if the work hangs, `watchdog` ends it. Its supervisor starts
  a new process, which opens the device again.
"""

import faulthandler
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
from shared.activity import ACTIVITY
from shared.errors import CoachError, QueueError
from shared.memory import use_one_arena
from shared.queue import keys, tasks
from shared.queue.connection import connect
from shared.queue.handling import Handle, Handling, Skip
from shared.queue.job_store import JobStore
from shared.queue.pausing import Requests
from shared.queue.stopping import stopping_in_time
from shared.queue.streams import Consumer, Delivery, is_empty
from shared.queue.worker_register import register
from shared.settings import Settings
from shared.tracing import TRACES

#: Duration of one blocking read, in ms; also the longest delay until a request to stop is noticed.
_BLOCK_MS = 500

#: Time after which a stream worker that has not returned to its stream counts as dead, in seconds
#: (chosen: several times what a worker needs for its slowest chunk).
SIGN_OF_LIFE_S = 120

#: Pause before the next try to reach a server that does not answer, in seconds.
_RECONNECT_S = 1.0

#: Where the log goes, and the place of a crash: what a service writes to stderr.
_STDERR = 2

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerContext:
    """What every service process works with.

    Attributes:
        settings: Settings of the process.
        client: Connection to the server.
        store: The jobs on it.
        stop: Set when the process has been asked to stop.
        requests: What an operator asks of it while it runs.
    """

    settings: Settings
    client: redis.Redis
    store: JobStore
    stop: threading.Event
    requests: Requests


def start_worker_context(service: str, settings: Settings) -> WorkerContext:
    """Prepare this process as a service: log, connection, register, lifeline, signals.

    A server that does not answer is waited for, as it is later on.

    Raises:
        UsageError: the server's URL is wrong.
        QueueError: it refuses the user or the password of the URL.
    """
    logs.configure(service, settings.log_level, settings.log_format)
    faulthandler.enable(_STDERR)  # a process that crashes in a library says where
    use_one_arena()
    with suppress(OSError):  # what `top` and `ps -o comm` show
        Path("/proc/self/comm").write_text(f"coach-{service}")
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    client = _wait_for_server(settings, stop)
    if settings.lifeline != "none":
        server = client if settings.lifeline == "server" else None
        threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    TRACES.begin(service, settings.otlp_endpoint)
    ACTIVITY.autoscaled = settings.autoscaled
    ACTIVITY.begin(network=settings.backend if service == "pose" else "")
    requests = Requests(client, service)  # before others see this process, and drain it
    register(service, client)
    if settings.metrics_port:
        _show_metrics(service, settings, client)
    store = JobStore(client, settings.keep_jobs_s)
    return WorkerContext(settings, client, store, stop, requests)


def _show_metrics(service: str, settings: Settings, client: redis.Redis) -> None:
    from shared import metrics
    from shared.queue.deployment_metrics import DeploymentMetrics

    of_deployment = DeploymentMetrics(client, settings.backend).collect
    is_scorer = service == "scorer"
    host, port = settings.metrics_host, settings.metrics_port
    metrics.serve(service, host, port, of_deployment if is_scorer else None)


def _wait_for_server(settings: Settings, stop: threading.Event) -> redis.Redis:
    is_told = False
    while True:
        try:
            return connect(settings.redis_url)
        except QueueError as error:
            is_away = isinstance(error.__cause__, redis.ConnectionError | redis.TimeoutError)
            is_refused = isinstance(error.__cause__, redis.AuthenticationError)
            is_embedded = settings.lifeline == "server"  # nobody restarts that one
            if not is_away or is_refused or is_embedded:
                raise
            if not is_told:
                _log.warning("%s; waiting for it", error)
                is_told = True
        if stop.wait(_RECONNECT_S):
            sys.exit(0)


def join(context: WorkerContext, stream: str, group: str) -> Consumer:
    """Join a stream's groups, under a name made of the machine's name and the process id."""
    name = f"{socket.gethostname()}-{os.getpid()}"
    streams = keys.by_priority(stream)
    return Consumer(context.client, streams, group, name, context.settings.claim_idle_s)


def consume(
    context: WorkerContext,
    consumer: Consumer,
    handle: Handle,
    is_drained: Callable[[], bool] | None = None,
    between: Callable[[], None] | None = None,
    skip: Skip | None = None,
) -> None:
    """Handle messages one by one until asked to stop.

    Args:
        context: the worker context of this process.
        consumer: where the messages come from.
        handle: does the work of one message and finishes it through `consumer.finishing`.
        is_drained: if given, stop once no message is left and this returns True (burst mode).
        between: called between messages, and at least every half second.
        skip: publishes that a chunk that nobody can handle was not looked at.

    Raises:
        DeviceError: the current message needs a device that fails; it stays pending.
    """
    _log.info("waiting for work on %s", consumer.stream)
    handling = Handling(context.store, consumer, context.settings.max_deliveries, handle, skip)
    sign_of_life = _SignOfLife(context.client, consumer.stream)
    kept: Delivery | None = None  # worked on when the server failed
    with stopping_in_time(context.stop, lambda: _give_back(consumer)):
        while not context.stop.is_set():
            try:
                sign_of_life.renew_if_due()
                kept = _next(context, consumer, kept)
                if kept is None and (context.requests.must_end() or (is_drained and is_drained())):
                    break
                if kept is not None and not context.stop.is_set():
                    handling.deliver(kept)
                    kept = None
                if between is not None:
                    between()
            except redis.RedisError as error:
                _log.warning("Redis does not answer or refuses (%s); trying again", error)
                context.stop.wait(_RECONNECT_S)
        with suppress(redis.RedisError):  # the server may be gone already
            if kept is not None:
                consumer.give_back(kept)
            consumer.leave()
            sign_of_life.end()


def _next(context: WorkerContext, consumer: Consumer, kept: Delivery | None) -> Delivery | None:
    """The message worked on, else the next one; None if there is none, or none may be taken."""
    if kept is not None and consumer.renew(kept):
        return kept
    if context.requests.must_end():
        return None
    if context.requests.is_paused():
        context.stop.wait(_BLOCK_MS / 1000)
        return None
    return consumer.take(_BLOCK_MS)


def is_pose_drained(context: WorkerContext, backend: str) -> bool:
    """Whether no frames are left for a backend, and no decoder will send more."""
    streams = keys.by_priority(keys.frames(backend))
    is_fed = context.client.exists(keys.BATCHES) or not tasks.is_idle(context.client, "decode")
    return not is_fed and is_empty(context.client, *streams)


def is_scoring_drained(context: WorkerContext) -> bool:
    """Whether no keypoints are left, and no earlier stage will send more."""
    if context.client.exists(keys.BATCHES):
        return False
    jobs = (context.store.get(job_id) for job_id in context.store.active_ids())
    backends = {job.options.backend for job in jobs if job}
    return all(is_pose_drained(context, backend) for backend in backends) and is_empty(
        context.client, *keys.by_priority(keys.KEYPOINTS)
    )


def run(main: Callable[[], None]) -> None:
    """Run a service's main function; an error ends it with one line and its exit status."""
    try:
        main()
    except CoachError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_status)


class _SignOfLife:
    """Shows that a consumer of a stream lives on this machine, see `health`."""

    def __init__(self, client: redis.Redis, stream: str) -> None:
        self._client = client
        self._key = keys.alive(stream, socket.gethostname())
        self._next_s = 0.0

    def renew_if_due(self) -> None:
        if time.monotonic() > self._next_s:
            with suppress(redis.ResponseError):  # a full server refuses it; the work goes on
                self._client.set(self._key, os.getpid(), ex=SIGN_OF_LIFE_S)
            self._next_s = time.monotonic() + SIGN_OF_LIFE_S / 10

    def end(self) -> None:
        self._client.delete(self._key)


def _give_back(consumer: Consumer) -> None:
    with suppress(redis.RedisError):
        consumer.give_back_in_hand()


def _end_with_parent(server: redis.Redis | None) -> None:
    """Wait until stdin closes, which it does when the parent dies; then end at once.

    Args:
        server: the embedded server, which is stopped too, because its parent no longer can; None
            for any other server.
    """
    while os.read(sys.stdin.fileno(), 4096):
        pass
    if server is not None:
        with suppress(redis.RedisError):  # another child may have stopped it already
            server.shutdown(nosave=True)
    os._exit(1)
