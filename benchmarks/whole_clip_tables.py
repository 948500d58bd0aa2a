"""The costs of whole commands as tables, and as a document for other programs."""

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from rich.table import Table

from benchmarks.goals import (
    DEFAULT,
    EVERY_1,
    FAST_FPS,
    MAX_MEMORY_MB,
    MIN_CORES,
    MIN_EVERY_1_RATIO,
    MIN_FAST_RATIO,
    MIN_RATIO,
    PEER,
    Goal,
    spread,
)
from benchmarks.process_costs import Cost
from benchmarks.set_clips import Clip

#: Way → the cost of each round.
Costs = Mapping[str, Sequence[Cost]]

#: A clip and its costs, for all clips.
Measured = Sequence[tuple[Clip, Costs]]


def ratios(costs: Costs, way: str) -> list[float]:
    """The peer's time over that of a way, for each round."""
    both = zip(costs[PEER], costs[way], strict=True)
    return [peer.wall_s / own.wall_s for peer, own in both]


def costs_table(measured: Measured) -> Table:
    """What each way costs on each clip: medians, with minimum and maximum."""
    table = Table("clip", "way", "s", "frames/s", "processor s", "cores", "memory, MB")
    for clip, costs in measured:
        label = f"{clip.name}: {clip.frames} frames, {_bit_rate(clip):.1f} Mbit/s"
        for name, rounds in costs.items():
            table.add_row(
                label,
                name,
                spread([one.wall_s for one in rounds]),
                spread([clip.frames / one.wall_s for one in rounds]),
                spread([one.processor_s for one in rounds]),
                spread([one.cores for one in rounds]),
                spread([one.peak_mb for one in rounds]),
            )
            label = ""
        table.add_section()
    return table


def goals_of(clip: Clip, costs: Costs) -> Iterator[Goal]:
    """The goals of one clip."""
    least = MIN_FAST_RATIO if clip.fps >= FAST_FPS else MIN_RATIO
    yield Goal(f"{clip.name}: peer's time over {DEFAULT}", ratios(costs, DEFAULT), least)
    every_1 = ratios(costs, EVERY_1)
    yield Goal(f"{clip.name}: peer's time over {EVERY_1}", every_1, MIN_EVERY_1_RATIO)
    for name in (DEFAULT, EVERY_1):
        peaks_mb = [one.peak_mb for one in costs[name]]
        yield Goal(f"{clip.name}: memory of {name}", peaks_mb, MAX_MEMORY_MB, False, " MB")
        cores = [one.cores for one in costs[name]]
        yield Goal(f"{clip.name}: cores used by {name}", cores, MIN_CORES, unit="")


def goals_table(measured: Measured) -> Table:
    """The goals of all clips, and which are reached."""
    table = Table("what", "median (min–max)", "goal", "")
    for clip, costs in measured:
        for goal in goals_of(clip, costs):
            table.add_row(*goal.row())
        table.add_section()
    return table


def document(measured: Measured) -> dict[str, Any]:
    """All measured values, and what they were measured on."""
    return {
        "machine": machine(),
        "versions": {name: version(name) for name in ("weightlifting-coach", "openvino", "av")},
        "clips": {
            clip.name: {
                "frames": clip.frames,
                "fps": clip.fps,
                "ways": {name: [asdict(one) for one in costs[name]] for name in costs},
                "ratios": {name: ratios(costs, name) for name in costs if name != PEER},
            }
            for clip, costs in measured
        },
    }


def machine() -> str:
    """Processor, cores, load of the last quarter of an hour, and time, in words."""
    model = platform.processor() or platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((row.split(":")[1].strip() for row in file if "model name" in row), model)
    cores = len(os.sched_getaffinity(0))
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    return f"{model}, {cores} cores; 15-minute load {os.getloadavg()[2]:.1f}; {now} UTC"


def _bit_rate(clip: Clip) -> float:
    return clip.path.stat().st_size * 8 / 1e6 / (clip.frames / clip.fps)
