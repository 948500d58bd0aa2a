"""`coach status`: a deployment at one glance, or one job of it."""

import json
import sys
import threading
from collections.abc import Callable
from typing import Any

from rich.live import Live

from coach.cli.progress import percent_of, progress_of, seconds_left, stage_of
from coach.cli.status_tables import Shown, ShownServer, console, overview
from shared.errors import QueueError
from shared.names import readable
from shared.queue import keys, pausing
from shared.queue.backlog import backlogs
from shared.queue.connection import queue_errors, server_of
from shared.queue.job import ACTIVE, Job
from shared.queue.job_store import JobStore
from shared.queue.servers import JobServer, Servers
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
        settings: they name the deployment's servers.
        as_json: print one JSON document instead of tables.
        with_ended: show the jobs that have ended, too; in JSON they are always there.
        live: show it again and again until Ctrl-C.
        whole: with `as_json`, print the queues and workers, too.

    Raises:
        UsageError: there is no such job.
    """
    servers = Servers.of(settings)
    everything = whole or not as_json

    def look() -> Shown:
        if job_id is not None:
            return _look_at_job(servers, job_id)
        found, failures = servers.on_each(
            lambda server: _look_at(server, settings.backend, with_ended or as_json, everything)
        )
        return Shown(found, servers.are_several, [str(failure) for failure in failures])

    if as_json:
        shown = look()
        document = shown.jobs if job_id is None else shown.jobs[0]
        for failure in () if whole else shown.unreachable:
            print(f"error: {failure}", file=sys.stderr)
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


def _look_at_job(servers: Servers, job_id: str) -> Shown:
    server, job = servers.find(job_id)
    with server.errors():
        now_s = pausing.now_s(server.client)
        found = [status_of(server.store, job, now_s)]
    return Shown([ShownServer(server.name, server.shown_url, now_s, found)], servers.are_several)


def _look_at(
    server: JobServer, backend: str, with_ended: bool, with_deployment: bool
) -> ShownServer:
    """What there is to show of one server."""
    client, store = server.client, server.store
    ids = store.ids() if with_ended else store.ids_to_end()
    jobs = [job for job in map(store.get, ids) if job is not None]
    jobs = [job for job in jobs if with_ended or job.state in ACTIVE]
    ended = 0 if with_ended else max(0, len(store.ids()) - len(jobs))
    now_s = pausing.now_s(client)
    found = [status_of(store, job, now_s) for job in jobs]
    shown = ShownServer(server.name, server.shown_url, now_s, found, ended)
    if with_deployment:
        backends = {backend, *(job.options.backend for job in jobs if job.state in ACTIVE)}
        shown.workers = workers(client)
        shown.paused = pausing.paused(client)
        try:
            with queue_errors():
                shown.version = str(server_of(client))
                backends |= {worker.network for worker in shown.workers if worker.network}
                shown.queues = backlogs(client, backends)
                shown.dead_letters = int(client.xlen(keys.DEAD_LETTERS))
        except QueueError:
            shown.queues = None  # this user may not see them
    return shown


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
