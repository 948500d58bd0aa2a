"""Which NVIDIA devices this machine has, as their driver tells."""

import subprocess
from dataclasses import dataclass

#: The driver answers within a second, unless a device hangs.
_TIMEOUT_S = 20

_QUERY = ("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader")


@dataclass(frozen=True)
class NvidiaDevice:
    """One device; `memory` with its unit, as the driver tells it."""

    name: str
    memory: str
    driver: str

    def __str__(self) -> str:
        return self.name


def nvidia_devices() -> list[NvidiaDevice]:
    """All NVIDIA devices; none where there is no driver or it does not answer."""
    try:
        told = subprocess.run(_QUERY, capture_output=True, text=True, timeout=_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired):
        return []
    if told.returncode != 0:
        return []
    rows = (line.split(", ") for line in told.stdout.splitlines())
    return [NvidiaDevice(*row) for row in rows if len(row) == 3]
