"""Time from maps to people, by the number of people."""

import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table
from timing import interleaved

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from drawn_maps import figure, maps_of

from services.pose.openpose.layouts import MPI
from services.pose.openpose.people import find_people

#: Size of the maps of a 16:9 image with a network input 368 px high.
_HEIGHT, _WIDTH = 46, 82

_CROWDS = (0, 1, 2, 5, 20)


def grouping(_folder: Path) -> None:
    """Time each crowd in turn."""
    drawn = {f"{count} people": _maps(count) for count in _CROWDS}
    found = {name: len(find_people(*maps, MPI).score) for name, maps in drawn.items()}
    times = interleaved(
        {name: lambda maps=maps: find_people(*maps, MPI) for name, maps in drawn.items()}, rounds=30
    )
    table = Table("drawn", "found", "ms, least", "ms, median")
    for name, took in times.items():
        least, median = f"{took.least_s * 1e3:.2f}", f"{took.median_s * 1e3:.2f}"
        table.add_row(name, str(found[name]), least, median)
    Console(width=110).print(table)


def _maps(count: int) -> tuple:
    """People side by side, in two rows if there are more than ten."""
    rows = 1 + (count > 10)
    each = count // rows
    height = min(40 / rows, 2 * _WIDTH / max(each, 1))
    people = [
        figure(MPI, (place + 0.5) * _WIDTH / each, 2 + row * _HEIGHT / 2, height)
        for row in range(rows if count else 0)
        for place in range(each)
    ]
    return maps_of(MPI, people, _HEIGHT, _WIDTH)
