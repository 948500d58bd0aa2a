"""The write task: the annotated video, the report and the data of one finished analysis.

Reads: the source video again; the job's analysis.
Writes: the result folder; progress; that the job is done.
Order: every source frame exactly once, in the source's order and timing.
On failure: RQ runs the task again from scratch; unfinished files lie in a hidden folder.
"""

import logging
import time
from pathlib import Path

from services.writer.annotate import render
from services.writer.publish import finish_publishing, is_published, publish, staging
from services.writer.results import VIDEO, manifest_of, write_data
from shared import logs
from shared.claims import Owner
from shared.data.analysis import Analysis
from shared.errors import QueueError
from shared.media.limits import SourceLimits, allowed_folder, check_unmoved
from shared.queue import tasks
from shared.queue.job import Job
from shared.settings import read_settings

#: Interval at which progress is recorded and the job's state is checked, in seconds.
_PROGRESS_S = 0.3

_log = logging.getLogger(__name__)


def write(job_id: str) -> None:
    """Write the result of a job; the RQ task of this service."""
    write_job(tasks.TaskContext.current(read_settings()), job_id)


def write_job(context: tasks.TaskContext, job_id: str) -> None:
    """Write the result of a job whose analysis is stored; an error fails the job."""
    with logs.about(job_id):
        tasks.run_or_fail_job(context.store, job_id, lambda: _write(context, job_id))


class _Cancelled(Exception):
    """The job is not active any more."""


def _write(context: tasks.TaskContext, job_id: str) -> None:
    store = context.store
    job = store.get(job_id)
    if job is None or not store.is_active(job_id):
        return
    roots = context.settings.out_roots
    out = allowed_folder(Path(job.out), roots, "COACH_OUT_ROOTS")
    if is_published(out, job.id, job.created_s):
        finish_publishing(out, Owner.of(job.source, job.sha256))
        store.finish(job_id)  # an earlier run died between its last two steps
        return
    analysis = store.analysis(job_id)
    if analysis is None:
        raise QueueError(f"the analysis of job {job_id} is not in Redis")
    try:
        with staging(out, job.id) as folder:
            check_unmoved(out, roots, "COACH_OUT_ROOTS")
            _make_files(context, job, analysis, folder)
            check_unmoved(out, roots, "COACH_OUT_ROOTS")
            publish(folder, out, manifest_of(analysis, job.options, job.created_s))
    except _Cancelled:
        _log.info("the job has ended elsewhere; stopping")
        return
    store.finish(job_id)


def _make_files(context: tasks.TaskContext, job: Job, analysis: Analysis, folder: Path) -> None:
    store = context.store
    last_s = 0.0

    def record_progress(index: int) -> None:
        """Record progress if it is due; raise _Cancelled if the job is not active any more."""
        nonlocal last_s
        if time.monotonic() - last_s > _PROGRESS_S:
            last_s = time.monotonic()
            store.update(job.id, written=index + 1)
            if not store.is_active(job.id):
                raise _Cancelled

    video = folder / VIDEO if job.options.video else None
    limits = SourceLimits.of(context.settings)
    source = Path(job.source)
    pictures = render(analysis, source, video, job.options.overlay, record_progress, limits)
    store.update(job.id, written=job.frames)
    write_data(analysis, pictures, folder, job.created_s)
