"""`make bench-check`: a short run, compared with the recorded ratios. Ends with 1 where one fell.

python -m benchmarks.check [--rounds N] [--record]

A ratio compares the times of two commands in the same round. Ratios differ less between machines
than seconds do. The bounds are generous, because other programs run beside. `--record` writes
the file anew; commit it with the change that it belongs to.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.goals import PEER
from benchmarks.set_clips import CACHE, ensure_clip
from benchmarks.whole_clip import PEER as PEER_PYTHON
from benchmarks.whole_clip import check_peer, measure, ways_of
from benchmarks.whole_clip_tables import machine, ratios

RECORDED = Path(__file__).with_name("recorded.json")

#: The clips of the short run, of `set_clips.SHAPES`: the smallest frames and the usual ones.
_SHAPES = ("360p60", "720p30")

#: Minimum fraction of a recorded ratio. Chosen: ratios of single rounds on a busy machine differ by
#: up to a quarter.
LEAST_FRACTION = 0.7

#: "clip: way" → the peer's time over that of the way.
Ratios = Mapping[str, float]


def fallen(recorded: Ratios, measured: Ratios, least: float = LEAST_FRACTION) -> list[str]:
    """Say which recorded ratios were not reached.

    Args:
        recorded: the ratios as they were.
        measured: the ratios as they are; one that is missing counts as fallen.
        least: minimum fraction of a recorded ratio.

    Returns:
        A sentence for each that fell.
    """
    sentences = []
    for name, before in recorded.items():
        now = measured.get(name)
        if now is None:
            sentences.append(f"{name}: recorded {before:.2f}, not measured")
        elif now < least * before:
            sentences.append(f"{name}: {now:.2f} is below {least:.0%} of the recorded {before:.2f}")
    return sentences


def measured_ratios(cache: Path, peer_python: Path, rounds: int) -> dict[str, float]:
    """The median ratio of each way on each clip."""
    found = {}
    for shape in _SHAPES:
        costs = measure(ensure_clip(shape, cache).path, ways_of(peer_python), rounds)
        for way in costs:
            if way != PEER:
                found[f"{shape}: {way}"] = round(statistics.median(ratios(costs, way)), 3)
    return found


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    made.add_argument("--rounds", type=int, default=2)
    made.add_argument("--cache", type=Path, default=CACHE, help="folder of the rendered sets")
    made.add_argument("--peer", type=Path, default=PEER_PYTHON, help="Python that has mediapipe")
    made.add_argument("--recorded", type=Path, default=RECORDED, help="file of recorded ratios")
    made.add_argument("--record", action="store_true", help="write the file instead of comparing")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and compare or record; the exit status."""
    given = parser().parse_args(arguments)
    check_peer(given.peer)
    if not (given.record or given.recorded.exists()):
        sys.exit(f"{given.recorded} does not exist: record the ratios with --record first")
    measured = measured_ratios(given.cache, given.peer, given.rounds)
    if given.record:
        recorded = {"machine": machine(), "rounds": given.rounds, "ratios": measured}
        given.recorded.write_text(json.dumps(recorded, indent=2) + "\n", "utf-8")
        print(f"{given.recorded} is written")
        return 0
    recorded = json.loads(given.recorded.read_text("utf-8"))["ratios"]
    table = Table("peer's time over that of", "recorded", "now")
    for name, now in measured.items():
        before = f"{recorded[name]:.2f}" if name in recorded else "–"
        table.add_row(name, before, f"{now:.2f}")
    Console(width=120).print(table)
    wrong = fallen(recorded, measured)
    print("\n".join(wrong) or "no ratio fell")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
