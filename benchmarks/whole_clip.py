"""Whole commands on whole clips: `coach analyze`, and the loop that everyone writes.

python -m benchmarks.whole_clip [CLIP…] [--shapes NAME…] [--rounds N] [--json FILE]

Each way is a command of its own, run from start to end: reading, poses, drawing, writing, and in
`coach analyze` the report and the data besides. The ways take turns, round after round, so that a
busy machine slows all of them alike; a ratio is that of the two runs of one round.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console

from benchmarks import goals
from benchmarks.process_costs import Cost, cost_of
from benchmarks.set_clips import CACHE, MIN_FRAMES, SHAPES, Clip, ensure_clip
from benchmarks.whole_clip_tables import Costs, costs_table, document, goals_table, machine
from shared.media.source import open_source

ROOT = Path(__file__).resolve().parents[1]

#: Python of the environment that has mediapipe.
PEER = ROOT / ".venv" / "peer" / "bin" / "python"

ROUNDS = 5

#: A way: the command for a clip and a folder for what it writes.
Command = Callable[[Path, Path], list[str | Path]]


def coach(*options: str) -> Command:
    """`coach analyze` with these options."""
    return lambda clip, out: [
        sys.executable, "-m", "coach", "analyze", clip, "--out", out, *options
    ]  # fmt: skip


def peer(python: Path) -> Command:
    """Mediapipe's loop, run by this Python."""
    loop = ROOT / "benchmarks" / "peer_loop.py"
    return lambda clip, out: [python, loop, clip, out / "annotated.mp4"]


def ways_of(peer_python: Path) -> dict[str, Command]:
    """All ways by name, in the order of a round."""
    return {
        goals.PEER: peer(peer_python),
        goals.DEFAULT: coach(),
        goals.EVERY_1: coach("--every", "1"),
    }


def measure(clip: Path, ways: Mapping[str, Command], rounds: int) -> Costs:
    """Run all ways on a clip, in turn, and return the costs of each way's rounds."""
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for number in range(rounds):
        for name, command in ways.items():
            with tempfile.TemporaryDirectory(prefix="coach-benchmark-") as out:
                cost = cost_of(command(clip, Path(out)), ROOT)
            costs[name].append(cost)
            done = f"{clip.name}, round {number + 1} of {rounds}, {name}: {cost.wall_s:.1f} s"
            print(done, file=sys.stderr, flush=True)
    return costs


def clip_of(path: Path) -> Clip:
    """A video file as a clip; its frames are counted by decoding it."""
    with open_source(path) as source:
        frames = sum(1 for _ in source.frames())
        return Clip(path.stem, path.resolve(), frames, source.info.fps)


def check_peer(python: Path) -> None:
    """Make sure that the peer is installed; ends the program otherwise."""
    if not python.exists():
        sys.exit(f"{python} does not exist: `make .venv/peer` installs the peer")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    made.add_argument("clips", nargs="*", type=Path, help="video files instead of rendered sets")
    made.add_argument("--shapes", nargs="+", choices=SHAPES, default=list(SHAPES))
    made.add_argument("--rounds", type=int, default=ROUNDS)
    made.add_argument("--frames", type=int, default=MIN_FRAMES, help="minimum of a rendered set")
    made.add_argument("--cache", type=Path, default=CACHE, help="folder of the rendered sets")
    made.add_argument("--peer", type=Path, default=PEER, help="Python that has mediapipe")
    made.add_argument("--json", type=Path, metavar="FILE", help="write all measured values")
    return made


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the tables, and write the values where that is asked for."""
    given = parser().parse_args(arguments)
    check_peer(given.peer)
    clips = [clip_of(path) for path in given.clips]
    if not clips:
        clips = [ensure_clip(name, given.cache, given.frames) for name in given.shapes]
    measured: list[tuple[Clip, Costs]] = []
    for clip in clips:
        measured.append((clip, measure(clip.path, ways_of(given.peer), given.rounds)))
        if given.json:  # after each clip: a long run may be stopped
            given.json.write_text(json.dumps(document(measured), indent=2) + "\n", "utf-8")
    console = Console(width=120)
    console.print(machine())
    console.print(costs_table(measured), goals_table(measured))


if __name__ == "__main__":
    main()
