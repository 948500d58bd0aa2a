"""Repairs jobs that make no progress.

A server that crashes may lose its last second, and with it a chunk or a task. A job that makes no
progress and has no message in flight has lost one of them: it is decoded again, and its chunks
without a result are sent again; or, once it has an analysis, it is written again.
"""

import logging
import time
from typing import Any

import redis

from shared.errors import CoachError
from shared.queue import keys, tasks
from shared.queue.job import Job
from shared.queue.job_store import JobStore
from shared.settings import Settings

#: Repairs of a job before it fails (chosen: a loss is rare, three in one job have another cause).
_MAX_REPAIRS = 3

#: Largest difference allowed between the clocks of two machines, in seconds (machines that
#: synchronise their clocks differ by far less).
_CLOCK_SKEW_S = 10.0

_log = logging.getLogger(__name__)


class StalledJobMonitor:
    """Repairs stalled jobs, at most once per `stall_s` / 4 among all processes."""

    def __init__(self, client: redis.Redis, store: JobStore, settings: Settings) -> None:
        self._client: Any = client
        self._store, self._settings = store, settings
        self._next_round_s = 0.0

    def repair_if_due(self) -> None:
        """Repair every stalled job, if a round is due."""
        now_s = time.monotonic()
        if now_s < self._next_round_s:
            return
        pause_s = max(1.0, self._settings.stall_s / 4)
        self._next_round_s = now_s + pause_s
        if not self._client.set(keys.STALLED_JOB_MONITOR, 1, nx=True, px=round(pause_s * 900)):
            return
        for job_id in self._store.active_ids():
            job = self._store.get(job_id)
            if job is not None and self._is_stalled(job):
                self._repair(job)

    def _is_stalled(self, job: Job) -> bool:
        return time.time() - job.progress_s > self._settings.stall_s and not is_in_flight(
            self._client, job
        )

    def _repair(self, job: Job) -> None:
        scored = self._store.has_analysis(job.id)
        task: tasks.Name = "write" if scored else "decode"
        if not tasks.is_idle(self._client, task):
            return
        if job.repairs >= _MAX_REPAIRS:
            self._store.fail(
                job.id,
                CoachError(
                    f"{job.source}: no progress after {job.repairs} repairs; see the logs of the "
                    f"{task} workers, then submit it again"
                ),
            )
            return
        _log.warning("job %s makes no progress; enqueueing %s again", job.id, task)
        self._store.update(job.id, sent=0, repairs=job.repairs + 1)
        tasks.enqueue(self._client, task, job.id, self._settings.task_timeout_s)


def is_in_flight(client: Any, job: Job) -> bool:
    """Whether a message of the job may still wait in a stream.

    The ids of a stream are times of the server's clock; progress is recorded by the workers'
    clocks. If even the oldest message is younger than the job's last progress by more than the
    clocks may differ, none of the job's messages is left.
    """
    latest_ms = (job.progress_s + _CLOCK_SKEW_S) * 1000
    for stream in (keys.frames(job.options.backend), keys.KEYPOINTS):
        oldest = client.xrange(stream, count=1)
        if oldest and int(oldest[0][0].split(b"-")[0]) <= latest_ms:
            return True
    return False
