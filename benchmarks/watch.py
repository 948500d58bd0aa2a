"""Watches the progress of `coach analyze` while it runs in this process."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from coach.cli import waiting
from coach.cli.progress import ProgressDisplay


class Watch(ProgressDisplay):
    """Records the number of frames with poses whenever `coach analyze` polls."""

    last: "Watch"

    def __init__(self, quiet: bool) -> None:
        super().__init__(quiet)
        self.looks: list[tuple[float, int]] = []
        Watch.last = self

    def show(self, progresses: Iterable[dict[str, int]]) -> None:
        """Show and record the progress."""
        seen = list(progresses)
        self.looks.append((time.perf_counter(), sum(one["posed"] for one in seen)))
        super().show(seen)

    def reached_s(self, frames: float) -> float:
        """Time at which at least this number of frames had poses, in s."""
        return next(at_s for at_s, posed in self.looks if posed >= frames)


@contextmanager
def watched() -> Iterator[None]:
    """Let `coach analyze` show its progress through a `Watch`, which is `Watch.last` then."""
    shown, waiting.ProgressDisplay = waiting.ProgressDisplay, Watch  # type: ignore[misc]
    try:
        yield
    finally:
        waiting.ProgressDisplay = shown  # type: ignore[misc]
