"""Schedules in processes of their own, so that several run side by side."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from faults.harness import plans, schedule
from faults.harness.clips import ROOT

#: Time limit of one schedule, in seconds.
_LIMIT_S = 400


def prepare(wanted: Sequence[plans.Plan]) -> None:
    """Make what schedules share and keep: the clips, and the undisturbed results."""
    for backend in sorted({plan.backend for plan in wanted}):
        names = {name for plan in wanted if plan.backend == backend for name, _ in plan.jobs}
        schedule.reference_for(backend, sorted(names))


def run_in_a_process(out: Path, *arguments: str) -> tuple[int, str]:
    """Run `python -m faults.harness` with these arguments; its exit status and what it prints."""
    command = [sys.executable, "-m", "faults.harness", "--out", str(out), *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    begun_s = time.monotonic()
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_LIMIT_S, env=environment
        )
    except subprocess.TimeoutExpired as error:
        return 1, f"no end after {error.timeout:.0f} s"
    took_s = time.monotonic() - begun_s
    print(f"{' '.join(arguments)}: {took_s:.0f} s", file=sys.stderr, flush=True)
    return done.returncode, done.stdout + done.stderr
