"""The process of a decoder or a writer: an RQ worker that forks a process for each task.

RQ hands out the tasks, and no more than that: whether a job's task must run again is decided by the
job's lease (`StalledJobMonitor`), not by what RQ knows of a task. So the worker may lose its server
at any moment without harm to a task, and a task that RQ takes for abandoned is left alone.

- A server that is away or full does not end the worker: it waits, and its task goes on.
- The task's process ends with the worker's, however that ends: no orphan goes on writing.
- SIGTERM and SIGINT ask the task to stop. It gives its job back, and the worker ends. If the task
  does not notice the request in time and is ended, the worker gives the job back.
- While its service is paused it takes no new task; when it is drained it ends: see `pausing`.
"""

import logging
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import FrameType
from typing import Any

import redis
from rq import Queue
from rq.exceptions import DequeueTimeout, StopRequested
from rq.intermediate_queue import IntermediateQueue
from rq.job import Job

from shared.activity import ACTIVITY
from shared.queue.lease import Stop, release_of_process
from shared.queue.pausing import ASK_S, Requests
from shared.queue.priorities import in_turn
from shared.queue.task_class import Task
from shared.queue.task_notes import NotedWorker
from shared.queue.values import text_of
from shared.settings import Settings

#: Interval at which a worker checks on its running task, in seconds.
_MONITOR_S = 5

#: Interval at which a worker searches for tasks of dead workers, in seconds.
_MAINTENANCE_S = 15

#: Time without a heartbeat after which a worker counts as dead, in seconds.
WORKER_TTL_S = 60

#: Pause before a worker turns to a server again that was away or full, in seconds.
_RECONNECT_S = 1.0

#: Interval at which a task's process looks whether its worker lives, in seconds.
_PARENT_S = 0.5

#: Entries that a bell has at most, and the time after which they are gone, in seconds: a worker
#: that misses one looks for tasks again after `_BELL_WAIT_S`.
MAX_BELLS, BELL_S = 64, 60
_BELL_WAIT_S = 1

#: Take the first task of the first queue that has one. Keys: the queues, in the order in which to
#: look at them. Returns the queue's key and the task's id; nil if all are empty.
_TAKE_FIRST = """#!lua flags=allow-oom
for _, queue in ipairs(KEYS) do
  local task = redis.call('LMOVE', queue, queue .. ':intermediate', 'LEFT', 'RIGHT')
  if task then
    return {queue, task}
  end
end
return false
"""

#: Signals that ask a worker to stop.
_REQUESTS = (signal.SIGTERM, signal.SIGINT)

#: The request to stop this process; set in the process of a task.
STOP = Stop()

#: Lets another worker have the job with this id.
GiveBack = Callable[[str], None]

_log = logging.getLogger(__name__)


def run_worker(
    client: redis.Redis,
    queues: list[Queue],
    bell: str,
    burst: bool,
    settings: Settings,
    stop: threading.Event,
    requests: Requests,
    give_back: GiveBack,
) -> bool:
    """Work on queues until stopped, or with `burst` until they are empty; whether they are.

    Args:
        client: connection to the server.
        queues: the queues, one of each priority.
        bell: list that gets an entry with each task.
        burst: end when no task is left.
        settings: settings of this process and of the tasks.
        stop: is set once the process was asked to stop; by RQ's handlers of signals, too.
        requests: whether the worker may take another task.
        give_back: enqueues the task of a job again.
    """
    _Queue.bell = bell
    rq_log = logging.getLogger("rq.worker")
    rq_log.setLevel(logging.WARNING)
    rq_log.addFilter(_is_no_passing_error)
    before = {request: signal.getsignal(request) for request in _REQUESTS}
    try:
        return _work(client, queues, burst, settings, stop, requests, give_back)
    except (StopRequested, SystemExit):  # RQ's answers to the first and to the second request
        return False
    finally:
        for request, handler in before.items():
            signal.signal(request, handler)


def _work(
    client: redis.Redis,
    queues: list[Queue],
    burst: bool,
    settings: Settings,
    stop: threading.Event,
    requests: Requests,
    give_back: GiveBack,
) -> bool:
    while not stop.is_set():
        try:
            worker = _Worker(
                queues,
                connection=client,
                serializer="json",
                job_class=Task,
                job_monitoring_interval=_MONITOR_S,
                maintenance_interval=_MAINTENANCE_S,
                worker_ttl=WORKER_TTL_S,
            )
            worker.queue_class = _Queue  # its constructor takes queues of this class only
            worker.settings, worker.stop = settings, stop
            worker.requests, worker.give_back = requests, give_back
            worker.work(burst=burst, logging_level=None, with_scheduler=False)
            if burst and not stop.is_set() and all(queue.is_empty() for queue in queues):
                return True
        except redis.RedisError as error:
            _log.warning("the server is away or full (%s); trying again", error)
        stop.wait(_RECONNECT_S)
    return False


