"""Clocks that jump: each process of a schedule has a real-time clock of its own (see clock.c)."""

import shutil
import struct
import subprocess
from pathlib import Path

_SOURCE = Path(__file__).with_name("clock.c")


def library(folder: Path) -> Path | None:
    """The library of clock.c, built in `folder` if it is not there; None without a C compiler."""
    built = folder / "clock.so"
    if not built.exists() or built.stat().st_mtime < _SOURCE.stat().st_mtime:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            return None
        partial = folder / f"clock-{id(built)}.so"
        flags = ["-O2", "-shared", "-fPIC", "-o", str(partial)]
        subprocess.run([compiler, *flags, str(_SOURCE)], check=True)
        partial.replace(built)
    return built


class Clock:
    """The clock of one process and of those that it starts.

    Args:
        built: the library; None leaves the clock as it is.
        file: holds the offset.
    """

    def __init__(self, built: Path | None, file: Path) -> None:
        self._file = file
        self.environment: dict[str, str] = {}
        if built is not None:
            self.environment = {"LD_PRELOAD": str(built), "COACH_SOAK_CLOCK": str(file)}
        file.write_bytes(bytes(8))

    @property
    def is_movable(self) -> bool:
        """Whether `jump` has an effect."""
        return bool(self.environment)

    def jump(self, offset_s: float) -> None:
        """Set the clock to this offset from the true time, in seconds."""
        with self._file.open("r+b") as stream:
            stream.write(struct.pack("q", round(offset_s * 1e9)))
