"""Submits jobs and waits for them, with their progress on stderr."""

import sys
from collections.abc import Callable
from threading import Event

from coach.cli.progress import ProgressDisplay, progress_of
from coach.cli.submission import release_folders, release_unrecorded, submit
from shared.errors import CoachError
from shared.queue.connection import queue_errors
from shared.queue.job import ACTIVE, Job
from shared.queue.servers import Servers
from shared.settings import Settings

#: Interval at which the state of the jobs is checked, in seconds (chosen: the end is noticed 0.05 s
#: late on average, and the checks take 2 % of a processor).
_CHECK_S = 0.1


def submit_and_wait(
    servers: Servers,
    jobs: list[Job],
    settings: Settings,
    supervise: Callable[[bool], None],
    quiet: bool,
    force: bool = False,
) -> list[Job]:
    """Submit the jobs and wait until all have ended; cancel them if that is interrupted.

    Those that have ended without a result give up their folders. If the server does not answer,
    jobs may still run: they keep them.

    Args:
        servers: the deployment's servers.
        jobs: the jobs to submit.
        settings: settings of this process.
        supervise: called again and again with whether poses of a job are still to be found; what
            it raises ends the wait.
        quiet: show no progress.
        force: do a job again that is done, and its result there.
    """
    stores = {}
    pause = Event()
    try:
        for job in jobs:
            server = servers.of_new(job.id)
            stores[job.id] = server.store
            with server.errors():
                submit(server.client, server.store, [job], settings.task_timeout_s, force)
        with ProgressDisplay(quiet) as display, queue_errors():
            while True:
                current = [stores[job.id].get(job.id) or job for job in jobs]
                supervise(any(job.state in ACTIVE and not job.written for job in current))
                display.show(progress_of(stores[job.id], job) for job in current)
                if not any(job.state in ACTIVE for job in current):
                    break
                pause.wait(_CHECK_S)
        release_folders(job for job in current if job.state != "done")
        return current
    except (KeyboardInterrupt, CoachError) as error:
        if isinstance(error, KeyboardInterrupt):
            print("cancelling what has not ended", file=sys.stderr)
        release_unrecorded(servers, jobs)
        with queue_errors():
            for job_id, store in stores.items():
                store.cancel(job_id)
        release_folders(job for job in jobs if job.id in stores)
        raise
