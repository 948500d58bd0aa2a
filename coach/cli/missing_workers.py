"""Says, when jobs are submitted, which workers they need and the deployment lacks."""

import sys
from collections.abc import Iterable
from contextlib import suppress

from shared.errors import QueueError
from shared.queue import pausing
from shared.queue.connection import Client, queue_errors
from shared.queue.job import Job
from shared.queue.pausing import SERVICES
from shared.queue.worker_register import workers


def tell_missing(client: Client, jobs: Iterable[Job]) -> None:
    """Print a note for each kind of worker that is not running, or paused; jobs wait for them.

    Args:
        client: connection to the deployment's server.
        jobs: the jobs that were submitted.
    """
    backends = {job.options.backend for job in jobs}
    if not backends:
        return
    with suppress(QueueError), queue_errors():  # jobs are submitted all the same
        for note in _missing(client, backends):
            print(f"note: {note}", file=sys.stderr)


def _missing(client: Client, backends: set[str]) -> Iterable[str]:
    there = workers(client)
    services = {worker.service for worker in there}
    networks = {worker.network for worker in there if worker.service == "pose"}
    if not services:
        yield "no worker is running; start a whole deployment with `coach up`, on this server"
        return
    for service in SERVICES:
        if service != "pose" and service not in services:
            yield f"no {service} is running; start one with `coach worker {service}`"
    for backend in sorted(backends - networks):
        yield (
            f"no pose worker for {backend} is running; start one with "
            f"`coach worker pose --backend {backend}`"
        )
    for service in pausing.paused(client):
        yield f"{service} is paused; `coach resume {service}` lets it go on"
