"""The write task: the annotated video, the report and the data of one finished analysis.

Reads: the source video again; the job's analysis.
Writes: the result folder; progress; that the job is done.
Order: every source frame exactly once, in the source's order and timing.
On failure: RQ runs the task again from scratch; what was made before lies in a hidden folder.
"""

import logging
import time
from pathlib import Path

from services.writer.annotate import render
from services.writer.publish import is_published, publish, staging
from services.writer.results import VIDEO, manifest_of, write_data
from shared import logs
from shared.data.analysis import Analysis
from shared.errors import QueueError
from shared.media.source import check_root
from shared.queue import tasks
from shared.queue.connection import connect
from shared.queue.jobs import Job, JobStore
from shared.settings import Settings

#: How often progress is noted, and looked whether the job is still wanted, seconds.
_NOTE_S = 0.3

_log = logging.getLogger(__name__)


def write(job_id: str) -> None:
    """Write the result of a job; the RQ task of this service."""
    settings = Settings()
    store = JobStore(connect(settings.redis_url), settings.keep_jobs_s)
    with logs.about(job_id):
        tasks.run_or_fail_job(store, job_id, lambda: _write(store, settings, job_id))


class _Cancelled(Exception):
    """The job is no longer wanted."""


def _write(store: JobStore, settings: Settings, job_id: str) -> None:
    job = store.get(job_id)
    if job is None or not store.is_active(job_id):
        return
    out = Path(job.out)
    check_root(out.resolve(), settings.out_roots, "COACH_OUT_ROOTS")
    if is_published(out, job.id, job.created_s):
        store.finish(job_id)  # a writer before this one died between its last two steps
        return
    analysis = store.analysis(job_id)
    if analysis is None:
        raise QueueError(f"the analysis of job {job_id} is not in Redis")
    try:
        with staging(out, job.id) as folder:
            _make_files(store, job, analysis, folder)
            publish(folder, out, manifest_of(analysis, job.options, job.created_s))
    except _Cancelled:
        _log.info("the job is no longer wanted")
        return
    store.finish(job_id)


def _make_files(store: JobStore, job: Job, analysis: Analysis, folder: Path) -> None:
    noted_s = 0.0

    def note(index: int) -> None:
        """Note progress now and then; raise _Cancelled when the job is no longer wanted."""
        nonlocal noted_s
        if time.monotonic() - noted_s > _NOTE_S:
            noted_s = time.monotonic()
            store.note(job.id, written=index + 1)
            if not store.is_active(job.id):
                raise _Cancelled

    video = folder / VIDEO if job.options.video else None
    pictures = render(analysis, Path(job.source), video, job.options.overlay, note)
    store.note(job.id, written=job.frames)
    write_data(analysis, pictures, folder)
