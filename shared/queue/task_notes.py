"""What RQ notes at the server of a worker and its tasks, in a few commands a task.

RQ's own tools read these notes; nothing that Coach does depends on them. RQ alone would look for
what Coach's tasks never have, one command after the other: results, dependents, repetitions, and
executions by other workers.
"""

import logging
from typing import Any

import redis
from rq import Queue, Worker
from rq.executions import ExecutionRegistry
from rq.job import Job, JobStatus
from rq.utils import now

#: Time for which a sign of life counts as given, in seconds (chosen: RQ takes a worker for dead
#: after a minute, and a short task takes less than a second).
_SIGN_S = 5.0

#: Time for which a worker's record outlives its last sign of life, beside its own limit, in seconds
#: (chosen: as RQ does).
_MARGIN_S = 60

_log = logging.getLogger(__name__)


class NotedWorker(Worker):
    """An RQ worker that notes what its tools show, and no more."""

    def subscribe(self) -> None:
        """Take no commands from a channel: others who can write to Redis cannot end a task."""

    def set_shutdown_requested_date(self) -> None:
        """Leave the server out of it: it may be away, and nobody reads this."""

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Show that this worker lives, unless it has just done so.

        A server that is away in the middle of a task is none of the task's business.
        """
        last = self.last_heartbeat
        is_due = last is None or not 0 <= (now() - last).total_seconds() < _SIGN_S
        if pipeline is None and timeout is None and not is_due:
            return
        try:
            super().heartbeat(timeout, pipeline)
        except redis.RedisError:
            if not self.horse_pid:
                raise

    def set_state(self, state: str, pipeline: Any = None) -> None:
        """Note what this worker does; a record that the server has lost gets an expiry again."""
        with self.connection.pipeline() as own:
            pipe = own if pipeline is None else pipeline
            super().set_state(state, pipeline=pipe)
            pipe.expire(self.key, self.worker_ttl + _MARGIN_S)
            own.execute()

    def maintain_heartbeats(self, job: Job, execution: Any) -> None:
        """Show that the task lives; a server that is away does not end it."""
        try:
            super().maintain_heartbeats(job, execution)
        except redis.RedisError as error:
            _log.warning("the server is away or full (%s); the task goes on", error)

    def prepare_job_execution(self, job: Job, remove_from_intermediate_queue: bool = True) -> None:
        """Note that a task has begun, and is no longer on its way to a worker."""
        super().prepare_job_execution(job, remove_from_intermediate_queue=True)

    def handle_execution_ended(self, job: Job, queue: Queue, heartbeat_ttl: int) -> None:
        """Note in the task that it has ended; the server is told with what it came to."""
        job.ended_at = now()

    def handle_job_success(
        self, job: Job, queue: Queue, started_job_registry: Any, execution: Any
    ) -> None:
        """Delete a task that is done, with its one execution."""
        assert job.started_at is not None
        assert job.ended_at is not None
        with self.connection.pipeline() as pipe:
            self.increment_successful_job_count(pipe)
            self.increment_total_working_time(job.ended_at - job.started_at, pipe)
            pipe.expire(self.key, self.worker_ttl + _MARGIN_S)
            pipe.delete(job.key, ExecutionRegistry(job.id, self.connection).key)
            self.cleanup_execution(job, pipe, execution)
            pipe.execute()
        job._status = JobStatus.FINISHED
