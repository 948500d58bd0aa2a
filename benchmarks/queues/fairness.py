"""How long a small job takes beside a huge one, with one decoder and one pose worker.

    python -m benchmarks.queues.fairness HUGE_CLIP SMALL_CLIP

The small job is submitted when the huge one fills its window. It is timed alone, beside the huge
job as it would be without turns, with turns, and with high priority and turns. Without turns it is
given up after a while.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.queues.running import Running, wait_for
from shared.queue.priorities import Priority

#: Time that the pose stage takes for a frame, in s. Chosen: ten frames a second.
_FRAME_S = 0.1

#: Time after which the run without turns is given up, in s.
_GIVE_UP_S = 75.0

#: Time of a turn that never ends, in s.
_NEVER_S = 86_400.0


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("huge", type=Path)
    parser.add_argument("small", type=Path)
    given = parser.parse_args()
    table = Table("beside", "turn", "priority", "time of the small job")
    rows: list[tuple[Path | None, float, Priority]] = [
        (None, 20, "normal"),
        (given.huge, _NEVER_S, "normal"),
        (given.huge, 20, "normal"),
        (given.huge, 20, "high"),
    ]
    for huge, turn_s, priority in rows:
        took = _time(huge, given.small, turn_s, priority)
        turn = "–" if turn_s == _NEVER_S else f"{turn_s:g} s"
        table.add_row("nothing" if huge is None else "a huge job", turn, priority, took)
    Console().print(table)


def _time(huge: Path | None, small: Path, turn_s: float, priority: Priority) -> str:
    with Running() as running:
        running.start_pose(_FRAME_S)
        running.start("scorer")
        running.start("writer")
        running.start("decoder", COACH_DECODE_TURN_S=str(turn_s))
        running.wait_until_ready()
        if huge is not None:
            [long] = running.jobs(huge, 1)
            running.submit([long])
            wait_for(lambda: int(running.client.hget(f"coach:job:{long.id}", "sent") or 0) > 15, 60)
        jobs = [replace(job, priority=priority) for job in running.jobs(small, 1, first=1)]
        began_s = time.monotonic()
        running.submit(jobs)
        try:
            running.wait_for_end(jobs, _GIVE_UP_S)
        except TimeoutError:
            return f"over {_GIVE_UP_S:g} s: it waits for the end of the huge job"
        return f"{time.monotonic() - began_s:.1f} s"


if __name__ == "__main__":
    main()
