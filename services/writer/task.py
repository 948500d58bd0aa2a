"""The write task: the annotated video, the report and the data of one finished analysis.

Reads: the source video again; the job's analysis.
Writes: the result folder; progress; that the job is done.
Order: every source frame exactly once, in the source's order and timing.
On failure: another worker writes again from scratch; unfinished files lie in a hidden folder. A
server that is away or full is waited for.
"""

import logging
import shutil
from pathlib import Path

from services.writer.annotate import render
from services.writer.publish import (
    finish_publishing,
    is_published,
    publish,
    remove_staged,
    staging,
)
from services.writer.results import VIDEO, manifest_of, write_data
from services.writer.sets import are_known, have_ended, is_lift, remove_no_lift, write_sets
from shared import logs
from shared.activity import ACTIVITY
from shared.claims import Owner, release
from shared.data.analysis import Analysis
from shared.media.limits import SourceLimits, allowed_folder, check_unmoved
from shared.queue.sets import look_again
from shared.queue.task_run import TaskContext, TaskRun, run_task
from shared.tracing import TRACES

#: Time for which a result is still written after a request to stop, in seconds; what is not
#: finished then is written by another worker, from its beginning.
GRACE_S = 5.0

_log = logging.getLogger(__name__)


def write(job_id: str) -> None:
    """Write the result of a job; the RQ task of this service."""
    write_job(TaskContext.current(), job_id)


def write_job(context: TaskContext, job_id: str) -> None:
    """Write the result of a job whose analysis is stored; an error fails the job."""
    with logs.about(job_id):
        run_task(context, "write", job_id, _write, GRACE_S)


def _write(run: TaskRun) -> None:
    job, lease, store = run.job, run.lease, run.store
    roots = run.settings.out_roots
    out = allowed_folder(Path(job.out), roots, "COACH_OUT_ROOTS")
    if is_published(out, job.id, job.created_s):
        finish_publishing(out, Owner.of(job.source, job.sha256))
        if job.kind == "recording":
            remove_no_lift(run)
        _finish(run, out)  # an earlier run died between its last steps
        return
    if job.kind == "recording":
        if not have_ended(run):
            _log.warning("not all sets have ended; the recording is written once they have")
            return
        if not are_known(run):
            _log.warning("the server has lost sets of the recording; it is looked at again")
            look_again(run.client, store, job.id)
            return
        write_sets(run, out)
        remove_no_lift(run)
        _finish(run, out)
        return
    analysis = store.analysis(job.id)
    if analysis is None:
        # The server has lost it with its last second; the message that it was made from is there.
        _log.warning("the analysis is not there yet; it is made again, and written then")
        return
    if job.recording and not is_lift(analysis):
        _finish(run, out)  # the writer of the recording removes its clip
        return
    remove_staged(out, job.id)
    with staging(out, job.id) as folder:
        lease.on_exit(lambda: shutil.rmtree(folder, ignore_errors=True))
        check_unmoved(out, roots, "COACH_OUT_ROOTS")
        _make_files(run, analysis, folder)
        check_unmoved(out, roots, "COACH_OUT_ROOTS")
        manifest = manifest_of(analysis, job.options, job.created_s)
        publish(folder, out, manifest, lease.check, lease.begin_final_step)
    _finish(run, out)


def _finish(run: TaskRun, out: Path) -> None:
    """End the job, and the claim that the same clip made if it was submitted again meanwhile."""
    if run.store.finish(run.job.id):
        TRACES.end_of_job(run.job)
    release(out, Owner.of(run.job.source, run.job.sha256))


def _make_files(run: TaskRun, analysis: Analysis, folder: Path) -> None:
    job = run.job

    def record_progress(index: int) -> None:
        run.lease.check()
        run.lease.progress(written=index + 1)
        ACTIVITY.count_frames()

    video = folder / VIDEO if job.options.video else None
    limits = SourceLimits.of(run.settings, is_set=bool(job.recording))
    source = Path(job.source)
    pictures = render(
        analysis, source, video, job.options.overlay, record_progress, limits, run.lease.check
    )
    run.lease.progress(written=job.frames)
    write_data(analysis, pictures, folder, job.created_s)
