"""The append-only file of a server: the commands in it, and how the last of them are lost.

A server with `appendfsync everysec` forgets up to the last second of its commands in a power cut.
A killed process alone does not lose them, since the kernel keeps what was written. So the file is
cut back by hand, at the beginning of a command or transaction of the last second.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

_TIME_STAMP = re.compile(rb"#TS:(\d+)\r\n")


@dataclass(frozen=True)
class Unit:
    """A command, or a transaction with all its commands.

    Attributes:
        start: Its first byte in the file.
        end: The byte after its last.
        time_s: Unix time of the last time stamp before it.
        commands: The words of each of its commands.
    """

    start: int
    end: int
    time_s: int
    commands: tuple[tuple[bytes, ...], ...]

    def __str__(self) -> str:
        return "; ".join(
            " ".join(word[:40].decode(errors="replace") for word in words[:3])
            for words in self.commands
        )


def newest_file(folder: Path) -> Path:
    """The file that a server with this data folder appends to (Redis ≥ 7, Valkey)."""
    lines = (folder / "appendonlydir" / "appendonly.aof.manifest").read_text().splitlines()
    names = [line.split()[1] for line in lines if line.endswith("type i")]
    return folder / "appendonlydir" / names[-1]


def units_of(data: bytes) -> Iterator[Unit]:
    """The commands and transactions of a file, without an unfinished one at its end."""
    start, time_s, commands = 0, 0, []
    for position, end, words in _commands(data):
        if isinstance(words, int):
            time_s = words
            continue
        if not commands:
            start = position
        commands.append(words)
        if commands[0][0].upper() != b"MULTI" or words[0].upper() == b"EXEC":
            yield Unit(start, end, time_s, tuple(commands))
            commands = []


def _commands(data: bytes) -> Iterator[tuple[int, int, tuple[bytes, ...] | int]]:
    position = 0
    while position < len(data):
        stamp = _TIME_STAMP.match(data, position)
        if stamp:
            yield position, stamp.end(), int(stamp[1])
            position = stamp.end()
            continue
        words, end = _words(data, position)
        if words is None:
            return
        yield position, end, words
        position = end


def _words(data: bytes, position: int) -> tuple[tuple[bytes, ...] | None, int]:
    """A command in the protocol's form (`*2`, `$3`, `GET`, …); None if the file ends within it."""
    line_end = data.find(b"\r\n", position)
    if line_end < 0:
        return None, position
    words, count = [], int(data[position + 1 : line_end])
    position = line_end + 2
    for _ in range(count):
        line_end = data.find(b"\r\n", position)
        if line_end < 0:
            return None, position
        begin = line_end + 2
        end = begin + int(data[position + 1 : line_end])
        if end + 2 > len(data):
            return None, position
        words.append(data[begin:end])
        position = end + 2
    return tuple(words), position


def cut_back(file: Path, choose: Callable[[list[Unit]], Unit | None]) -> tuple[Unit, ...]:
    """Cut a file before one unit of its last second; the server must not run.

    Args:
        file: the newest file of a server that has just stopped.
        choose: the unit, of those of the last second, that is lost with all after it; None for no
            loss.

    Returns:
        The units that are lost.
    """
    if time.time() - file.stat().st_mtime > 1:
        return ()  # all of it is on the disk
    units = list(units_of(file.read_bytes()))[::-1]
    # Stamps are whole seconds of the server's clock, which may have been set meanwhile.
    last = list(takewhile(lambda unit: abs(unit.time_s - units[0].time_s) <= 1, units))[::-1]
    first = choose(last) if last else None
    if first is None:
        return ()
    with file.open("r+b") as stream:
        stream.truncate(first.start)
    return tuple(unit for unit in last if unit.start >= first.start)
