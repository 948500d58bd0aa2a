"""`coach pause`, `resume` and `drain`: what is asked of workers while they run."""

import sys
import threading
from collections.abc import Sequence

from shared.errors import UsageError
from shared.queue import pausing
from shared.queue.connection import Client, connect, queue_errors
from shared.queue.pausing import SERVICES
from shared.queue.worker_register import Worker, workers
from shared.settings import Settings

#: Interval at which drained workers are looked for, in seconds.
_CHECK_S = 0.5


def pause(services: Sequence[str], settings: Settings) -> None:
    """Have services take no new work; all of them if none is named.

    Raises:
        UsageError: there is no such service.
    """
    asked = _known(services)
    client = connect(settings.redis_url)
    with queue_errors(settings.redis_url):
        pausing.pause(client, asked)
        _tell_paused(client)


def resume(services: Sequence[str], settings: Settings) -> None:
    """Have services take work again; all of them if none is named.

    Raises:
        UsageError: there is no such service.
    """
    asked = _known(services)
    client = connect(settings.redis_url)
    with queue_errors(settings.redis_url):
        pausing.resume(client, asked)
        _tell_paused(client)


def drain(target: str, older_than_s: float, wait: bool, settings: Settings) -> None:
    """Have workers finish what they have, and end.

    Args:
        target: a service, a machine's name, or a worker as `host:pid`.
        older_than_s: minimum age of the workers that are meant, in seconds.
        wait: return once they have ended.
        settings: the deployment's server is `redis_url`.

    Raises:
        UsageError: no worker is meant.
    """
    client = connect(settings.redis_url)
    with queue_errors(settings.redis_url):
        before_s = pausing.now_s(client) - older_than_s
        meant = [w for w in workers(client) if _is_meant(w, target, before_s)]
        if not meant:
            raise UsageError(
                f"no worker is meant by {target!r}; `coach status` lists them: give a service, a "
                "host, or a worker as HOST:PID"
            )
        pausing.drain(client, target, older_than_s)
    print(f"workers that finish what they have, and end: {len(meant)}", file=sys.stderr)
    for worker in meant:
        print(f"  {worker.service} {worker.host}:{worker.pid}", file=sys.stderr)
    if wait:
        _wait_for_end(client, {(worker.host, worker.pid) for worker in meant}, settings)


def _wait_for_end(client: Client, meant: set[tuple[str, int]], settings: Settings) -> None:
    pause = threading.Event()
    try:
        with queue_errors(settings.redis_url):
            while meant & {(worker.host, worker.pid) for worker in workers(client)}:
                pause.wait(_CHECK_S)
    except KeyboardInterrupt:
        print(
            "no longer waiting; they go on finishing, and end (`coach status` shows them)",
            file=sys.stderr,
        )
        sys.exit(130)


def _is_meant(worker: Worker, target: str, before_s: float) -> bool:
    names = (worker.service, worker.host, f"{worker.host}:{worker.pid}")
    return target in names and worker.started_s < before_s


def _known(services: Sequence[str]) -> Sequence[str]:
    unknown = sorted({*services} - {*SERVICES})
    if unknown:
        raise UsageError(f"there is no service {unknown[0]!r}; there are: {', '.join(SERVICES)}")
    return services or SERVICES


def _tell_paused(client: Client) -> None:
    names = pausing.paused(client)
    said = f"paused: {', '.join(names)}" if names else "no service is paused"
    print(f"{said} (workers notice within 2 s)", file=sys.stderr)
