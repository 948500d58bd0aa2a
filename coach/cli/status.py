"""`coach status`: the progress of jobs."""

import json
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from coach.cli.progress import STAGES, progress_of
from shared.errors import UsageError
from shared.names import readable
from shared.queue.connection import connect, queue_errors
from shared.queue.job import Job
from shared.queue.job_store import JobStore
from shared.settings import Settings


def run(job_id: str | None, settings: Settings, as_json: bool) -> None:
    """Print the status of one job, or of all jobs, newest first.

    Args:
        job_id: the job; None for all.
        settings: the deployment's server is `redis_url`.
        as_json: print one JSON document instead of a table.

    Raises:
        UsageError: there is no such job.
    """
    client = connect(settings.redis_url)
    store = JobStore(client, settings.keep_jobs_s)
    with queue_errors(settings.redis_url):
        if job_id is None:
            jobs = [job for job in map(store.get, store.ids()) if job is not None]
        else:
            jobs = [known_job(store, job_id)]
        statuses = [status_of(store, job) for job in jobs]
    if as_json:
        print(json.dumps(statuses if job_id is None else statuses[0], indent=2))
    else:
        Console().print(_table(statuses))


def known_job(store: JobStore, job_id: str) -> Job:
    """The record of a job that the user names.

    Raises:
        UsageError: there is none.
    """
    job = store.get(job_id)
    if job is None:
        raise UsageError(f"there is no job {job_id!r}; `coach status` lists all jobs")
    return job


def status_of(store: JobStore, job: Job) -> dict[str, Any]:
    """A job's status as the command prints it."""
    return {
        "job": job.id,
        "state": job.state,
        "progress": progress_of(store, job),
        "error": job.error or None,
        "out": readable(job.out),
    }


def _table(statuses: list[dict[str, Any]]) -> Table:
    table = Table("job", "state", *STAGES, "frames", "results or error")
    for status in statuses:
        progress = status["progress"]
        counts = [str(progress[field]) for field in STAGES.values()]
        table.add_row(
            status["job"],
            status["state"],
            *counts,
            str(progress["frames"]),
            Text(status["error"] or status["out"]),  # a path may hold what looks like markup
        )
    return table
