"""One run of the pipeline on an embedded server, watched: progress, and bytes through Redis."""

import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from benchmarks.watch import Watch, watched
from coach.cli import analyze
from coach.local.deployment import LocalDeployment
from shared.data.job_options import JobOptions
from shared.queue.connection import connect
from shared.queue.servers import Servers
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
    started_s = time.perf_counter()
    folder = nullcontext(str(out)) if out else tempfile.TemporaryDirectory()
    with watched(), folder as name, LocalDeployment(settings, workers) as local:
        servers = Servers([local.url], settings.keep_jobs_s)
        status, _ = analyze.run([clip], Path(name), options, settings, servers)
        traffic = connect(local.url).info("stats")
    if status:
        raise RuntimeError(f"the pipeline could not analyse {clip}")
    took_s, frames = time.perf_counter() - started_s, Watch.last.looks[-1][1]
    steady_s = Watch.last.reached_s(_TO * frames) - Watch.last.reached_s(_FROM * frames)
    return Run(
        frames,
        frames / took_s,
        (_TO - _FROM) * frames / steady_s,
        traffic["total_net_input_bytes"] / frames,
        traffic["total_net_output_bytes"] / frames,
    )
