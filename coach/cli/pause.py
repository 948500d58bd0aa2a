"""`coach pause`, `resume` and `drain`: what is asked of workers while they run."""

import sys
import threading
from collections.abc import Callable, Sequence

from coach.cli.interrupts import INTERRUPTED
from shared.errors import UsageError
from shared.queue import pausing
from shared.queue.connection import Client
from shared.queue.pausing import SERVICES
from shared.queue.servers import JobServer, Servers
from shared.queue.worker_register import Worker, workers
from shared.settings import Settings

#: Interval at which drained workers are looked for, in seconds.
_CHECK_S = 0.5


def pause(services: Sequence[str], settings: Settings) -> None:
    """Have services take no new work; all of them if none is named.

    Raises:
        UsageError: there is no such service.
        QueueError: a server cannot be reached; it was done on the others.
    """
    _change(pausing.pause, services, settings)


def resume(services: Sequence[str], settings: Settings) -> None:
    """Have services take work again; all of them if none is named.

    Raises:
        UsageError: there is no such service.
        QueueError: a server cannot be reached; it was done on the others.
    """
    _change(pausing.resume, services, settings)


def _change(
    change: Callable[[Client, Sequence[str]], None], services: Sequence[str], settings: Settings
) -> None:
    asked = _known(services)
    servers = Servers.of(settings)

    def on_server(server: JobServer) -> None:
        change(server.client, asked)
        names = pausing.paused(server.client)
        said = f"paused: {', '.join(names)}" if names else "no service is paused"
        where = f"{server.name}: " if servers.are_several else ""
        print(f"{where}{said} (workers notice within 2 s)", file=sys.stderr)

    _, failures = servers.on_each(on_server)
    if failures:
        raise failures[0]


def drain(target: str, older_than_s: float, wait: bool, settings: Settings) -> None:
    """Have workers finish what they have, and end.

    Args:
        target: a service, a machine's name, or a worker as `host:pid`.
        older_than_s: minimum age of the workers that are meant, in seconds.
        wait: return once they have ended.
        settings: they name the deployment's servers.

    Raises:
        UsageError: no worker is meant.
        QueueError: a server cannot be reached; its workers go on, those of the others are drained.
    """
    servers = Servers.of(settings)

    def on_server(server: JobServer) -> list[tuple[JobServer, Worker]]:
        before_s = pausing.now_s(server.client) - older_than_s
        meant = [one for one in workers(server.client) if _is_meant(one, target, before_s)]
        if meant:
            pausing.drain(server.client, target, older_than_s)
        return [(server, one) for one in meant]

    there, failures = servers.on_each(on_server)
    meant = [one for some in there for one in some]
    if not meant and not failures:
        raise UsageError(
            f"no worker is meant by {target!r}; `coach status` lists them: give a service, a "
            "host, or a worker as HOST:PID"
        )
    print(f"workers that finish what they have, and end: {len(meant)}", file=sys.stderr)
    for server, worker in meant:
        where = f", at {server.name}" if servers.are_several else ""
        print(f"  {worker.service} {worker.host}:{worker.pid}{where}", file=sys.stderr)
    if wait:
        _wait_for_end(meant)
    if failures:
        raise failures[0]


def _wait_for_end(meant: Sequence[tuple[JobServer, Worker]]) -> None:
    pause = threading.Event()
    try:
        for server in {one.url: one for one, _ in meant}.values():
            names = {(worker.host, worker.pid) for one, worker in meant if one is server}
            with server.errors():
                while names & {(one.host, one.pid) for one in workers(server.client)}:
                    pause.wait(_CHECK_S)
    except KeyboardInterrupt:
        print(
            "no longer waiting; they go on finishing, and end (`coach status` shows them)",
            file=sys.stderr,
        )
        sys.exit(INTERRUPTED)


def _is_meant(worker: Worker, target: str, before_s: float) -> bool:
    names: tuple[str, ...] = (worker.service, worker.host, f"{worker.host}:{worker.pid}")
    if worker.service not in SERVICES:  # `coach up` ends with the workers of its machine
        names = (worker.host,)
    return target in names and worker.started_s < before_s


def _known(services: Sequence[str]) -> Sequence[str]:
    unknown = sorted({*services} - {*SERVICES})
    if unknown:
        raise UsageError(f"there is no service {unknown[0]!r}; there are: {', '.join(SERVICES)}")
    return services or SERVICES
