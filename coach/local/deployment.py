"""A whole deployment on this machine: an embedded Valkey and the services as child processes.

The children run the same code as in a large deployment. They never outlive this process: each of
them watches its stdin, which closes when this process ends, however it ends.
"""

import os
import shutil
import signal
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from coach.local import children
from coach.local.children import Child
from coach.local.forked import Lifeline, can_fork, fork_service, load_before_fork
from coach.local.server import start_server, stop_server, url_of
from shared.errors import CoachError, UsageError
from shared.settings import Settings

#: Restarts of a child before the deployment gives up. Chosen: three chunks may each end it three
#: times before they are put aside; more would repeat the same error.
_MAX_RESTARTS = 9

#: Default of `COACH_CLAIM_IDLE_S` on one machine, in seconds. There is no network to wait for, so
#: that a dead worker's chunk can be claimed sooner than in a deployment of several machines.
_CLAIM_IDLE_S = 5.0

#: Time that children have to finish their current work, in seconds, before they are asked again.
_STOP_S = 5.0

#: Services that write to no disk and start no processes.
_STREAM_SERVICES = ("pose", "scorer")

#: Lines of a child's log that are shown when it keeps dying.
_LOG_LINES = 15


@dataclass
class LocalDeployment:
    """A server and the processes of the four services; a context manager.

    Attributes:
        settings: Settings of the services.
        pose_workers: Number of pose processes; the other services have one each.
        forks: Whether the services are forked from this process, which is faster. Only a process
            that has used no threads, images or networks can do that, see `forked`. A service that
            has died is started anew in any case.
        folder: Folder for logs and the server's socket; deleted at the end.
    """

    settings: Settings
    pose_workers: int
    forks: bool = False
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="coach-")))

    def __post_init__(self) -> None:
        services = [*["pose"] * self.pose_workers, "decoder", "scorer", "writer"]
        self._children = [
            Child(service, self.folder / f"{service}-{number}.log")
            for number, service in enumerate(services)
        ]
        self._cleanup = ExitStack()
        self._lifeline: Lifeline | None = None
        self._is_finished = False

    @property
    def url(self) -> str:
        """URL of the embedded server."""
        return url_of(self.folder)

    def supervise(self, needs_poses: bool = True) -> None:
        """Restart children that have died.

        Args:
            needs_poses: whether poses of a job are still to be found. Otherwise the pose workers
                end: they hold most of the memory, which the writer of a large video needs.

        Raises:
            UsageError: a child refuses its settings, so that a restart cannot help.
            CoachError: a child keeps dying.
        """
        if not needs_poses:
            self._end_posing()
        for child in self._children:
            if child.process is None or child.process.poll() is None:
                continue
            if child.process.returncode == UsageError.exit_status:
                last_line = "".join(child.last_lines(1)).removeprefix("error: ")
                raise UsageError(f"{child.service}: {last_line}")
            if child.is_sound:
                child.restarts = 0
            if child.restarts >= _MAX_RESTARTS:
                raise CoachError(
                    f"the {child.service} process has died {child.restarts + 1} times; "
                    "the end of its log:\n" + "\n".join(child.last_lines(_LOG_LINES))
                )
            child.restarts += 1
            self._start(child)

    def _end_posing(self) -> None:
        """Kill the pose workers, which hold no more than a place at a stream."""
        for child in [child for child in self._children if child.service == "pose"]:
            children.kill(child)
            self._children.remove(child)

    def __enter__(self) -> Self:
        self._cleanup.callback(shutil.rmtree, self.folder, ignore_errors=True)
        try:
            self._start_server()
            if self.forks and can_fork():
                self._lifeline = Lifeline()
                self._cleanup.callback(self._lifeline.close)
            self._cleanup.callback(self._stop_children)
            self._start_all()
        except BaseException:
            self._cleanup.close()
            raise
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self._is_finished = error is None
        self._cleanup.close()

    def _start_server(self) -> None:
        self._cleanup.callback(stop_server, start_server(self.folder))

    def _start_all(self) -> None:
        """Start all children; those that have the most to load, or work at once, first."""
        for child in self._children:
            if self._lifeline:
                load_before_fork(child.service)
            self._start(child)

    def _start(self, child: Child) -> None:
        """Start a child in a session of its own, so that Ctrl-C reaches this process only."""
        environment = {
            "COACH_CLAIM_IDLE_S": str(_CLAIM_IDLE_S),
            **os.environ,
            **self.settings.environment(),
            "COACH_REDIS_URL": self.url,
            "COACH_LIFELINE": "server",
        }
        if self._lifeline is not None and not child.restarts:
            child.started_s = time.monotonic()
            child.process = fork_service(child.service, child.log, environment, self._lifeline)
            return
        children.start(child, ["-m", f"services.{child.service}"], environment)

    def _stop_children(self) -> None:
        """Stop all children.

        Once all work is finished, those that hold no more than a place at a stream are killed.
        """
        if self._is_finished:
            for child in self._children:
                if child.service in _STREAM_SERVICES and child.process:
                    child.process.send_signal(signal.SIGKILL)
        children.stop(self._children, (_STOP_S, _STOP_S))


def default_pose_workers() -> int:
    """Number of cores that this process may use: each pose worker takes one."""
    return max(1, len(os.sched_getaffinity(0)))
