"""Processes of services as children of this one: they are started, asked to stop, and killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from coach.local.forked import ForkedProcess

#: Time after which a child counts as sound, in seconds: earlier deaths do not count any more.
#: Chosen: longer than any start, and than the pauses before one.
_SOUND_S = 60.0

#: Time that a killed process has to end, in seconds.
_END_S = 5.0

#: Size over which a log is put aside, in bytes; the one before it is deleted (chosen: some hundred
#: thousand lines of each process, and at most 20 MB of disk).
_LOG_BYTES = 10 * 2**20


@dataclass
class Child:
    """One service process, restarted when it dies.

    Attributes:
        service: What it runs.
        log: File of its log.
        process: The process, once it is started.
        restarts: How often it was started again.
        started_s: When it was last started, in seconds of the monotonic clock.
    """

    service: str
    log: Path
    process: subprocess.Popen[bytes] | ForkedProcess | None = None
    restarts: int = 0
    started_s: float = 0.0

    @property
    def name(self) -> str:
        """Its name among the children."""
        return self.log.stem

    @property
    def age_s(self) -> float:
        """Time since it was last started, in seconds."""
        return time.monotonic() - self.started_s

    @property
    def is_sound(self) -> bool:
        """Whether it has run long enough to be able to do its work."""
        return self.age_s > _SOUND_S

    def last_lines(self, lines: int) -> list[str]:
        """The end of its log."""
        with suppress(OSError):
            return self.log.read_text(errors="replace").splitlines()[-lines:]
        return []


def start(child: Child, command: Iterable[str], environment: Mapping[str, str]) -> None:
    """Start a child in a session of its own, so that Ctrl-C reaches this process only.

    Its stdin closes when this process ends, however it ends.
    """
    child.started_s = time.monotonic()
    with child.log.open("ab") as log:
        child.process = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env={**os.environ, **environment},
            start_new_session=True,
        )


def stop(children: Iterable[Child], waits_s: tuple[float, float]) -> None:
    """Ask children to stop, ask again (RQ then ends its running task), then kill them.

    Args:
        children: the children; those that have ended are left alone.
        waits_s: how long each of the two requests is waited for, in seconds.
    """
    running = [child.process for child in children if child.process]
    requests = zip(
        (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL), (*waits_s, _END_S), strict=True
    )
    for request, wait_s in requests:
        for process in running:
            process.send_signal(request)  # nothing happens if it has ended
        deadline_s = time.monotonic() + wait_s
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline_s - time.monotonic()))
    for process in running:
        if process.stdin:
            process.stdin.close()


def kill(child: Child) -> None:
    """Kill a child and wait for its end."""
    if child.process is None:
        return
    child.process.send_signal(signal.SIGKILL)
    child.process.wait(_END_S)
    if child.process.stdin:
        child.process.stdin.close()


def names(service: str) -> Iterator[str]:
    """Names for the processes of a service, which never end."""
    number = 1
    while True:
        yield f"{service}-{number}"
        number += 1


def end_of(status: int) -> str:
    """How a process with this exit status has ended, in words."""
    if status >= 0:
        return f"has ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


def bound_log(log: Path) -> None:
    """Put a log aside that has grown too long; its process goes on in the same file.

    Lines that are written in the middle of it are lost.
    """
    with suppress(OSError):
        if log.stat().st_size > _LOG_BYTES:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)
