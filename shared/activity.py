"""What this service process is doing: numbers and names for those who watch it.

They lie in memory that is shared with the processes that this one forks: a decoder and a writer
fork one for each task, and what it counts must outlive it. One thread of one process at a time
changes them. Another process may read a name while it is being changed, and then sees parts of
both.
"""

import ctypes
import logging
import mmap
import os
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, get_args

#: Bytes of names and texts; longer ones are cut (chosen: more than any id, and a sentence or two).
_NAME_BYTES, _TEXT_BYTES = 128, 512

#: Bytes of a kilobyte in Linux's `smaps_rollup`.
_KB = 1024


#: Upper limits of the classes that durations are counted in, in seconds (chosen: three in a decade,
#: from storing a chunk's keypoints to writing a long recording).
LIMITS_S = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)

#: What durations are kept of: waiting of a message or task until it is taken, work on it, and the
#: part of a scorer's work that judges a whole clip.
Step = Literal["wait", "work", "judge"]
STEPS: tuple[Step, ...] = get_args(Step)

#: What becomes of a message or task: done; tried again, by this process or another; taken over from
#: a process that has left it; given up as a dead letter or a failed job; its own process has died.
Outcome = Literal["done", "retried", "taken_over", "given_up", "died"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


class _Durations(ctypes.Structure):
    """How often a step took how long; the last class has no limit."""

    sum_s: float
    counts: Any
    _fields_ = [("sum_s", ctypes.c_double), ("counts", ctypes.c_uint64 * (len(LIMITS_S) + 1))]


class _Block(ctypes.Structure):
    """The shared memory."""

    frames: float
    pid: int
    is_paused: bool
    last_error_s: float
    job: bytes
    network: bytes
    engine: bytes
    last_error: bytes
    outcomes: Any
    durations: Any
    _fields_ = [
        ("frames", ctypes.c_double),
        ("pid", ctypes.c_int),
        ("is_paused", ctypes.c_bool),
        ("last_error_s", ctypes.c_double),
        ("job", ctypes.c_char * _NAME_BYTES),
        ("network", ctypes.c_char * _NAME_BYTES),
        ("engine", ctypes.c_char * _TEXT_BYTES),
        ("last_error", ctypes.c_char * _TEXT_BYTES),
        ("outcomes", ctypes.c_uint64 * len(OUTCOMES)),
        ("durations", _Durations * len(STEPS)),
    ]


class Activity:
    """The activity of one service process and of those that it forks.

    Before `begin` nothing is shared: a command line may fork several services.

    Args:
        autoscaled: pose backends whose workers something starts when chunks wait.
    """

    def __init__(self, autoscaled: Sequence[str] = ()) -> None:
        self._block = _Block()
        self.autoscaled = autoscaled

    def begin(self, network: str = "") -> None:
        """Begin as a service process: nothing counted, memory of its own for it and its children.

        Args:
            network: name of the networks that it runs; "" if none.
        """
        self._block = _Block.from_buffer(mmap.mmap(-1, ctypes.sizeof(_Block)))
        self._block.pid = os.getpid()
        self._block.network = _cut(network, _NAME_BYTES)

    def count_frames(self, frames: int = 1) -> None:
        """Count frames that this service is done with."""
        self._block.frames += frames

    def count(self, outcome: Outcome) -> None:
        """Count what has become of a message or task."""
        self._block.outcomes[OUTCOMES.index(outcome)] += 1

    def note_duration(self, step: Step, duration_s: float) -> None:
        """Count how long a step took."""
        durations = self._block.durations[STEPS.index(step)]
        durations.sum_s += max(0.0, duration_s)  # negative if two machines' clocks differ
        durations.counts[bisect_left(LIMITS_S, duration_s)] += 1

    @contextmanager
    def timed(self, step: Step) -> Iterator[None]:
        """Count how long the block takes, if it does not fail."""
        started_s = time.monotonic()
        yield
        self.note_duration(step, time.monotonic() - started_s)

    @contextmanager
    def working_on(self, job: str) -> Iterator[None]:
        """Name the job that the block works on, and the process that does it."""
        before = self._block.job, self._block.pid
        self._block.job, self._block.pid = _cut(job, _NAME_BYTES), os.getpid()
        try:
            yield
        finally:
            self._block.job, self._block.pid = before

    def end_of_task(self) -> None:
        """Note, in the process that forked a task's, that the task's has ended, however it did."""
        self._block.job, self._block.pid = b"", os.getpid()

    def note_error(self, text: str) -> None:
        """Keep the last error."""
        self._block.last_error = _cut(text, _TEXT_BYTES)
        self._block.last_error_s = time.time()

    @property
    def frames(self) -> int:
        """Frames that this service is done with since it began."""
        return int(self._block.frames)

    @property
    def outcomes(self) -> dict[Outcome, int]:
        """How many messages or tasks had each outcome."""
        return dict(zip(OUTCOMES, self._block.outcomes, strict=True))

    def durations(self, step: Step) -> tuple[list[int], float]:
        """How often a step took up to each of `LIMITS_S`, and longer; and the sum, in seconds."""
        durations = self._block.durations[STEPS.index(step)]
        return list(durations.counts), durations.sum_s

    @property
    def job(self) -> str:
        """Id of the job that is worked on; "" if none."""
        return _text(self._block.job)

    @property
    def network(self) -> str:
        """Name of the networks that this process runs; "" if none."""
        return _text(self._block.network)

    @property
    def engine(self) -> str:
        """What runs the networks, as results name it; "" if nothing, or not loaded yet."""
        return _text(self._block.engine)

    @engine.setter
    def engine(self, name: str) -> None:
        self._block.engine = _cut(name, _TEXT_BYTES)

    @property
    def is_paused(self) -> bool:
        """Whether the operator keeps this process from taking new work."""
        return bool(self._block.is_paused)

    @is_paused.setter
    def is_paused(self, paused: bool) -> None:
        self._block.is_paused = paused

    @property
    def last_error(self) -> tuple[str, float]:
        """The last error, and how long ago it was in seconds; "" and 0 if there was none."""
        text = _text(self._block.last_error)
        return (text, max(0.0, time.time() - self._block.last_error_s)) if text else ("", 0.0)

    def memory_bytes(self) -> int:
        """Memory of this process, and of the one that it has forked; 0 where Linux is not there.

        Pages that both have count once.
        """
        return sum(_memory_bytes(pid) for pid in {os.getpid(), self._block.pid} if pid)


class ErrorNotes(logging.Handler):
    """Keeps the last error of this process's log for its activity."""

    def __init__(self, activity: Activity) -> None:
        super().__init__(logging.ERROR)
        self._activity = activity

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line: the message, and the exception if there is one."""
        try:
            text = record.getMessage()
            if record.exc_info and (error := record.exc_info[1]) is not None:
                text = f"{text}: {type(error).__name__}: {error}"
            self._activity.note_error(" ".join(text.split()))
        except Exception:  # as in every handler: a line that cannot be made must not end the work
            self.handleError(record)


def _memory_bytes(pid: int) -> int:
    """Memory of a process in bytes, its part of what it shares with others; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * _KB for line in lines if line.startswith("Pss:"))


def _cut(text: str, size: int) -> bytes:
    """A text as bytes that fit; what cannot be encoded is replaced."""
    return text.encode(errors="replace").replace(b"\0", b" ")[: size - 1]


def _text(value: bytes) -> str:
    return value.decode(errors="ignore")


#: The activity of this process.
ACTIVITY = Activity()
