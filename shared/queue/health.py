"""`python -m shared.queue.health SERVICE`: check that this machine's worker of a service is alive.

A stream worker leaves an expiring sign of life in Redis, an RQ worker a heartbeat. The exit status
is 0 if it is alive, else 1.
"""

import socket
import sys
from datetime import UTC, datetime
from typing import Any, Literal

from shared.errors import CoachError
from shared.queue import keys
from shared.queue.connection import connect, queue_errors
from shared.settings import read_settings


def is_alive(client: Any, service: str, backend: str) -> bool:
    """Whether a worker of `service` on this machine has shown a recent sign of life."""
    if service in ("decoder", "writer"):
        return _has_rq_worker(client, "decode" if service == "decoder" else "write")
    stream = {"pose": keys.frames(backend), "scorer": keys.KEYPOINTS}[service]
    return bool(client.exists(keys.alive(stream, socket.gethostname())))


def _has_rq_worker(client: Any, name: Literal["decode", "write"]) -> bool:
    from rq import Worker  # here: for other services, the check takes half the processor time

    from shared.queue import tasks

    for worker in Worker.all(queue=tasks.queue(client, name), serializer="json"):
        heartbeat = worker.last_heartbeat
        if worker.hostname == socket.gethostname() and heartbeat is not None:
            silence_s = (datetime.now(UTC) - heartbeat).total_seconds()
            if silence_s < tasks.WORKER_TTL_S:
                return True
    return False


def main() -> int:
    """Check the service named on the command line."""
    try:
        settings = read_settings()
        client = connect(settings.redis_url)
        with queue_errors(settings.redis_url):
            alive = is_alive(client, sys.argv[1], settings.backend)
    except CoachError as error:
        print(error, file=sys.stderr)
        return 1
    return 0 if alive else 1


if __name__ == "__main__":
    sys.exit(main())
