"""Says, when jobs are submitted, which workers they need and the deployment lacks."""

import sys
from collections.abc import Iterable
from contextlib import suppress

from shared.errors import QueueError
from shared.queue import pausing
from shared.queue.connection import Client, queue_errors
from shared.queue.job import Job
from shared.queue.pausing import SERVICES
from shared.queue.servers import JobServer
from shared.queue.worker_register import autoscaled, workers


def tell_missing(server: JobServer, jobs: Iterable[Job], several: bool = False) -> None:
    """Print a note for each kind of worker that is not running, or paused; jobs wait for them.

    Args:
        server: the server that has the jobs.
        jobs: the jobs that were submitted.
        several: whether the deployment has several servers, so that this one is named.
    """
    backends = {job.options.backend for job in jobs}
    if not backends:
        return
    where = f"{server.name}: " if several else ""
    with suppress(QueueError), queue_errors():  # jobs are submitted all the same
        for note in _missing(server.client, backends):
            print(f"note: {where}{note}", file=sys.stderr)


def _missing(client: Client, backends: set[str]) -> Iterable[str]:
    there = workers(client)
    services = {worker.service for worker in there} & {*SERVICES}
    networks = {worker.network for worker in there if worker.service == "pose"}
    if not services:
        yield "no worker is running; start a whole deployment with `coach up`, on this server"
        return
    for service in SERVICES:
        if service != "pose" and service not in services:
            yield f"no {service} is running; start one with `coach worker {service}`"
    for backend in sorted(backends - networks - autoscaled(there)):
        yield (
            f"no pose worker for {backend} is running; start one with "
            f"`coach worker pose --backend {backend}`"
        )
    for service in pausing.paused(client):
        yield f"{service} is paused; `coach resume {service}` lets it go on"
