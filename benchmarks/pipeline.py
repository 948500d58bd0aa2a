"""The pipeline's own rows: against the bare networks, by workers, bytes, memory, and judging again.

python -m benchmarks.pipeline [bare] [workers] [bytes] [memory] [rescore] [--rounds N] [--json FILE]

bare      frames per second of the pipeline over those of the backend alone, in as many processes:
          images in memory, no video, no queue. Both are in the same round.
workers   frames per second by number of pose workers.
bytes     what Redis takes in and gives out for each analysed frame.
memory    peak of all processes of `coach analyze`, on a set and on one four times as long.
rescore   frames per second of `coach analyze --rescore`, files included.

The pipeline runs with `--no-video --every 1`, so that finding poses takes most of the time.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.bare_poses import BareTeam
from benchmarks.goals import (
    MAX_BYTES_PER_FRAME,
    MAX_GROWTH,
    MIN_OF_BARE,
    Goal,
    spread,
)
from benchmarks.pipeline_run import Run, run_pipeline
from benchmarks.process_costs import cost_of
from benchmarks.set_clips import CACHE, MIN_FRAMES, SHAPES, ensure_clip
from benchmarks.whole_clip import ROOT, coach
from benchmarks.whole_clip_tables import machine
from coach.cli import rescore as rescoring
from shared.data.defaults import BACKEND
from shared.data.job_options import JobOptions, JudgingOptions

#: Times that the longer clip of `memory` is as long as the other.
_LONGER = 4

ROUNDS = 3


@dataclass(frozen=True)
class Setup:
    """What is measured on.

    Attributes:
        shape: Key of `SHAPES`.
        cache: Folder of the clips.
        frames: Minimum number of frames.
        rounds: Number of rounds.
    """

    shape: str
    cache: Path
    frames: int
    rounds: int

    def clip(self, longer: int = 1) -> Path:
        """The clip, or one that is at least `longer` times as long."""
        clip = ensure_clip(self.shape, self.cache, self.frames)
        if longer > 1:
            clip = ensure_clip(self.shape, self.cache, longer * clip.frames)
        return clip.path

    def run(self, workers: int) -> Run:
        """Run the pipeline once, without a video, on all frames."""
        return run_pipeline(self.clip(), JobOptions(BACKEND, every=1, video=False), workers)


def bare(setup: Setup) -> list[Goal]:
    """The pipeline over the bare networks; from start to end, and while poses are found."""
    workers = len(os.sched_getaffinity(0))
    whole, steady = [], []
    with BareTeam(setup.clip(), workers) as team:
        team.fps()  # does not count
        for _ in range(setup.rounds):
            run = setup.run(workers)
            alone = team.fps()
            whole.append(run.fps / alone)
            steady.append(run.steady_fps / alone)
    name = f"{workers} pose workers, frames/s over those of the bare networks"
    return [
        Goal(f"{name}, while poses are found", steady, MIN_OF_BARE),
        Goal(f"{name}, start to end", whole, MIN_OF_BARE),
    ]


def workers(setup: Setup) -> list[Goal]:
    """Frames per second with up to as many workers as cores, over those with one."""
    most = len(os.sched_getaffinity(0))
    counts = sorted({1, 2, most // 2, most} - {0})
    runs = {count: [] for count in counts}
    for _ in range(setup.rounds):
        for count in counts:
            runs[count].append(setup.run(count).steady_fps)
    return [
        Goal(
            f"{count} pose workers, frames/s over those of one, on {most} cores",
            [own / one for own, one in zip(runs[count], runs[1], strict=True)],
            MIN_OF_BARE * min(count, most),
        )
        for count in counts[1:]
    ]


def sent(setup: Setup) -> list[Goal]:
    """Bytes that Redis takes in and gives out, over the analysed frames; one run, as they stay."""
    run = setup.run(len(os.sched_getaffinity(0)))
    return [
        Goal(f"{way} Redis for each analysed frame", [count], MAX_BYTES_PER_FRAME, False, " B")
        for way, count in (("into", run.bytes_in), ("out of", run.bytes_out))
    ]


def memory(setup: Setup) -> list[Goal]:
    """Peak of the memory on a longer clip over that on a clip."""
    growth, command = [], coach("--every", "1")
    for _ in range(setup.rounds):
        peaks_mb = []
        for clip in (setup.clip(), setup.clip(_LONGER)):
            with tempfile.TemporaryDirectory(prefix="coach-benchmark-") as out:
                peaks_mb.append(cost_of(command(clip, Path(out)), ROOT).peak_mb)
        growth.append(peaks_mb[1] / peaks_mb[0])
    name = f"memory on {_LONGER} times the frames over that on {setup.frames}"
    return [Goal(name, growth, MAX_GROWTH, False)]


def rescore(setup: Setup) -> list[Goal]:
    """Frames per second of judging a stored analysis again."""
    speeds = []
    with tempfile.TemporaryDirectory(prefix="coach-benchmark-") as name:
        run = run_pipeline(setup.clip(), JobOptions(BACKEND, every=1, video=False), 1, Path(name))
        [stored] = Path(name).glob("*/analysis.json")
        for _ in range(setup.rounds):
            started_s = time.perf_counter()
            rescoring.run([stored], None, JudgingOptions(), None, as_json=False)
            speeds.append(run.frames / (time.perf_counter() - started_s))
    return [Goal("coach analyze --rescore, files included", speeds, 0, unit=" frames/s")]


PARTS: dict[str, Callable[[Setup], list[Goal]]] = {
    "bare": bare, "workers": workers, "bytes": sent, "memory": memory, "rescore": rescore,
}  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    made.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    made.add_argument("--shape", choices=SHAPES, default="720p30")
    made.add_argument("--frames", type=int, default=MIN_FRAMES, help="minimum of the set")
    made.add_argument("--rounds", type=int, default=ROUNDS)
    made.add_argument("--cache", type=Path, default=CACHE, help="folder of the rendered sets")
    made.add_argument("--json", type=Path, metavar="FILE", help="write all measured values")
    return made


def main(arguments: list[str] | None = None) -> None:
    """Measure the named parts, or all, and print their goals."""
    made = parser()
    given = made.parse_args(arguments)
    if unknown := [part for part in given.parts if part not in PARTS]:
        made.error(f"no part is called {unknown[0]!r}; there are {', '.join(PARTS)}")
    setup = Setup(given.shape, given.cache, given.frames, given.rounds)
    table = Table("what", "median (min–max)", "goal", "")
    values = {}
    for part in given.parts or PARTS:
        for goal in PARTS[part](setup):
            table.add_row(*goal.row()) if goal.limit else table.add_row(
                goal.what, spread(goal.values) + goal.unit
            )
            values[goal.what] = list(goal.values)
    Console(width=120).print(machine(), table)
    if given.json:
        text = json.dumps({"machine": machine(), "values": values}, indent=2)
        given.json.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
