"""The long tasks, decoding and writing, as RQ jobs on queues of their own.

Their arguments are JSON, never pickle, and `Task` names the only functions that are run, so that
write access to Redis does not let anybody run code.
A task gets a job's id only and reads the rest from the job's record. It works while it holds the
job's lease, so that running it twice is harmless.
"""

import logging
import uuid
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import redis
from redis.client import Pipeline
from rq import Queue, get_current_job
from rq.timeouts import JobTimeoutException

from shared.activity import ACTIVITY
from shared.errors import CoachError, Permanent
from shared.queue import keys, task_worker
from shared.queue.job import Job
from shared.queue.job_store import JobStore
from shared.queue.lease import Lease, Reason, Stop, WorkOver
from shared.queue.patience import patient, wait
from shared.queue.pausing import Gate
from shared.queue.priorities import PRIORITIES, Priority, named
from shared.queue.task_class import Task
from shared.queue.turns import Turn
from shared.settings import Settings
from shared.tracing import TRACES

Name = Literal["decode", "write"]

_FUNCTIONS: dict[Name, str] = {
    "decode": "services.decoder.task.decode",
    "write": "services.writer.task.write",
}

#: Task → the service that does it.
_SERVICES: dict[Name, str] = {"decode": "decoder", "write": "writer"}

#: Pauses before the second and each further try, in seconds: what is temporary passes within them,
#: and what lasts is told within a minute (chosen).
_PAUSES_S = (1.0, 5.0, 20.0)

#: Time that RQ keeps the record of a task whose process has died, in seconds.
_KEEP_DEAD_S = 60

WORKER_TTL_S = task_worker.WORKER_TTL_S

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
    def current(cls, settings: Settings) -> "TaskContext":
        """The context of the RQ task that runs in this process, on its worker's connection.

        Args:
            settings: settings of this process. RQ forks a process for each task, which reads its
                own settings at its start.
        """
        task = get_current_job()
        if task is None:
            raise RuntimeError("this process runs no RQ task")
        if task.enqueued_at is not None:
            waited_s = (datetime.now(UTC) - task.enqueued_at).total_seconds()
            ACTIVITY.note_duration("wait", waited_s)
        store = JobStore(task.connection, settings.keep_jobs_s)
        return cls(settings, task.connection, store, task_worker.STOP)


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


def enqueue(
    client: redis.Redis,
    name: Name,
    job_id: str,
    timeout_s: int,
    pipe: Pipeline | None = None,
    at_front: bool = False,
) -> None:
    """Enqueue a task for a job, as part of a transaction when `pipe` is given.

    It goes to the queue of the job's priority, as its record says.
    """
    stored: Any = client.hget(keys.job(job_id), "priority")
    priority: Priority = next((one for one in PRIORITIES if one.encode() == stored), "normal")
    queue(client, name, priority).enqueue(
        _FUNCTIONS[name],
        args=(job_id,),
        job_id=f"{job_id}-{uuid.uuid4().hex[:8]}",
        job_timeout=timeout_s,
        result_ttl=0,
        failure_ttl=_KEEP_DEAD_S,
        description=f"{name} {job_id}",
        pipeline=pipe,
        at_front=at_front,
    )
    with nullcontext(pipe) if pipe else client.pipeline() as ring:
        ring.lpush(keys.bell(name), "")
        ring.ltrim(keys.bell(name), 0, task_worker.MAX_BELLS - 1)
        ring.expire(keys.bell(name), task_worker.BELL_S)
        if pipe is None:
            ring.execute()


def withdraw(client: Any, job_id: str) -> None:
    """Take a job's tasks out of the queues."""
    for tasks in (one for name in _FUNCTIONS for one in queues(client, name)):
        for task_id in tasks.job_ids:
            if _job_of(task_id) == job_id and (task := tasks.fetch_job(task_id)):
                task.delete()


def forget_dead(client: Any, job_id: str) -> None:
    """Delete what RQ keeps of a job's tasks that were started, none of which lives any more."""
    for tasks in (one for name in _FUNCTIONS for one in queues(client, name)):
        ids = set(tasks.intermediate_queue.get_job_ids())
        for registry in (tasks.started_job_registry, tasks.failed_job_registry):
            ids.update(registry.get_job_ids(cleanup=False))
        for task_id in ids:
            if _job_of(task_id) == job_id and (task := tasks.fetch_job(task_id)):
                tasks.intermediate_queue.remove(task_id)
                task.delete()


def queued_jobs(client: Any, name: Name) -> set[str]:
    """Ids of the jobs that have a task of this name in a queue."""
    with client.pipeline(transaction=False) as pipe:
        for tasks in queues(client, name):
            pipe.lrange(tasks.key, 0, -1)
        return {_job_of(task_id.decode()) for ids in pipe.execute() for task_id in ids}


def _job_of(task_id: str) -> str:
    return task_id.rpartition("-")[0]


def is_idle(client: redis.Redis, name: Name) -> bool:
    """Whether the queues hold no task, neither waiting nor started."""
    return all(
        tasks.is_empty() and tasks.started_job_registry.count == 0 for tasks in queues(client, name)
    )


def run_worker(client: redis.Redis, name: Name, burst: bool) -> bool:
    """Work on a task's queues until stopped, or with `burst` until empty; whether they are.

    Each task runs in a forked process, so that its death does not end the worker.
    """

    def give_back(job_id: str) -> None:
        _give_back(client, name, job_id, read_settings().task_timeout_s)

    gate = Gate(client, _SERVICES[name])
    bell = keys.bell(name)
    return task_worker.run_worker(client, queues(client, name), bell, burst, gate, give_back)


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
            _give_back(context.client, name, job_id, timeout_s, at_front)
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


def _give_back(
    client: redis.Redis, name: Name, job_id: str, timeout_s: int, at_front: bool = True
) -> None:
    """Let another worker take a task, first or last; if the server is away, the monitor does it."""
    try:
        enqueue(client, name, job_id, timeout_s, at_front=at_front)
    except redis.RedisError as error:
        _log.warning("the task could not be given back (%s)", error)


def _unexpected(error: Exception) -> CoachError:
    return CoachError(f"unexpected {type(error).__name__}: {error}; see the worker's log")


def queues(client: Any, name: Name) -> list[Queue]:
    """The RQ queues of a task, the highest priority first."""
    return [queue(client, name, priority) for priority in PRIORITIES]


def queue(client: Any, name: Name, priority: Priority = "normal") -> Queue:
    """The RQ queue of a task, for jobs of one priority."""
    full_name = named(f"coach-{name}", priority, "-")
    return Queue(full_name, connection=client, serializer="json", job_class=Task)
