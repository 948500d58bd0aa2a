"""Reads files in a process of its own, under limits, and tells what became of each.

Usage: python -m corpus.reading MEMORY_MIB SECONDS FILE... A line of JSON comes before each file and
after it. A file that takes longer ends the process.
"""

import contextlib
import gc
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

from shared.errors import SourceError
from shared.media.limits import SourceLimits
from shared.media.source import open_source

_MIB = 2**20

#: Frames of 4 megapixels, so that what a header claims is seen in the memory.
_LIMITS = SourceLimits(max_frame_px=4_000_000)


class Watch:
    """What Python opens, and what lies open, while files are read."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            self.opened.append(os.fsdecode(arguments[0]))
        elif event.startswith(("socket.connect", "socket.getaddrinfo", "subprocess", "os.exec")):
            self.opened.append(event)


def held_open() -> list[str]:
    """The files that this process has open, FFmpeg's among them."""
    names = []
    for entry in os.scandir("/proc/self/fd"):
        try:
            names.append(os.readlink(entry.path))
        except OSError:  # that of the list itself
            continue
    return sorted(names)


def limit_memory(more_mib: int) -> None:
    """Limit the address space to `more_mib` above what is used now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + more_mib * _MIB
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def read(path: Path) -> dict[str, Any]:
    """Read a file to its end: how it ended, and what was open meanwhile."""
    result: dict[str, Any] = {"frames": 0}
    last_s, shapes = -1.0, set()
    try:
        with open_source(path, _LIMITS) as source:
            result["held"] = held_open()
            for frame in source.frames():
                result["frames"] += 1
                shapes.add(frame.image.shape)
                if frame.time_s <= last_s:
                    result["outcome"] = f"time {frame.time_s} after {last_s}"
                last_s = frame.time_s
            result["end"] = source.end_reason.value
            result.setdefault("outcome", "read" if len(shapes) == 1 else f"shapes {shapes}")
    except SourceError as error:
        result.update(outcome="refused", message=str(error))
    except BaseException as error:  # noqa: BLE001  any other is what the test is about
        result.update(outcome=f"{type(error).__name__}: {error}")
    return result


def main(memory_mib: int, seconds: int, paths: list[Path]) -> None:
    """Read the files one after the other."""
    read(paths[0])  # loads what is loaded late
    watch, before = Watch(), held_open()
    limit_memory(memory_mib)
    with contextlib.suppress(FileNotFoundError):  # a mark in the list of system calls
        open("/corpus-begins-here")
    for path in paths:
        print(json.dumps({"begins": path.name}), flush=True)
        watch.opened.clear()
        signal.setitimer(signal.ITIMER_REAL, seconds)
        began_s = time.monotonic()
        result = read(path)
        signal.setitimer(signal.ITIMER_REAL, 0)
        result["seconds"] = round(time.monotonic() - began_s, 3)
        result["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        result["opened"] = list(watch.opened)
        gc.collect()
        result["left_open"] = [name for name in held_open() if name not in before]
        print(json.dumps({"name": path.name, **result}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
