"""`coach watch`: wait for jobs of a deployment, and show how far they are."""

import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.live import Live

from coach.cli.ages import shown
from coach.cli.interrupts import INTERRUPTED
from coach.cli.outcomes import print_outcomes
from coach.cli.status import status_of
from coach.cli.status_tables import jobs_table
from shared.errors import exit_status_of
from shared.queue import pausing
from shared.queue.job import ACTIVE, Job
from shared.queue.servers import JobServer, Servers
from shared.settings import Settings

#: Interval at which the jobs are looked at, and of lines where stderr is no terminal, in seconds.
_CHECK_S, _LINE_S = 0.5, 10.0

#: A job with the server that has it.
Watched = tuple[JobServer, Job]


def run(job_ids: Sequence[str], settings: Settings, as_json: bool) -> int:
    """Wait until jobs have ended, and print the outcome of each.

    Args:
        job_ids: the jobs; all that have not ended if there are none.
        settings: they name the deployment's servers.
        as_json: print one JSON document to stdout at the end.

    Returns:
        The exit status: 0 if all are done, 1 if one has failed or was cancelled.

    Raises:
        UsageError: there is no such job.
    """
    servers = Servers.of(settings)
    watched = [servers.find(job_id) for job_id in job_ids] or _active(servers)
    if not watched:
        print("no job waits or runs", file=sys.stderr)
    pause = threading.Event()
    next_line_s = 0.0
    is_terminal = sys.stderr.isatty()
    try:
        with Live(console=Console(stderr=True), auto_refresh=False, transient=True) as display:
            while True:
                watched = _look_again(watched)
                if not any(job.state in ACTIVE for _, job in watched):
                    break
                if is_terminal or time.monotonic() >= next_line_s:
                    states = _states_of(watched)
                    next_line_s = time.monotonic() + _LINE_S
                    if is_terminal:
                        display.update(jobs_table(states), refresh=True)
                    else:
                        _print_lines(states)
                pause.wait(_CHECK_S)
    except KeyboardInterrupt:
        _tell_what_goes_on([job.id for _, job in watched if job.state in ACTIVE])
        return INTERRUPTED
    jobs = [job for _, job in watched]
    print_outcomes(jobs, as_json)
    return max((exit_status_of(job.error_kind) for job in jobs if job.state != "done"), default=0)


def _active(servers: Servers) -> list[Watched]:
    """The jobs that have not ended; those of servers that cannot be reached are left out."""

    def active_on(server: JobServer) -> list[Watched]:
        jobs = map(server.store.get, server.store.active_ids())
        return [(server, job) for job in jobs if job is not None]

    found, failures = servers.on_each(active_on)
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
    return [one for there in found for one in there]


def _look_again(watched: Sequence[Watched]) -> list[Watched]:
    """The jobs as they are now; as they were, if their records are gone."""
    found = []
    for server, job in watched:
        with server.errors():
            found.append((server, server.store.get(job.id) or job))
    return found


def _states_of(watched: Sequence[Watched]) -> list[dict[str, Any]]:
    states = []
    for server, job in watched:
        with server.errors():
            states.append(status_of(server.store, job, pausing.now_s(server.client)))
    return states


def _print_lines(states: list[dict[str, Any]]) -> None:
    for job in states:
        if job["state"] in ACTIVE:
            left = "" if job["left_s"] is None else f" · {shown(job['left_s'])} left"
            print(f"{job['source']} · {job['percent']} %{left}", file=sys.stderr)


def _tell_what_goes_on(ids: list[str]) -> None:
    names = " ".join(ids)
    print(
        "no longer watching; the deployment goes on\n"
        f"  coach watch {names}    looks at them again\n"
        f"  coach cancel {names}    stops them",
        file=sys.stderr,
    )
