"""The goals of the benchmarks, and whether measured values reach them. Pure."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

#: Names of the ways that are compared on whole clips.
PEER, DEFAULT, EVERY_1 = "mediapipe's loop", "coach analyze", "coach analyze --every 1"

#: Frame rate from which the goal of fast clips holds, in 1/s.
FAST_FPS = 50.0

#: The peer's time over that of `coach analyze`: on every clip, on fast clips, and for all frames.
MIN_RATIO, MIN_FAST_RATIO, MIN_EVERY_1_RATIO = 2.0, 4.0, 1.2

#: Maximum memory of all processes of `coach analyze`, in MB.
MAX_MEMORY_MB = 1000.0

#: Minimum number of cores in use while `coach analyze` runs. The goal is for two cores; on more it
#: is the same number.
MIN_CORES = 1.8

#: Minimum frames per second of the pipeline over those of the bare network calls.
MIN_OF_BARE = 0.9

#: Maximum bytes that one analysed frame sends through Redis.
MAX_BYTES_PER_FRAME = 60_000.0

#: Maximum memory on a clip over that on one of a quarter of its length. Chosen: the joints of the
#: longer clip take less than a tenth of what the processes take.
MAX_GROWTH = 1.1


@dataclass(frozen=True)
class Goal:
    """A measured value and its goal.

    Attributes:
        what: What is measured.
        values: The value of each round.
        limit: The goal.
        is_minimum: Whether the value should be at least the limit, not at most.
        unit: Unit of the value, written behind it.
    """

    what: str
    values: Sequence[float]
    limit: float
    is_minimum: bool = True
    unit: str = "×"

    @property
    def median(self) -> float:
        """Median of the rounds, which is compared with the limit."""
        return statistics.median(self.values)

    @property
    def is_reached(self) -> bool:
        """Whether the median is on the right side of the limit."""
        return self.median >= self.limit if self.is_minimum else self.median <= self.limit

    def row(self) -> tuple[str, str, str, str]:
        """What, value, goal and verdict, for a table."""
        sign = "≥" if self.is_minimum else "≤"
        verdict = "[green]reached[/]" if self.is_reached else "[red]missed[/]"
        goal = f"{sign} {_number(self.limit)}{self.unit}"
        return self.what, f"{spread(self.values)}{self.unit}", goal, verdict


def spread(values: Sequence[float]) -> str:
    """The median, and in brackets minimum and maximum of several values."""
    middle = _number(statistics.median(values))
    if len(values) == 1:
        return middle
    return f"{middle} ({_number(min(values))}–{_number(max(values))})"


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}"
