"""Start and end of the command line: what a command costs beside its work.

python benchmarks/startup.py [ROUNDS]      each number is the least of the rounds (3)

The clip is a rendered rep of three seconds, the picture its first frame: there is next to nothing
to do for it, so that its processor time is the fixed cost of a command. "First frames" is the time
until the progress shows the poses of the first chunk. Processor time is that of all processes of a
command together.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
from rich.console import Console
from rich.table import Table

from shared.errors import QueueError
from shared.queue.connection import connect
from shared.queue.job_store import JobStore
from shared.settings import read_settings
from synthetic import Lift, render, write_video

#: A rep of three seconds.
CLIP = Lift(reps=1, tempo=0.67)

#: Interval at which the progress is looked at, in seconds.
LOOK_S = 0.01


def cost_of(command: Sequence[str], scratch: Path) -> tuple[float, float, float]:
    """Processor time, wall time and wall time until the first frames of a command, in s each.

    The last is NaN for a command that analyses nothing.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started_s = time.perf_counter()
    first_s = float("nan")
    with subprocess.Popen(
        [sys.executable, "-m", "coach", *command],
        env={**os.environ, "TMPDIR": str(scratch)},  # the server's socket lies below it
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None:
            if first_s != first_s and has_poses(scratch):
                first_s = time.perf_counter() - started_s
            time.sleep(LOOK_S)
    took_s = time.perf_counter() - started_s
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(f"coach {' '.join(command)} ended with status {process.returncode}")
    spent_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent_s, took_s, first_s


def has_poses(scratch: Path) -> bool:
    """Whether a job on the embedded server has poses."""
    for socket in scratch.glob("coach-*/valkey.sock"):
        try:
            store = JobStore(connect(f"unix://{socket}"), read_settings().keep_jobs_s)
            return any(store.posed_chunks(job_id) for job_id in store.active_ids())
        except QueueError:
            continue  # it starts or ends
    return False


def main(rounds: int) -> None:
    """Measure the commands in turn and print a table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip, picture, scratch = folder / "rep.mp4", folder / "frame.png", folder / "scratch"
        scratch.mkdir()
        write_video(CLIP, clip)
        cv2.imwrite(str(picture), next(iter(render(CLIP))).image)
        out = ["--out", str(folder / "out")]
        commands = {
            "coach --help": ["--help"],
            "coach analyze, a picture": ["analyze", str(picture), *out],
            "coach analyze, 3 s": ["analyze", str(clip), *out],
        }
        costs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                costs[name].append(cost_of(command, scratch))
    table = Table("command", "processor s", "wall s", "first frames after s")
    for name, rows in costs.items():
        least = [min(values) for values in zip(*rows, strict=True)]
        table.add_row(name, *("–" if value != value else f"{value:.2f}" for value in least))
    Console().print(table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 3)
