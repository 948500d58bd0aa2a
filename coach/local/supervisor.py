"""The deployment of `coach up`: services of this machine that are kept running until it is stopped.

A child that dies is started again, after a pause that grows while it keeps dying. All children of
one service are alike, so that any number of them may run.
"""

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from coach.local import children
from coach.local.children import Child, bound_log, end_of, names
from coach.local.served import Served, wanted_at
from coach.local.server import url_of
from shared.errors import QueueError
from shared.queue.connection import connect, queue_errors, without_password
from shared.settings import Settings

#: First and longest pause before a child that has died is started again, in seconds. Chosen: what
#: is temporary passes within seconds, and what lasts costs a start every half minute.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0

#: How long the two requests to stop are waited for, in seconds. A pose worker finishes or gives
#: back its chunk within 8.5 s; together with the server's time this stays below 15 s.
_STOP_S = (9.5, 2.0)

#: Time that the server has to end, in seconds.
_SERVER_STOP_S = (2.5, 0.5)

#: Time after its start within which a child may have missed a request to drain that its supervisor
#: knows of, in seconds (chosen: longer than both take to ask).
_YOUNG_S = 5.0

#: Time that the server has to answer after its start, in seconds (it may read a large file).
_SERVER_START_S = 120.0

#: Interval at which the children are looked at, in seconds.
CHECK_S = 0.25

#: The child that is the server.
_SERVER = "server"


@dataclass(frozen=True)
class Plan:
    """What runs on this machine.

    Attributes:
        numbers: Service → number of its processes for each server.
        most_pose: Largest number of pose workers where the streams' lengths decide; 0 where they
            do not.
        urls: Servers of the deployment; none for one of its own.
        port: Port of 127.0.0.1 of its own server, besides its socket; 0 for none.
        folder: Folder for the logs, and for what its own server keeps.
    """

    numbers: dict[str, int]
    most_pose: int
    urls: Sequence[str]
    port: int
    folder: Path


@dataclass
class _Kept:
    """A child with what is known of its life.

    Attributes:
        child: The child.
        url: The server that it serves; "" if it is the server.
        due_s: When it is to be started again.
        deaths: How often in a row it has died.
        leaves: Whether it was asked to stop for good.
    """

    child: Child
    url: str
    due_s: float = 0.0
    deaths: int = 0
    leaves: bool = False


