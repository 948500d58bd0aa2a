"""Looks after jobs that have come to a standstill.

A server that crashes may forget its last second, and with it a chunk or a task. Each job therefore
has to account for every chunk: one that makes no progress although nothing of it is in flight is
sent again from where its results have a gap.
"""

import logging
import time
from typing import Any

import redis

from shared.errors import CoachError
from shared.queue import keys, tasks
from shared.queue.jobs import Job, JobStore
from shared.settings import Settings

#: A job that had to be repaired more often has another trouble; it fails.
_MAX_REPAIRS = 3

#: Clocks of machines that keep time differ by far less, seconds.
_CLOCK_SKEW_S = 10.0

_log = logging.getLogger(__name__)


class StalledJobMonitor:
    """Repairs stalled jobs, at most once in `stall_s` / 4 among all processes."""

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
        scored = self._store.analysis(job.id) is not None
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
        _log.warning("job %s stands still; sending it to %s again", job.id, task)
        self._store.note(job.id, sent=0, repairs=job.repairs + 1)
        tasks.enqueue(self._client, task, job.id, self._settings.task_timeout_s)


def is_in_flight(client: Any, job: Job) -> bool:
    """Whether a message as old as the job's last progress may still wait in a stream.

    A stream's ids are the server's times, progress is noted by the workers' clocks: when even the
    oldest message is younger than the job's last progress by more than the clocks may differ, none
    of the job's messages is left there.
    """
    youngest_ms = (job.progress_s + _CLOCK_SKEW_S) * 1000
    for stream in (keys.frames(job.options.backend), keys.KEYPOINTS):
        oldest = client.xrange(stream, count=1)
        if oldest and int(oldest[0][0].split(b"-")[0]) <= youngest_ms:
            return True
    return False
