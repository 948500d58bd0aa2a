"""`coach watch`: wait for jobs of a deployment, and show how far they are."""

import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.live import Live

from coach.cli.ages import shown
from coach.cli.outcomes import print_outcomes
from coach.cli.status import known_job, status_of
from coach.cli.status_tables import jobs_table
from shared.errors import exit_status_of
from shared.queue import pausing
from shared.queue.connection import connect, queue_errors
from shared.queue.job import ACTIVE
from shared.queue.job_store import JobStore
from shared.settings import Settings

#: Interval at which the jobs are looked at, and of lines where stderr is no terminal, in seconds.
_CHECK_S, _LINE_S = 0.5, 10.0


def run(job_ids: Sequence[str], settings: Settings, as_json: bool) -> int:
    """Wait until jobs have ended, and print the outcome of each.

    Args:
        job_ids: the jobs; all that have not ended if there are none.
        settings: the deployment's server is `redis_url`.
        as_json: print one JSON document to stdout at the end.

    Returns:
        The exit status: 0 if all are done, 1 if one has failed or was cancelled.

    Raises:
        UsageError: there is no such job.
    """
    client = connect(settings.redis_url)
    store = JobStore(client, settings.keep_jobs_s)
    with queue_errors(settings.redis_url):
        jobs = [known_job(store, job_id) for job_id in job_ids or store.active_ids()]
    if not jobs:
        print("no job waits or runs", file=sys.stderr)
    pause = threading.Event()
    next_line_s = 0.0
    is_terminal = sys.stderr.isatty()
    try:
        with (
            queue_errors(settings.redis_url),
            Live(console=Console(stderr=True), auto_refresh=False, transient=True) as display,
        ):
            while True:
                jobs = [store.get(job.id) or job for job in jobs]
                if not any(job.state in ACTIVE for job in jobs):
                    break
                if is_terminal or time.monotonic() >= next_line_s:
                    now_s = pausing.now_s(client)
                    states = [status_of(store, job, now_s) for job in jobs]
                    next_line_s = time.monotonic() + _LINE_S
                    if is_terminal:
                        display.update(jobs_table(states), refresh=True)
                    else:
                        _print_lines(states)
                pause.wait(_CHECK_S)
    except KeyboardInterrupt:
        _tell_what_goes_on([job.id for job in jobs if job.state in ACTIVE])
        return 130
    print_outcomes(jobs, as_json)
    return max((exit_status_of(job.error_kind) for job in jobs if job.state != "done"), default=0)


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
