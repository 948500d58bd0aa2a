"""Cancels jobs whose recordings lie in a spool that is about to be removed, or was."""

from collections.abc import Iterable
from pathlib import Path

from coach.cli.submission import release_folders
from shared.queue import tasks
from shared.queue.connection import Client
from shared.queue.job import ACTIVE, Job
from shared.queue.job_store import JobStore


def cancel_jobs(client: Client, store: JobStore, jobs: Iterable[Job]) -> None:
    """Cancel jobs that have not ended, and give up their result folders."""
    for job in jobs:
        if store.cancel(job.id):
            tasks.withdraw(client, job.id)
        release_folders([job])


def cancel_left(client: Client, store: JobStore, spool: Path) -> None:
    """Cancel the jobs that an earlier run has left, which was killed.

    Args:
        client: connection to the server.
        store: the jobs on it.
        spool: the folder of their recordings.
    """
    found = map(store.get, store.ids_to_end())
    left = [job for job in found if job is not None and job.state in ACTIVE]
    cancel_jobs(client, store, [job for job in left if Path(job.source).is_relative_to(spool)])
