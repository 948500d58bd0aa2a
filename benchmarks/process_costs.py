"""What a command costs: time, processor time and memory of all processes that it starts. Linux.

Orphans of the command become children of this process (`PR_SET_CHILD_SUBREAPER`), so that the
kernel's account of children, `RUSAGE_CHILDREN`, has every process of the command.
"""

import ctypes
import os
import resource
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

#: `prctl`'s number for adopting orphans. By definition (linux/prctl.h).
_PR_SET_CHILD_SUBREAPER = 36

#: Interval at which memory is read, in s.
_INTERVAL_S = 0.05

#: Maximum fraction of a core that reading may take; the interval becomes longer where it takes
#: more. Chosen: what is measured is slowed by no more than this.
_MAX_FRACTION = 0.03

#: Time that orphans have to end after their command, in s. Chosen: the services stop in less.
_ORPHANS_S = 10.0


@dataclass(frozen=True)
class Cost:
    """What one run of a command took.

    Attributes:
        wall_s: Time from start to end.
        processor_s: User and system time of all its processes.
        peak_mb: Peak of the memory of all its processes at one time, in MB (10⁶ bytes). Pages that
            processes share are counted once (PSS).
    """

    wall_s: float
    processor_s: float
    peak_mb: float

    @property
    def cores(self) -> float:
        """Mean number of cores in use."""
        return self.processor_s / self.wall_s


class CommandFailed(Exception):
    """A measured command ended with an error; the message has the end of its output."""


def cost_of(
    command: Sequence[str | Path],
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Cost:
    """Run a command to its end and measure it.

    Args:
        command: program and arguments.
        cwd: folder that it runs in; this process's if None.
        environment: variables set for it besides those of this process.

    Raises:
        CommandFailed: its exit status is not 0.
    """
    others = children(os.getpid())
    before_s = _children_s()
    with _adopting_orphans(others), memory_peak(others) as peak:
        started_s = time.perf_counter()
        done = subprocess.run(
            list(map(str, command)),
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        wall_s = time.perf_counter() - started_s
    if done.returncode:
        output = done.stdout.decode(errors="replace").strip()[-2000:]
        words = " ".join(map(str, command))
        raise CommandFailed(f"{words} ended with {done.returncode}:\n{output}")
    return Cost(wall_s, _children_s() - before_s, peak.bytes / 1e6)


@contextmanager
def _adopting_orphans(others: set[int]) -> Iterator[None]:
    """Be the parent of this process's orphans, and wait for those that are not among `others`."""
    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
        deadline_s = time.monotonic() + _ORPHANS_S
        while (left := children(os.getpid()) - others) and time.monotonic() < deadline_s:
            for pid in left:
                with suppress(ChildProcessError):  # waited for elsewhere
                    os.waitpid(pid, os.WNOHANG)
            time.sleep(0.01)
    finally:
        prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


class Peak:
    """The peak of the memory that was read, in bytes."""

    def __init__(self) -> None:
        self.bytes = 0


@contextmanager
def memory_peak(others: set[int]) -> Iterator[Peak]:
    """Watch the memory of this process's descendants while the block runs.

    Args:
        others: children that are left out, with all that they started.
    """
    peak, is_done = Peak(), threading.Event()

    def watch() -> None:
        pause_s = 0.0
        while not is_done.wait(pause_s):
            started_s = time.thread_time()
            started = children(os.getpid()) - others
            now = sum(_pss_bytes(pid) for child in started for pid in [child, *descendants(child)])
            peak.bytes = max(peak.bytes, now)
            took_s = time.thread_time() - started_s
            pause_s = max(_INTERVAL_S, took_s / _MAX_FRACTION)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        is_done.set()
        watcher.join()


def children(pid: int) -> set[int]:
    """Process ids of the children of a process, those of all its threads."""
    found: set[int] = set()
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # the thread has ended
            found.update(map(int, file.read_text().split()))
    return found


def descendants(pid: int) -> set[int]:
    """Process ids of all children of a process, their children, and so on."""
    own = children(pid)
    return own.union(*map(descendants, own))


def _pss_bytes(pid: int) -> int:
    """Memory of a process, its fraction of shared pages included; 0 if it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
