"""Cancels jobs whose recordings lie in a spool that is about to be removed, or was."""

from pathlib import Path

from coach.cli.cancel import cancel_job
from coach.cli.submission import release_folders
from shared.queue.job import ACTIVE, Job
from shared.queue.servers import JobServer, Servers


def cancel(server: JobServer, job: Job) -> None:
    """Cancel a job that has not ended, and give up its result folder."""
    with server.errors():
        cancel_job(server, job)
    release_folders([job])


def cancel_left(servers: Servers, spool: Path) -> None:
    """Cancel the jobs that an earlier run has left, which was killed.

    Args:
        servers: the deployment's servers.
        spool: the folder of their recordings.
    """
    for server in servers:
        with server.errors():
            found = [server.store.get(job_id) for job_id in server.store.ids_to_end()]
        left = [job for job in found if job is not None and job.state in ACTIVE]
        for job in left:
            if Path(job.source).is_relative_to(spool):
                cancel(server, job)
