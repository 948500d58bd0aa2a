"""Runs several ways of doing the same in turn, so that a busy machine slows all of them alike."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

#: Which quantile is a ratio's basis: the least time has the least of other programs in it.
ROUNDS = 7


@dataclass(frozen=True)
class Timing:
    """Seconds that one run takes: the least and the median of the rounds."""

    least_s: float
    median_s: float


def interleaved(
    runs: Mapping[str, Callable[[], object]], rounds: int = ROUNDS
) -> dict[str, Timing]:
    """Time each run once a round, after one that does not count."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for round_number in range(rounds + 1):
        for name, run in runs.items():
            started_s = time.perf_counter()
            run()
            if round_number:
                times[name].append(time.perf_counter() - started_s)
    return {name: Timing(min(took), statistics.median(took)) for name, took in times.items()}
