"""One run of the pipeline on an embedded server, watched: progress, and bytes through Redis."""

import tempfile
import time
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from coach.cli import analyze, waiting
from coach.cli.progress import ProgressDisplay
from coach.local.deployment import LocalDeployment
from shared.data.job_options import JobOptions
from shared.queue.connection import connect
from shared.settings import read_settings

#: Fractions of the frames between which the speed while poses are found is measured: before, the
#: workers start; after, one of them may wait for the other's last chunk.
_FROM, _TO = 0.15, 0.85


@dataclass(frozen=True)
class Run:
    """What one run took.

    Attributes:
        frames: Analysed frames.
        fps: Frames per second from the start of the processes to their end.
        steady_fps: Frames per second while poses are found, without start and end.
        bytes_in: Bytes that the server received for each frame, of everything: chunks, poses,
            progress, tasks.
        bytes_out: Bytes that the server sent for each frame.
    """

    frames: int
    fps: float
    steady_fps: float
    bytes_in: float
    bytes_out: float


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

    def steady_fps(self) -> float:
        """Frames per second between two fractions of the frames."""
        frames = self.looks[-1][1]
        first, last = (
            next(look for look in self.looks if look[1] >= fraction * frames)
            for fraction in (_FROM, _TO)
        )
        return (last[1] - first[1]) / (last[0] - first[0])


def run_pipeline(clip: Path, options: JobOptions, workers: int, out: Path | None = None) -> Run:
    """Analyse a clip by a deployment of its own.

    Args:
        clip: the video.
        options: what is done with it.
        workers: number of pose workers.
        out: folder for the results, which are thrown away if None.

    Raises:
        RuntimeError: the job failed; the reason is on stderr.
    """
    settings = read_settings().model_copy(update={"backend": options.backend})
    shown, waiting.ProgressDisplay = waiting.ProgressDisplay, Watch  # type: ignore[misc]
    started_s = time.perf_counter()
    folder = nullcontext(str(out)) if out else tempfile.TemporaryDirectory()
    try:
        with folder as name, LocalDeployment(settings, workers) as local:
            status, _ = analyze.run([clip], Path(name), options, settings, redis_url=local.url)
            traffic = connect(local.url).info("stats")
    finally:
        waiting.ProgressDisplay = shown  # type: ignore[misc]
    if status:
        raise RuntimeError(f"the pipeline could not analyse {clip}")
    took_s, frames = time.perf_counter() - started_s, Watch.last.looks[-1][1]
    return Run(
        frames,
        frames / took_s,
        Watch.last.steady_fps(),
        traffic["total_net_input_bytes"] / frames,
        traffic["total_net_output_bytes"] / frames,
    )
