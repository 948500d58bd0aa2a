"""The long tasks, decoding and writing, as RQ jobs on queues of their own.

Their arguments are JSON, never pickle, and `Task` names the only functions that are run, so that
write access to Redis does not let anybody run code. A run of a task: see `task_run`.
"""

import logging
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import Any, Literal

import redis
from redis.client import Pipeline
from rq import Queue
from rq.executions import ExecutionRegistry

from shared.queue import keys, task_worker
from shared.queue.pausing import Requests
from shared.queue.priorities import PRIORITIES, Priority, named
from shared.queue.task_class import Task
from shared.queue.values import text_of
from shared.settings import Settings

Name = Literal["decode", "write"]

_FUNCTIONS: dict[Name, str] = {
    "decode": "services.decoder.task.decode",
    "write": "services.writer.task.write",
}

#: Time that RQ keeps the record of a task whose process has died, in seconds.
_KEEP_DEAD_S = 60

WORKER_TTL_S = task_worker.WORKER_TTL_S

_log = logging.getLogger(__name__)


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
    for tasks in _all_queues(client):
        _delete(client, tasks, job_id, _listed(client, tasks.key))


def forget_dead(client: Any, job_id: str) -> None:
    """Delete what RQ keeps of a job's tasks that were started, none of which lives any more."""
    for tasks in _all_queues(client):
        notes = {*_listed(client, tasks.intermediate_queue_key)}
        for registry in (tasks.started_job_registry, tasks.failed_job_registry):
            notes.update(map(text_of, client.zrange(registry.key, 0, -1)))
        _delete(client, tasks, job_id, notes)


def _delete(client: Any, tasks: Queue, job_id: str, notes: Iterable[str]) -> None:
    """Delete those of a queue's notes that are of a job, each with the record of its task.

    RQ's own way raises an error where the server has lost one of a task's notes and not the others.

    Args:
        client: connection to the server.
        tasks: the queue.
        job_id: the job.
        notes: ids of tasks; that of a run follows after a colon, where RQ notes a run.
    """
    with client.pipeline() as pipe:
        for note in notes:
            task_id = note.partition(":")[0]
            if _job_of(task_id) != job_id:
                continue
            for queue_key in (tasks.key, tasks.intermediate_queue_key):
                pipe.lrem(queue_key, 0, note)
            for registry in (tasks.started_job_registry, tasks.failed_job_registry):
                pipe.zrem(registry.key, note)
            runs = ExecutionRegistry(task_id, client).key
            pipe.delete(Task.key_for(task_id), runs, f"rq:execution:{note}")
        pipe.execute()


def _all_queues(client: Any) -> Iterator[Queue]:
    return (tasks for name in _FUNCTIONS for tasks in queues(client, name))


def queued_jobs(client: Any, name: Name) -> set[str]:
    """Ids of the jobs that have a task of this name in a queue."""
    with client.pipeline(transaction=False) as pipe:
        for tasks in queues(client, name):
            pipe.lrange(tasks.key, 0, -1)
        return {_job_of(text_of(task_id)) for ids in pipe.execute() for task_id in ids}


def _listed(client: Any, key: str) -> list[str]:
    return [*map(text_of, client.lrange(key, 0, -1))]


def _job_of(task_id: str) -> str:
    return task_id.rpartition("-")[0]


def is_idle(client: redis.Redis, name: Name) -> bool:
    """Whether the queues hold no task, neither waiting nor started."""
    return all(
        tasks.is_empty() and tasks.started_job_registry.count == 0 for tasks in queues(client, name)
    )


def run_worker(
    client: redis.Redis,
    name: Name,
    burst: bool,
    settings: Settings,
    stop: threading.Event,
    requests: Requests,
) -> bool:
    """Work on a task's queues until stopped, or with `burst` until empty; whether they are.

    Each task runs in a forked process, so that its death does not end the worker.

    Args:
        client: connection to the server.
        name: kind of the tasks.
        burst: end when no task is left.
        settings: settings of this process and of the tasks.
        stop: is set once the process was asked to stop.
        requests: what an operator asks of the process.
    """

    def give_back_task(job_id: str) -> None:
        give_back(client, name, job_id, settings.task_timeout_s)

    return task_worker.run_worker(
        client,
        queues(client, name),
        keys.bell(name),
        burst,
        settings,
        stop,
        requests,
        give_back_task,
    )


def give_back(
    client: redis.Redis, name: Name, job_id: str, timeout_s: int, at_front: bool = True
) -> None:
    """Let another worker take a task, first or last; if the server is away, the monitor does it."""
    try:
        enqueue(client, name, job_id, timeout_s, at_front=at_front)
    except redis.RedisError as error:
        _log.warning("the task could not be given back (%s)", error)


def queues(client: Any, name: Name) -> list[Queue]:
    """The RQ queues of a task, the highest priority first."""
    return [queue(client, name, priority) for priority in PRIORITIES]


def queue(client: Any, name: Name, priority: Priority = "normal") -> Queue:
    """The RQ queue of a task, for jobs of one priority."""
    full_name = named(f"coach-{name}", priority, "-")
    return Queue(full_name, connection=client, serializer="json", job_class=Task)
