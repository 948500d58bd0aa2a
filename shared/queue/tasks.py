"""The long tasks, decoding and writing, as RQ jobs on queues of their own.

Their arguments are JSON, never pickle, and `Task` names the only functions that are run, so that
write access to Redis does not let anybody run code.
A task gets a job's id only and reads the rest from the job's record; running it twice is harmless.
"""

import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import redis
from redis.client import Pipeline
from rq import Queue, Retry, Worker, get_current_job

from shared.errors import CoachError, Permanent
from shared.queue.job_store import JobStore
from shared.queue.task_class import Task
from shared.settings import Settings

Name = Literal["decode", "write"]

_FUNCTIONS: dict[Name, str] = {
    "decode": "services.decoder.task.decode",
    "write": "services.writer.task.write",
}

#: Tries of a task after the first (chosen: an error that outlasts four tries is not temporary).
_RETRIES = 3

#: Interval at which a worker checks on its running task, in seconds.
_MONITOR_S = 5

#: Interval at which a worker searches for tasks of dead workers, in seconds.
_MAINTENANCE_S = 15

#: Time without a heartbeat after which a worker counts as dead, in seconds.
WORKER_TTL_S = 60

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TaskContext:
    """What a task works with: the settings, the server and the jobs on it."""

    settings: Settings
    client: redis.Redis
    store: JobStore

    @classmethod
    def current(cls, settings: Settings) -> "TaskContext":
        """The context of the RQ task that runs in this process, on its worker's connection.

        Args:
            settings: settings of this process. RQ forks a process for each task, which reads its
                own settings at its start.
        """
        task = get_current_job()
        if task is None:
            raise RuntimeError("this process runs no RQ task")
        return cls(settings, task.connection, JobStore(task.connection, settings.keep_jobs_s))


def enqueue(
    client: redis.Redis, name: Name, job_id: str, timeout_s: int, pipe: Pipeline | None = None
) -> None:
    """Enqueue a task for a job, as part of a transaction when `pipe` is given."""
    queue(client, name).enqueue(
        _FUNCTIONS[name],
        args=(job_id,),
        job_timeout=timeout_s,
        result_ttl=0,
        failure_ttl=86_400,
        retry=Retry(max=_RETRIES),
        description=f"{name} {job_id}",
        pipeline=pipe,
    )


def is_idle(client: redis.Redis, name: Name) -> bool:
    """Whether a queue holds no task, neither waiting nor started."""
    tasks = queue(client, name)
    return tasks.is_empty() and tasks.started_job_registry.count == 0


def run_worker(client: redis.Redis, name: Name, burst: bool) -> None:
    """Work on a queue until stopped, or with `burst` until it is empty.

    Each task runs in a forked process, so that its death does not end the worker.
    """
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    for request in (signal.SIGTERM, signal.SIGINT):  # nothing is lost until RQ handles them
        signal.signal(request, signal.SIG_DFL)
    worker = Worker(
        [queue(client, name)],
        connection=client,
        serializer="json",
        job_class=Task,
        job_monitoring_interval=_MONITOR_S,
        maintenance_interval=_MAINTENANCE_S,
        worker_ttl=WORKER_TTL_S,
    )
    worker.work(burst=burst, logging_level=None, with_scheduler=False)


def run_or_fail_job(store: JobStore, job_id: str, work: Callable[[], None]) -> None:
    """Run a task's work for a job, and fail the job if trying again cannot help.

    Any other error is raised, so that RQ tries again; on the last try the job fails too.
    """
    try:
        work()
    except Permanent as error:
        _log.error("%s", error)
        store.fail(job_id, error)
    except Exception as error:
        if _tries_left() == 0:
            store.fail(job_id, error if isinstance(error, CoachError) else _unexpected(error))
        raise


def _unexpected(error: Exception) -> CoachError:
    return CoachError(f"unexpected {type(error).__name__}: {error}; see the worker's log")


def _tries_left() -> int:
    task: Any = get_current_job()
    return int(task.retries_left or 0) if task else 0


def queue(client: Any, name: Name) -> Queue:
    """The RQ queue of a task."""
    return Queue(f"coach-{name}", connection=client, serializer="json", job_class=Task)