@dataclass
class Supervisor:
    """Keeps the processes of a plan running; a context manager.

    Attributes:
        plan: What runs.
        settings: Settings of the services.
        tell: Called with a line when something happens.
    """

    plan: Plan
    settings: Settings
    tell: Callable[[str], None]
    _kept: list[_Kept] = field(default_factory=list)
    _served: list[Served] = field(default_factory=list)

    @property
    def urls(self) -> Sequence[str]:
        """URLs of the deployment's servers."""
        return self.plan.urls or [url_of(self.plan.folder)]

    def __enter__(self) -> Self:
        (self.plan.folder / "logs").mkdir(parents=True, exist_ok=True)
        try:
            if not self.plan.urls:
                self._add(_SERVER, "")
                self._wait_for_server()
            self._served = [Served(url) for url in self.urls]
            for server in self._served:
                if self.plan.most_pose:
                    server.register(self.settings.backend)
                for service, number in self.plan.numbers.items():
                    for _ in range(number):
                        self._add(service, server.url)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def supervise(self) -> bool:
        """Start what has died, scale, and bound the logs; False once this machine is drained."""
        for server in self._served:
            self._ask(server)
        self._scale()
        for kept in list(self._kept):
            self._look_at(kept)
            bound_log(kept.child.log)
        is_drained = all(server.is_drained for server in self._served)
        return not is_drained or any(kept.url for kept in self._kept)

    def wait_for_others(self) -> None:
        """Leave its own server to those who are connected to it, until they have seen the end."""
        if not self.plan.urls:
            self._served[0].wait_for_others()

    def running(self, service: str, url: str = "") -> int:
        """Number of a service's processes that are to run on, for one server or for all."""
        return sum(
            kept.child.service == service and not kept.leaves and url in ("", kept.url)
            for kept in self._kept
        )

    def all_are_there(self) -> bool:
        """Whether every service process has registered."""
        there = {server.url: server.registered() for server in self._served}
        return all(
            kept.child.process.pid in there[kept.url]
            for kept in self._kept
            if kept.child.process is not None and kept.url
        )

    def _ask(self, server: Served) -> None:
        """Ask a server what the operator wants, and how many chunks wait there."""
        try:
            with queue_errors(server.url):
                if server.requests.must_end():
                    self._begin_to_drain(server)
                elif self.plan.most_pose:
                    running = self.running("pose", server.url)
                    server.count_if_due(self.settings.backend, running)
            server.is_away = False
        except QueueError as error:
            if not server.is_away:
                self.tell(f"{error}")  # its own server is started again
            server.is_away = True

    def _begin_to_drain(self, server: Served) -> None:
        """Start nothing any more; ask those to stop that are too young to be meant."""
        if server.is_drained:
            return
        server.is_drained = True
        for kept in self._kept:
            is_young = kept.child.age_s < _YOUNG_S
            if kept.child.process is not None and is_young and kept.url == server.url:
                kept.child.process.send_signal(signal.SIGTERM)

    def _look_at(self, kept: _Kept) -> None:
        process, now_s = kept.child.process, time.monotonic()
        ends = kept.leaves or any(
            server.is_drained for server in self._served if server.url == kept.url
        )
        if process is None:
            if ends:
                self._kept.remove(kept)
            elif now_s >= kept.due_s:
                self._start(kept)
            return
        status = process.poll()
        if status is None:
            return
        if process.stdin:
            process.stdin.close()
        name = kept.child.name
        if ends:
            self._kept.remove(kept)
            said = "has finished, and ended" if status == 0 else end_of(status)
            self.tell(f"{name} {said}")
            return
        kept.child.process = None
        if status == 0:
            self.tell(f"{name} has finished, as it was asked to; a new one takes its place")
            kept.deaths, kept.due_s = 0, now_s
            return
        kept.deaths = 1 if kept.child.is_sound else kept.deaths + 1
        pause_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (kept.deaths - 1))
        kept.due_s = now_s + pause_s
        said = "".join(kept.child.last_lines(1))
        cause = f": {said}" if status > 0 and said else ""
        self.tell(f"{name} {end_of(status)}{cause}; starting it again in {pause_s:g} s "
                  f"(see {kept.child.log})")  # fmt: skip

    def _add(self, service: str, url: str) -> None:
        taken = {kept.child.name for kept in self._kept}
        name = next(name for name in names(service) if name not in taken)
        log = self.plan.folder / "logs" / f"{name}.log"
        kept = _Kept(Child(service, log), url)
        self._kept.append(kept)
        self._start(kept)

    def _start(self, kept: _Kept) -> None:
        if kept.child.service == _SERVER:
            command = ["coach.local.server", str(self.plan.folder), str(self.plan.port)]
        else:
            command = [f"services.{kept.child.service}"]
        environment = {
            **self.settings.environment(),
            "COACH_REDIS_URL": kept.url,
            "COACH_LIFELINE": "process",
        }
        children.start(kept.child, ["-m", *command], environment)

    def _wait_for_server(self) -> None:
        """Wait for this deployment's own server.

        Raises:
            QueueError: it ends, or does not answer.
        """
        [kept], [url] = self._kept, self.urls
        deadline_s = time.monotonic() + _SERVER_START_S
        while True:
            try:
                connect(url)
                return
            except QueueError:
                ended = kept.child.process is not None and kept.child.process.poll() is not None
                if ended or time.monotonic() > deadline_s:
                    last = "".join(kept.child.last_lines(1)).removeprefix("error: ")
                    raise QueueError(
                        f"the deployment's own server does not start: {last} (see {kept.child.log})"
                    ) from None

    def _scale(self) -> None:
        """Start or end pose workers, if the streams ask for it: see `shared.scaling`."""
        if not self.plan.most_pose:
            return
        servers = [one for one in self._served if not one.is_away and not one.is_drained]
        for server, wanted in zip(servers, wanted_at(servers, self.plan.most_pose), strict=True):
            running = self.running("pose", server.url)
            number = server.next_number(wanted, running)
            if number == running:
                continue
            where = f" at {without_password(server.url)}" if len(self._served) > 1 else ""
            change = f"go {'up' if number > running else 'down'} to {number}"
            self.tell(f"unfinished chunks{where}: {server.chunks}; pose workers {change}")
            for _ in range(number - running):
                self._add("pose", server.url)
            self._end_pose_workers(server.url, running - number)

    def _end_pose_workers(self, url: str, number: int) -> None:
        staying = [
            kept
            for kept in self._kept
            if kept.child.service == "pose" and kept.url == url and not kept.leaves
        ]
        for kept in staying[len(staying) - max(0, number) :]:
            if kept.child.process is None:
                self._kept.remove(kept)  # it waits to be started again
                continue
            kept.leaves = True
            kept.child.process.send_signal(signal.SIGTERM)

    def _stop(self) -> None:
        """Stop the services, which give back what they have, and then the server."""
        for server in self._served:
            server.close()
        all_children = [kept.child for kept in self._kept]
        services = [child for child in all_children if child.service != _SERVER]
        children.stop(services, _STOP_S)
        children.stop([child for child in all_children if child not in services], _SERVER_STOP_S)
