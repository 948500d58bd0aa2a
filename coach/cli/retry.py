"""`coach retry`: resume jobs that have failed or were cancelled."""

import sys
from collections.abc import Sequence
from pathlib import Path

from shared import claims
from shared.claims import Owner
from shared.errors import UsageError
from shared.names import readable
from shared.queue.job import RESUMABLE, Job
from shared.queue.job_store import JobStore
from shared.queue.servers import Servers
from shared.queue.sets import resume_sets
from shared.queue.stalled_jobs import send_work
from shared.settings import Settings


def run(job_ids: Sequence[str], settings: Settings) -> None:
    """Queue jobs again; chunks whose results are still stored are not analysed again.

    Args:
        job_ids: the jobs.
        settings: they name the deployment's servers.

    Raises:
        UsageError: there is no such job, it has not failed, or its result folder was given away.
    """
    servers = Servers.of(settings)
    for job_id in job_ids:
        server, job = servers.find(job_id)
        client, store = server.client, server.store
        with server.errors():
            recording = _recording_of(store, job)
            if job.state not in RESUMABLE:
                raise _refusal(job_id, job.state)
            # The recording first: while it has failed, its sets are cancelled. It looks on from
            # where it was, and is written again once its sets have ended.
            resumed = [recording, job] if recording is not None else [job]
            for one in resumed:
                _resume(store, one)
            resume_sets(client, store, job_id, settings.task_timeout_s)
            for one in reversed(resumed):
                send_work(client, store, one.id, settings.task_timeout_s)
        print(readable(f"{job_id}  {job.source}: queued again"), file=sys.stderr)


def _recording_of(store: JobStore, job: Job) -> Job | None:
    """The recording that a set is of, if that has failed; it must be resumed, too.

    Raises:
        UsageError: it was cancelled.
    """
    recording = store.get(job.recording) if job.recording else None
    if recording is not None and recording.state == "cancelled":
        raise UsageError(
            f"job {job.id} is a set of a recording that was cancelled; `coach retry "
            f"{recording.id}`, which goes on with all of its sets"
        )
    return recording if recording is not None and recording.state == "failed" else None


def _resume(store: JobStore, job: Job) -> None:
    owner = Owner.of(job.source, job.sha256)
    out = Path(job.out)
    if out.parent.is_dir() and claims.claim(out, owner) != owner:
        raise UsageError(f"{out} is kept for another clip by now; submit {job.source} again")
    if not store.resume(job.id):
        raise _refusal(job.id, store.state(job.id))


def _refusal(job_id: str, state: str | None) -> UsageError:
    return UsageError(
        f"job {job_id} is {state}: only a job that has failed or was cancelled can be tried again"
    )
