"""What a long recording costs, what is found in it, and every process's memory meanwhile.

    python -m benchmarks.recordings day.mp4 --hours 1
    python -m benchmarks.recording_costs day.mp4 [--alone] [--plot memory.svg] [-- OPTION…]

The recording is analysed by `coach analyze --sets on` and the given options. With `--alone`, each
set of it is analysed alone, too, as is an empty minute: that says whether a repetition is missing,
and what it would cost to analyse everything. Linux.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.process_costs import Cost, cost_of, descendants

#: Interval at which memory is read, in seconds.
_EVERY_S = 2.0

#: Colours of the services in the plot.
_COLOURS = {
    "decoder": "#2f86d6", "pose": "#d9822b", "scorer": "#1f8a4c", "writer": "#b3342a",
    "valkey-server": "#777777", "python": "#8b5fbf",
}  # fmt: skip

#: Process id and name → seconds since the start and megabytes, again and again.
Memory = dict[tuple[int, str], list[tuple[float, float]]]


def main() -> None:
    """Measure the recording that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recording", type=Path)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("options", nargs="*", help="options of coach analyze, after --")
    given = parser.parse_args()
    truth = json.loads(given.recording.with_suffix(".json").read_text())
    parts = given.recording.parent / f".{given.recording.stem}-parts"
    with tempfile.TemporaryDirectory(dir=given.recording.parent) as folder:
        out = Path(folder)
        memory: Memory = defaultdict(list)
        with _watched(memory):
            cost = _analyse(given.recording, out / "day", ["--sets", "on", *given.options])
        found = json.loads((out / "day" / given.recording.stem / "sets.json").read_text())
        _print_found(found, truth)
        _print_cost("the recording", cost, found["duration_s"])
        _print_memory(memory)
        if given.plot:
            given.plot.write_text(plot(memory, found["duration_s"]), "utf-8")
        if given.alone:
            _compare(found, truth, parts, out, cost, given.options)


def _analyse(clip: Path, out: Path, options: list[str]) -> Cost:
    command = [sys.executable, "-m", "coach", "analyze", clip, "--out", out, *options]
    return cost_of(command)


def _print_found(found: dict[str, Any], truth: list[dict[str, Any]]) -> None:
    for one in found["sets"]:
        names = [t["name"] for t in truth if _overlap(one, t)]
        print(
            f"{one['folder']}  {one['from_s']:8.1f} to {one['to_s']:8.1f} s  lifter "
            f"{one['lifter'] or '-':2}  {one['reps']:2} reps  {', '.join(names) or 'nothing'}"
        )
    for one in found["no_lift"]:
        print(f"no lift       {one['from_s']:8.1f} to {one['to_s']:8.1f} s")


def _print_cost(name: str, cost: Cost, duration_s: float) -> None:
    print(
        f"{name}: {duration_s:.0f} s long, {cost.processor_s:.0f} s of processor time "
        f"({cost.processor_s / duration_s:.3f} a second), {cost.wall_s:.0f} s"
    )


def _print_memory(memory: Memory) -> None:
    print("memory in MB: at the median, at most, and at most in the last quarter of its time")
    for (pid, name), points in sorted(memory.items(), key=lambda item: item[0][1]):
        if len(points) < 10:
            continue
        sizes = [size for _, size in points]
        last = sizes[-max(1, len(sizes) // 4) :]
        median = sorted(sizes)[len(sizes) // 2]
        print(f"  {name:14} {pid:8} {median:7.0f} {max(sizes):7.0f} {max(last):7.0f}")


def _compare(
    found: dict[str, Any],
    truth: list[dict[str, Any]],
    parts: Path,
    out: Path,
    whole: Cost,
    options: list[str],
) -> None:
    """Analyse each set alone, and an empty minute; say what is missing, and what all would cost."""
    lifted_s = cost_s = 0.0
    for name in sorted({one["name"] for one in truth}):
        cost = _analyse(parts / f"{name}.mp4", out / "alone", ["--sets", "off", *options])
        analysis = json.loads((out / "alone" / name / "analysis.json").read_text())
        alone = sum(one["summary"]["reps"] for one in (analysis, *analysis["others"]))
        for place in (one for one in truth if one["name"] == name):
            reps = sum(one["reps"] for one in found["sets"] if _overlap(one, place))
            said = "" if reps >= alone else "  MISSING"
            print(f"{name:30} alone {alone:2} reps, in the recording {reps:2}{said}")
            lifted_s += place["to_s"] - place["from_s"]
            cost_s += cost.processor_s
    idle = _analyse(parts / "idle_empty.mp4", out / "alone", ["--sets", "off", *options])
    _print_cost("an empty minute", idle, 60)
    empty_s = found["duration_s"] - lifted_s
    everything_s = cost_s + empty_s * idle.processor_s / 60
    print(
        f"{lifted_s:.0f} s of lifting took {cost_s:.0f} s alone; everything would take about "
        f"{everything_s:.0f} s of processor time (extrapolated from the empty minute): the "
        f"recording took {whole.processor_s / everything_s:.3f} of that"
    )


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(one["from_s"] < other["to_s"] and one["to_s"] > other["from_s"])


@contextmanager
def _watched(memory: Memory) -> Iterator[None]:
    """Note the resident memory of all processes that this one starts, while the block runs."""
    is_done = threading.Event()

    def watch() -> None:
        started_s = time.monotonic()
        while not is_done.wait(_EVERY_S):
            for pid in descendants(os.getpid()):
                with suppress(OSError, ValueError, IndexError):
                    name = Path(f"/proc/{pid}/comm").read_text().strip().removeprefix("coach-")
                    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
                    size = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
                    memory[pid, name].append((time.monotonic() - started_s, size))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_done.set()
        watcher.join()


def plot(memory: Memory, duration_s: float) -> str:
    """Resident memory of each process over time, as SVG."""
    width, height, left, bottom = 760, 300, 60, 40
    long = {key: points for key, points in memory.items() if len(points) > 1}
    end_s = max(points[-1][0] for points in long.values())
    most = max(size for points in long.values() for _, size in points) * 1.1
    lines = []
    for (_, name), points in long.items():
        highest: dict[int, float] = {}  # pixel across → that of the largest size there
        for time_s, size in points:
            x_px = round(left + (width - left - 10) * time_s / end_s)
            y_px = (height - bottom) * (1 - size / most)
            highest[x_px] = min(y_px, highest.get(x_px, y_px))
        places = " ".join(f"{x_px},{y_px:.1f}" for x_px, y_px in highest.items())
        colour = _COLOURS.get(name, "#444444")
        lines.append(f'<polyline points="{places}" fill="none" stroke="{colour}"/>')
    for number, name in enumerate(sorted({name for _, name in long})):
        colour = _COLOURS.get(name, "#444444")
        lines.append(
            f'<text x="{left + 110 * number}" y="{height - 4}" fill="{colour}">{name}</text>'
        )
    for part in range(5):
        size, y_px = most * part / 4, (height - bottom) * (1 - part / 4)
        lines.append(f'<text x="4" y="{y_px + 12:.0f}">{size:.0f} MB</text>')
        x_px = left + (width - left - 10) * part / 4
        lines.append(f'<text x="{x_px - 20:.0f}" y="{height - 22}">{end_s * part / 4:.0f} s</text>')
    title = f"Resident memory of each process, a recording of {duration_s / 3600:.1f} hours"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="12"><title>{title}</title>'
        f'<rect width="{width}" height="{height}" fill="white"/>' + "\n".join(lines) + "</svg>\n"
    )


if __name__ == "__main__":
    main()
