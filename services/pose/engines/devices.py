"""NVIDIA devices of this machine, as their driver lists them."""

import subprocess
from dataclasses import dataclass

#: Time limit of the driver's answer, in s. Chosen: it takes less than a second unless a device
#: hangs.
_TIMEOUT_S = 20

_QUERY = ("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader")


@dataclass(frozen=True)
class NvidiaDevice:
    """One device; `memory` includes its unit, as in the driver's answer."""

    name: str
    memory: str
    driver: str

    def __str__(self) -> str:
        return self.name


def nvidia_devices() -> list[NvidiaDevice]:
    """All NVIDIA devices; empty if there is no driver or it does not answer."""
    try:
        answer = subprocess.run(_QUERY, capture_output=True, text=True, timeout=_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired):
        return []
    if answer.returncode != 0:
        return []
    rows = (line.split(", ") for line in answer.stdout.splitlines())
    return [NvidiaDevice(*row) for row in rows if len(row) == 3]
