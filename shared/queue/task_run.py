"""One run of a decode or write task: under the job's lease, with a few tries.

A task gets a job's id only and reads the rest from the job's record. It works while it holds the
job's lease, so that running it twice is harmless.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import redis
from rq import get_current_job
from rq.timeouts import JobTimeoutException

from shared.activity import ACTIVITY
from shared.errors import CoachError, Permanent
from shared.queue import task_worker
from shared.queue.job import Job
from shared.queue.job_store import JobStore
from shared.queue.lease import Lease, Reason, Stop, WorkOver
from shared.queue.patience import patient, wait
from shared.queue.task_class import Task
from shared.queue.tasks import Name, give_back, queues
from shared.queue.turns import Turn
from shared.settings import Settings
from shared.tracing import TRACES

#: Pauses before the second and each further try, in seconds: what is temporary passes within them,
#: and what lasts is told within a minute (chosen).
_PAUSES_S = (1.0, 5.0, 20.0)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TaskContext:
    """What a task works with.

    Attributes:
        settings: Settings of the process.
        client: Connection to the server; it fails soon if that does not answer.
        store: The jobs on it.
        stop: The request to stop this process.
    """

    settings: Settings
    client: redis.Redis
    store: JobStore
    stop: Stop = field(default_factory=Stop)

    @classmethod
    def current(cls) -> "TaskContext":
        """The context of the task that runs in this process: its worker's connection and settings.

        Raises:
            RuntimeError: no worker runs a task here.
        """
        task = get_current_job()
        if not isinstance(task, Task) or task.settings is None:
            raise RuntimeError("this process runs no task of a worker")
        if task.enqueued_at is not None:
            waited_s = (datetime.now(UTC) - task.enqueued_at).total_seconds()
            ACTIVITY.note_duration("wait", waited_s)
        store = JobStore(task.connection, task.settings.keep_jobs_s)
        return cls(task.settings, task.connection, store, task_worker.STOP)


@dataclass(frozen=True)
class TaskRun:
    """One run of a task, which holds the lease of its job.

    Attributes:
        job: The job, as it was when the run began.
        lease: The lease; `check` it often.
        settings: Settings of the process.
        client: A connection that waits for the server as long as the lease's work is wanted.
        store: The jobs on that connection.
    """

    job: Job
    lease: Lease
    settings: Settings
    client: redis.Redis
    store: JobStore


def run_task(
    context: TaskContext,
    name: Name,
    job_id: str,
    work: Callable[[TaskRun], None],
    grace_s: float = 0.0,
) -> None:
    """Do a task's work for a job, if the job is wanted and nobody else does it.

    An error that trying again cannot help fails the job. After any other, the work is done again a
    few times before the job fails. A task that is asked to stop gives its job back.

    Args:
        context: what the process works with.
        name: name of the task.
        job_id: the job.
        work: the work; it may be called several times.
        grace_s: how long it may go on after a request to stop, in seconds.
    """

    def check() -> None:
        if lease is not None:
            lease.check()
        elif context.stop.asked.is_set():
            raise WorkOver(Reason.STOPPING)

    lease: Lease | None = None
    try:
        with patient(context.client, check) as client:
            store = JobStore(client, context.settings.keep_jobs_s)
            job = store.get(job_id)
            if job is None:
                return
            lease = Lease(context.client, job, context.stop, grace_s, _turn(context, name, job))
            if not lease.take():
                _log.info("nothing to do: the job has ended, or another task works on it")
                store.drop_leftovers(job_id)
                return
            with lease:
                store.start(job_id)
                job = store.get(job_id) or job
                run = TaskRun(job, lease, context.settings, client, store)
                with TRACES.span(name, lambda: run.job.traceparent, job=job_id):
                    _work_or_fail_job(run, name, work)
    except WorkOver as over:
        _log.info("%s", over)
        if over.reason in (Reason.STOPPING, Reason.GIVING_WAY):
            timeout_s, at_front = context.settings.task_timeout_s, over.reason is Reason.STOPPING
            give_back(context.client, name, job_id, timeout_s, at_front)
    finally:
        TRACES.flush()  # RQ ends this process without any clean-up


def _turn(context: TaskContext, name: Name, job: Job) -> Turn | None:
    """The turn of a job at this worker; a film is written without giving way."""
    if name != "decode":
        return None
    names = [tasks.key for tasks in queues(context.client, name)]
    return Turn(context.client, names, job.priority, context.settings.decode_turn_s)


def _work_or_fail_job(run: TaskRun, name: Name, work: Callable[[TaskRun], None]) -> None:
    pauses_s = iter(_PAUSES_S)
    while True:
        try:
            with ACTIVITY.timed("work"):
                work(run)
            ACTIVITY.count("done")
            return
        except WorkOver:
            raise
        except JobTimeoutException:
            limit_s = run.settings.task_timeout_s
            error: Exception = CoachError(
                f"{run.job.source}: {name} took longer than {limit_s} s (COACH_TASK_TIMEOUT_S)"
            )
            pause_s = None
        except Permanent as permanent:
            error, pause_s = permanent, None
        except Exception as other:
            error, pause_s = other, next(pauses_s, None)
        run.lease.confirm()  # a task that has lost its lease neither fails nor repeats anything
        ACTIVITY.count("given_up" if pause_s is None else "retried")
        if pause_s is None:
            _log.error("%s", error, exc_info=None if isinstance(error, CoachError) else error)
            reason = error if isinstance(error, CoachError) else _unexpected(error)
            if run.store.fail(run.job.id, reason):
                TRACES.end_of_job(run.job, str(reason))
            return
        _log.warning("%s: %s; trying again in %g s", type(error).__name__, error, pause_s)
        wait(pause_s, run.lease.check)


def _unexpected(error: Exception) -> CoachError:
    return CoachError(f"unexpected {type(error).__name__}: {error}; see the worker's log")
