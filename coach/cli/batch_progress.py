"""The progress of a batch: bars for all recordings and for each running one, or lines of text."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from coach.archive.batch import Batch
from coach.archive.work import Running
from coach.cli.ages import shown
from coach.cli.progress import DOING, percent_of, progress_of, stage_of
from shared.names import readable
from shared.queue.servers import Servers

#: Interval at which bars and lines are renewed, in seconds (chosen: lines go to logs, too).
_BARS_S, _LINES_S = 0.5, 10.0

#: Most running recordings that are shown: as bars, and in a line of text. Chosen: they fit on a
#: small terminal.
_MAX_SHOWN, _MAX_NAMED = 8, 3


@dataclass(frozen=True, slots=True)
class Part:
    """The progress of one running recording.

    Attributes:
        name: Its path in the archive.
        fraction: How much of its work is done, 0 to 1.
        stage: The stage that it is in; None while it waits.
        frames: Frames in which people were looked for.
        size_bytes: Its size.
    """

    name: str
    fraction: float
    stage: str | None
    frames: int
    size_bytes: int


def part_of(servers: Servers, running: Running) -> Part:
    """The progress of a running recording."""
    job, recording = running.job, running.recording
    store = servers.of_new(job.id).store
    progress = progress_of(store, job)
    return Part(
        readable(str(recording.relative)), percent_of(job, progress) / 100,
        stage_of(store, job, progress), progress["posed"], recording.size_bytes,
    )  # fmt: skip


class BatchProgress:
    """Shows how far a batch is; a context manager.

    Args:
        batch: the batch.
        quiet: show nothing.
    """

    def __init__(self, batch: Batch, quiet: bool) -> None:
        self._batch = batch
        self._quiet = quiet
        self._begun_s = time.monotonic()
        self._due_s = 0.0
        self._line = ""
        self._first: dict[str, tuple[float, int]] = {}
        self._bars = Progress(
            TextColumn("{task.description}"), BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %"), TextColumn("{task.fields[detail]}"),
            console=Console(stderr=True), disable=quiet or not sys.stderr.isatty(),
        )  # fmt: skip
        self._all: TaskID = self._bars.add_task("", total=1.0, detail="", visible=False)
        self._tasks: dict[str, TaskID] = {}

    def say_checking(self, done: int, total: int) -> None:
        """Show how many recordings were looked at."""
        if self._is_due(done == total and not self._bars.disable):
            text = f"checking what is done already: {done} of {total}"
            if self._bars.disable:
                self._print(text)
            self._bars.update(
                self._all, description=text, completed=done / max(total, 1), visible=True
            )

    def show(self, servers: Servers) -> None:
        """Show the batch as it is now."""
        if not self._is_due():
            return
        parts = [part_of(servers, running) for running in self._batch.running.values()]
        overall, fraction, left = self._overall(parts)
        if self._bars.disable:
            begun = [part for part in parts if part.fraction][:_MAX_NAMED]
            now = ", ".join(f"{part.name} {100 * part.fraction:.0f} %" for part in begun)
            self._print(
                " · ".join(text for text in (overall, f"{100 * fraction:.0f} %", left, now) if text)
            )
            return
        self._bars.update(
            self._all, description=overall, completed=fraction, detail=left, visible=True
        )
        listed = parts[:_MAX_SHOWN]
        for name in self._tasks.keys() - {part.name for part in listed}:
            self._bars.remove_task(self._tasks.pop(name))
        for part in listed:
            if part.name not in self._tasks:
                self._tasks[part.name] = self._bars.add_task("", total=1.0, detail="")
            name = escape(part.name if len(part.name) <= 40 else f"…{part.name[-39:]}")
            self._bars.update(
                self._tasks[part.name], description=name, completed=part.fraction,
                detail=f"{DOING[part.stage]}{self._rate_of(part)}",
            )  # fmt: skip

    def _overall(self, parts: Sequence[Part]) -> tuple[str, float, str]:
        """How far the whole is: in words, as a fraction, and the time that is left."""
        batch = self._batch
        waiting = sum(one.size_bytes for one in batch.waiting.values())
        open_bytes = waiting + sum(part.size_bytes for part in parts)
        worked = batch.ended_bytes + sum(part.fraction * part.size_bytes for part in parts)
        total = batch.ended_bytes + open_bytes
        ended = len(batch.rows)
        text = f"{ended} of {ended + len(parts) + len(batch.waiting)} recordings"
        text += f" ({batch.done_before} done before)" if batch.done_before else ""
        elapsed_s = time.monotonic() - self._begun_s
        left = ""
        if worked > 0 and total > worked:
            left = f"{shown(elapsed_s * (total - worked) / worked)} left"
        return text, worked / total if total else 1.0, left

    def _rate_of(self, part: Part) -> str:
        now_s = time.monotonic()
        since_s, frames = self._first.setdefault(part.name, (now_s, part.frames))
        if part.stage != "pose" or part.frames <= frames:
            return ""
        return f", {(part.frames - frames) / (now_s - since_s):.1f} frames/s"

    def _is_due(self, at_once: bool = False) -> bool:
        now_s = time.monotonic()
        if self._quiet or (now_s < self._due_s and not at_once):
            return False
        self._due_s = now_s + (_LINES_S if self._bars.disable else _BARS_S)
        return True

    def _print(self, text: str) -> None:
        """Print a line, unless it is the same as the one before: nothing happens."""
        if text != self._line:
            print(text, file=sys.stderr)
        self._line = text

    def __enter__(self) -> Self:
        self._begun_s = time.monotonic()
        self._due_s = self._begun_s + (_LINES_S if self._bars.disable else 0.0)
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()