def _is_no_passing_error(record: logging.LogRecord) -> bool:
    """Whether a line of RQ's log is about something else than a server that is away or full."""
    return not (record.exc_info and isinstance(record.exc_info[1], redis.RedisError))


class _Worker(NotedWorker):
    """An RQ worker that outlives its server."""

    settings: Settings
    stop: threading.Event
    requests: Requests
    give_back: GiveBack
    taken = 0
    max_connection_wait_time = _RECONNECT_S

    def reorder_queues(self, reference_queue: Queue) -> None:
        """Have the queues looked at in the order of the next turn."""
        self.taken += 1
        self._ordered_queues = in_turn(self.queues, self.taken)

    def handle_warm_shutdown_request(self) -> None:
        """Pass a request to stop on to the task."""
        self.stop.set()
        if self.horse_pid:
            self.kill_horse(signal.SIGTERM)

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """The next task; None in burst mode if there is none.

        RQ would wait for one for most of a minute, in which it asks for nothing else.

        Raises:
            StopRequested: this worker is drained, or was asked to stop while RQ still took it
                for busy.
        """
        wait_s = None if timeout is None else math.ceil(ASK_S)
        while True:
            if self.stop.is_set() or self.requests.must_end():
                self.stop.set()
                raise StopRequested
            if self.requests.is_paused():
                self.heartbeat()
                time.sleep(ASK_S)
                continue
            found = super().dequeue_job_and_maintain_ttl(wait_s, wait_s)
            if found is not None or timeout is None:
                return found

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run a task in a process of its own, which takes over the settings: reading costs more."""
        assert isinstance(job, Task)
        job.settings = self.settings
        super().execute_job(job, queue)

    def handle_work_horse_killed(self, job: Job, retpid: int, ret_val: int, rusage: Any) -> None:
        """Free the lease of a task that has died, so that its job need not wait for its end."""
        ACTIVITY.end_of_task()
        if os.WIFSIGNALED(ret_val):  # else it has ended itself, with a job that is not wanted
            ACTIVITY.count("died")
        _log.error("the process of %s has died (wait status %s)", job.description, ret_val)
        for job_id in job.args:
            release_of_process(self.connection, job_id, retpid)
            if self.stop.is_set():
                self.give_back(job_id)

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Start the process of a task; a request to stop waits until the process can take it."""
        self._parent_pid = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, _REQUESTS)
        try:
            super().fork_work_horse(job, queue)
            with suppress(OSError):  # the process has done it, or has ended already
                os.setpgid(self.horse_pid, self.horse_pid)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _REQUESTS)

    def setup_work_horse_signals(self) -> None:
        """In the process of a task: stop on request, and end with the worker."""
        STOP.may_exit = True
        if self.stop.is_set():  # asked between taking the task and starting its process
            STOP.asked.set()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _ask_to_stop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _REQUESTS)
        threading.Thread(target=_end_with, args=(self._parent_pid,), daemon=True).start()


class _Queue(Queue):
    """Takes tasks from several queues in such a way that none is lost on its way to a worker.

    RQ does so with a single queue only. It moves a task to an intermediate queue, where its record
    is found again if the worker dies before it has begun.

    Attributes:
        bell: List that gets an entry with each task of this process's kind.
    """

    bell = ""

    @classmethod
    def dequeue_any(
        cls,
        queues: Iterable[Queue],
        timeout: int | None,
        connection: redis.Redis | None = None,
        job_class: type[Job] | None = None,
        serializer: Any = None,
        death_penalty_class: Any = None,
    ) -> tuple[Job, Queue] | None:
        """The next task and its queue; None, or DequeueTimeout, if there is none."""
        client: Any = connection
        names = [queue.key for queue in queues]
        end_s = time.monotonic() + (timeout or 0)
        while True:
            found = client.eval(_TAKE_FIRST, len(names), *names)
            if found:
                name, task_id = map(text_of, found)
                try:
                    task = cls._fetch_dequeued_job(
                        client, name, task_id, job_class, serializer, death_penalty_class
                    )
                except ValueError as error:  # no id that RQ takes
                    _log.warning("%s: %r is not the id of a task (%s)", name, task_id, error)
                    client.lrem(IntermediateQueue.get_intermediate_queue_key(name), 0, task_id)
                    continue
                if task is not None:
                    return task
            elif timeout is None:
                return None
            elif time.monotonic() > end_s:
                raise DequeueTimeout(timeout, names)
            else:
                client.blpop([cls.bell], timeout=_BELL_WAIT_S)


def _ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
    STOP.asked.set()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_PARENT_S)
    os._exit(1)
