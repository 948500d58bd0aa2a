"""The tables of `coach status` and `coach watch`."""

import sys
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from coach.cli.ages import shown
from coach.cli.progress import DOING
from shared.queue.backlog import Backlog
from shared.queue.pausing import SERVICES
from shared.queue.worker_register import Worker

#: Width of the tables where they are written to a file, in characters; a terminal has its own.
_WIDTH = 160


@dataclass
class Shown:
    """What `coach status` shows.

    Attributes:
        now_s: The server's time, Unix seconds.
        jobs: The jobs, as JSON has them.
        ended: Number of further jobs that have ended.
        server: The server's name and version; None where only jobs are shown.
        queues: The queues; None if this user may not see them.
        workers: The workers that are there.
        paused: The services that are paused.
        dead_letters: Number of dead letters.
    """

    now_s: float
    jobs: list[dict[str, Any]]
    ended: int = 0
    server: str | None = None
    queues: list[Backlog] | None = None
    workers: list[Worker] | None = None
    paused: tuple[str, ...] = ()
    dead_letters: int = 0

    def document(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return {
            "server": self.server,
            "time_s": self.now_s,
            "paused": list(self.paused),
            "dead_letters": self.dead_letters,
            "queues": None if self.queues is None else [asdict(queue) for queue in self.queues],
            "workers": [asdict(worker) for worker in self.workers or ()],
            "jobs": self.jobs,
        }


def console() -> Console:
    """A console for tables, on which nothing is cut."""
    return Console(width=None if sys.stdout.isatty() else _WIDTH)


def overview(status: Shown) -> RenderableType:
    """Everything, as tables."""
    parts: list[RenderableType] = []
    if status.workers is not None:
        if status.queues is not None:
            parts.append(_queues(status.queues, status.workers))
        parts.append(_workers(status.workers, status.now_s))
        parts += _notes(status)
    parts.append(jobs_table(status.jobs) if status.jobs else Text("no job waits or runs"))
    if status.ended:
        parts.append(Text(f"{status.ended} more have ended: --all shows them, too"))
    return Group(*parts)


def jobs_table(jobs: list[dict[str, Any]]) -> Table:
    """The jobs: clip, what happens to it, how far it is, and why it failed."""
    table = _table("jobs", "clip", "state", ">done", ">time left", "job", "results or reason")
    for job in jobs:
        state = DOING[job["stage"]] if job["state"] in ("queued", "running") else job["state"]
        left = "" if job["left_s"] is None else shown(job["left_s"])
        table.add_row(
            *_texts(
                PurePath(job["source"]).name, state, f"{job['percent']} %", left, job["job"],
                job["error"] or job["out"],
            )
        )  # fmt: skip
    return table


def _queues(queues: list[Backlog], workers: list[Worker]) -> Table:
    table = _table("queues", "queue", ">waiting", ">in flight", ">oldest", ">workers")
    for queue in queues:
        name = queue.name.removeprefix("coach")[1:].replace(":", " ")
        is_busy = queue.waiting or queue.in_flight
        if not is_busy and name.endswith(("high", "low")):
            continue
        network = queue.name.split(":")[2] if queue.service == "pose" else ""
        there = sum(
            worker.service == queue.service and network in ("", worker.network)
            for worker in workers
        )
        oldest = shown(queue.oldest_s) if is_busy else ""
        table.add_row(*_texts(name, str(queue.waiting), str(queue.in_flight), oldest, str(there)))
    return table


def _workers(workers: list[Worker], now_s: float) -> Table:
    columns = ("service", "worker", "network", ">frames/s", ">memory", "job", ">seen", "last error")
    table = _table("workers", *columns)
    order = {service: at for at, service in enumerate(SERVICES)}
    for worker in sorted(workers, key=lambda one: order.get(one.service, len(order))):
        error = ""
        if worker.last_error:
            error = f"{shown(max(0.0, now_s - worker.last_error_s))} ago: {worker.last_error}"
        table.add_row(
            *_texts(
                worker.service + (" (paused)" if worker.paused else ""),
                f"{worker.host}:{worker.pid}",
                worker.network,
                f"{worker.frames_per_s:.1f}",
                f"{worker.memory_bytes / 2**20:.0f} MB",
                worker.job,
                f"{shown(max(0.0, now_s - worker.seen_s))} ago",
                error,
            )
        )
    return table


def _notes(status: Shown) -> list[RenderableType]:
    notes = []
    there = {worker.service for worker in status.workers or ()}
    missing = [service for service in SERVICES if service not in there]
    if missing:
        notes.append(f"no worker of: {', '.join(missing)} (start them with `coach worker NAME`)")
    if status.paused:
        notes.append(f"paused: {', '.join(status.paused)} (`coach resume` lets them go on)")
    if status.queues is None:
        notes.append("this user may not see the queues")
    if status.dead_letters:
        notes.append(f"{status.dead_letters} dead letters: see `coach dead list`")
    return [Text(note) for note in notes]


def _table(title: str, *columns: str) -> Table:
    """A table; numbers, whose columns begin with `>`, stand at the right."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(
            column.removeprefix(">"),
            justify="right" if column.startswith(">") else "left",
            overflow="fold",
        )
    return table


def _texts(*cells: str) -> list[Text]:
    """Cells as they are: a name may hold what looks like markup."""
    return [Text(cell) for cell in cells]
