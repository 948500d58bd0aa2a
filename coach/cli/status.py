"""`coach status`: a deployment at one glance, or one job of it."""

import json
import sys
import threading
from collections.abc import Callable
from typing import Any

from rich.live import Live

from coach.cli.progress import percent_of, progress_of, seconds_left, stage_of
from coach.cli.status_tables import Shown, console, overview
from shared.errors import QueueError, UsageError
from shared.names import readable
from shared.queue import keys, pausing
from shared.queue.backlog import backlogs
from shared.queue.connection import Client, connect, queue_errors, server_of
from shared.queue.job import ACTIVE, Job
from shared.queue.job_store import JobStore
from shared.queue.worker_register import workers
from shared.settings import Settings

#: Interval at which the live table is made anew, in seconds.
_REFRESH_S = 1.0


def run(
    job_id: str | None,
    settings: Settings,
    as_json: bool,
    with_ended: bool = False,
    live: bool = False,
    whole: bool = False,
) -> None:
    """Print the status of one job, or of the deployment with its jobs, newest first.

    Args:
        job_id: the job; None for all.
        settings: the deployment's server is `redis_url`.
        as_json: print one JSON document instead of tables.
        with_ended: show the jobs that have ended, too; in JSON they are always there.
        live: show it again and again until Ctrl-C.
        whole: with `as_json`, print the queues and workers, too.

    Raises:
        UsageError: there is no such job.
    """
    client = connect(settings.redis_url)
    store = JobStore(client, settings.keep_jobs_s)

    everything = whole or not as_json

    def look() -> Shown:
        with queue_errors(settings.redis_url):
            return _look(client, store, settings, job_id, with_ended or as_json, everything)

    if as_json:
        shown = look()
        document = shown.jobs if job_id is None else shown.jobs[0]
        print(json.dumps(shown.document() if whole else document, indent=2))
    elif live:
        _show_live(look)
    else:
        console().print(overview(look()))


def _show_live(look: Callable[[], Shown]) -> None:
    pause = threading.Event()
    try:
        if not sys.stdout.isatty():
            while True:
                console().print(overview(look()))
                sys.stdout.flush()
                pause.wait(_REFRESH_S)
        with Live(overview(look()), auto_refresh=False, screen=True) as display:
            while not pause.wait(_REFRESH_S):
                display.update(overview(look()), refresh=True)
    except KeyboardInterrupt:
        return  # looking ends; nothing else does


def _look(
    client: Client,
    store: JobStore,
    settings: Settings,
    job_id: str | None,
    with_ended: bool,
    with_deployment: bool,
) -> Shown:
    """What there is to show."""
    ended = 0
    if job_id is not None:
        jobs = [known_job(store, job_id)]
    else:
        ids = store.ids() if with_ended else store.ids_to_end()
        jobs = [job for job in map(store.get, ids) if job is not None]
        jobs = [job for job in jobs if with_ended or job.state in ACTIVE]
        jobs.sort(key=lambda job: job.created_s, reverse=True)
        ended = 0 if with_ended else max(0, len(store.ids()) - len(jobs))
    now_s = pausing.now_s(client)
    shown = Shown(now_s, [status_of(store, job, now_s) for job in jobs], ended)
    if with_deployment and job_id is None:
        backends = {settings.backend, *(job.options.backend for job in jobs if job.state in ACTIVE)}
        shown.workers = workers(client)
        shown.paused = pausing.paused(client)
        try:
            with queue_errors():
                shown.server = str(server_of(client))
                backends |= {worker.network for worker in shown.workers if worker.network}
                shown.queues = backlogs(client, backends)
                shown.dead_letters = int(client.xlen(keys.DEAD_LETTERS))
        except QueueError:
            shown.queues = None  # this user may not see them
    return shown


def known_job(store: JobStore, job_id: str) -> Job:
    """The record of a job that the user names.

    Raises:
        UsageError: there is none.
    """
    job = store.get(job_id)
    if job is None:
        raise UsageError(f"there is no job {job_id!r}; `coach status` lists all jobs")
    return job


def status_of(store: JobStore, job: Job, now_s: float = 0.0) -> dict[str, Any]:
    """A job's status as the command prints it.

    Args:
        store: the jobs.
        job: the job.
        now_s: the server's time, for the time left; 0 leaves that out.
    """
    progress = progress_of(store, job)
    percent = percent_of(job, progress)
    left_s = seconds_left(job, percent, now_s) if now_s else None
    return {
        "job": job.id,
        "state": job.state,
        "progress": progress,
        "error": job.error or None,
        "out": readable(job.out),
        "source": readable(job.source),
        "stage": stage_of(store, job, progress),
        "percent": percent,
        "left_s": None if left_s is None else round(left_s),
        "created_s": job.created_s,
    }
