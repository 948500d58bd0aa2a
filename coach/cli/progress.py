"""The progress of jobs, as numbers and as progress bars."""

import sys
import time
from collections.abc import Iterable
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from coach.cli.ages import shown
from shared.queue.job import Job
from shared.queue.job_store import JobStore

#: Stage → field of the progress, in the order in which a frame passes them.
STAGES = {"decode": "decoded", "pose": "posed", "score": "scored", "write": "written"}

#: Stage → what people call it.
DOING: dict[str | None, str] = {
    "decode": "reading",
    "pose": "finding poses",
    "score": "judging",
    "write": "writing",
    None: "waiting",
}

#: What writing the video takes of a job's time, as a fraction. Chosen: with two pose workers about
#: a third of it passes after the last pose.
_WRITING = 0.35

#: Percent from which the time left is estimated (chosen: before, the start of the workers decides).
_KNOWN_FROM = 5

#: Interval of progress lines where stderr is no terminal, in seconds.
_LINE_EVERY_S = 10.0


def progress_of(store: JobStore, job: Job) -> dict[str, int]:
    """Number of the source's frames that each stage has done, and `frames`, their total.

    The pose and score stages advance by chunks; frames skipped by sampling count as done with their
    chunk. Until the decoder has reached the end, `frames` is the number that the container states.
    """
    frames = job.frames
    if job.state == "done":
        return {**dict.fromkeys(STAGES.values(), frames), "frames": frames}
    if job.kind == "recording":  # looked through; its sets have a progress of their own
        stages = dict.fromkeys(STAGES.values(), job.decoded)
        return {**stages, "written": 0, "frames": max(frames, job.decoded)}
    chunk = job.options.chunk_frames * job.every
    return {
        "decoded": job.decoded,
        "posed": min(store.posed_chunks(job.id) * chunk, job.decoded),
        "scored": min(store.stored_chunks(job.id) * chunk, job.decoded),
        "written": job.written,
        "frames": max(frames, job.decoded),
    }


def stage_of(store: JobStore, job: Job, progress: dict[str, int]) -> str | None:
    """The stage that a job is in, one of `STAGES`; None before its first and after its last."""
    if job.state != "running":
        return None
    if progress["written"] or store.has_analysis(job.id):
        return "write"
    if 0 <= job.chunks and progress["scored"] >= progress["decoded"] > 0:
        return "score"
    return "pose" if job.sent else "decode"


def percent_of(job: Job, progress: dict[str, int]) -> int:
    """How much of a job's work is done, in percent; 100 only where all of it is."""
    if job.state == "done":
        return 100
    if not progress["frames"]:
        return 0
    has_video = job.options.video and job.kind == "clip"  # a recording's sets write theirs
    written = _WRITING if has_video else 0.0
    done = (1 - written) * progress["posed"] + written * progress["written"]
    return min(99, int(100 * done / progress["frames"]))


def seconds_left(job: Job, percent: int, now_s: float) -> float | None:
    """About how long a running job still takes if it goes on as it did; None if not known.

    Args:
        job: the job.
        percent: how much of it is done.
        now_s: the server's time, Unix seconds.
    """
    if job.state != "running" or percent < _KNOWN_FROM or not job.started_s:
        return None
    return max(0.0, now_s - job.started_s) * (100 - percent) / percent


class ProgressDisplay:
    """Progress bars on stderr, one per stage; lines of text if stderr is no terminal.

    Args:
        quiet: show nothing.
    """

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description:>6}"),
            BarColumn(bar_width=None),
            TextColumn("{task.completed:>6.0f}/{task.total:.0f} frames"),
            _FramesPerSecond(),
            _TimeLeft(),
            console=self._console,
            disable=quiet or not sys.stderr.isatty(),
        )
        self._tasks = {stage: self._bars.add_task(stage, total=0) for stage in STAGES}
        self._next_line_s = time.monotonic() + _LINE_EVERY_S

    def show(self, progresses: Iterable[dict[str, int]]) -> None:
        """Show the total progress of several jobs."""
        totals = dict.fromkeys([*STAGES.values(), "frames"], 0)
        for progress in progresses:
            totals = {name: total + progress[name] for name, total in totals.items()}
        for stage, field in STAGES.items():
            self._bars.update(self._tasks[stage], completed=totals[field], total=totals["frames"])
        if self._bars.disable and not self._quiet and time.monotonic() > self._next_line_s:
            self._next_line_s = time.monotonic() + _LINE_EVERY_S
            done = ", ".join(f"{stage} {totals[field]}" for stage, field in STAGES.items())
            print(f"{done} of {totals['frames']} frames", file=sys.stderr)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()


class _FramesPerSecond(ProgressColumn):
    """Speed of a stage, in frames per second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:5.1f}/s" if speed else "      —")


class _TimeLeft(ProgressColumn):
    """Time that a stage still takes if it goes on as it did."""

    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        left_s = task.time_remaining
        return Text("" if left_s is None or task.finished else f"{shown(left_s)} left")
