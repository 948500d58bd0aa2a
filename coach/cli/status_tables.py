"""The tables of `coach status` and `coach watch`."""

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import PurePath
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from coach.cli.ages import shown
from coach.cli.progress import DOING
from shared.queue.backlog import Backlog
from shared.queue.pausing import SERVICES
from shared.queue.worker_register import Worker, autoscaled

#: Width of the tables where they are written to a file, in characters; a terminal has its own.
_WIDTH = 160

#: Width from which tables are shown, in characters (measured: below 72, the workers' table cuts
#: their names).
_TABLE_WIDTH = 72

#: The first column of tables with rows of several servers.
_SERVER = ("server",)


@dataclass
class ShownServer:
    """What `coach status` shows of one server.

    Attributes:
        name: What tells it from others.
        url: Its URL without its password.
        now_s: Its time, Unix seconds.
        jobs: Its jobs, as JSON has them.
        ended: Number of further jobs that have ended.
        version: Its product and version; "" where only jobs are shown.
        queues: Its queues; None if this user may not see them.
        workers: The workers that serve it; None where only jobs are shown.
        paused: The services that are paused.
        dead_letters: Number of dead letters.
    """

    name: str
    url: str
    now_s: float
    jobs: list[dict[str, Any]]
    ended: int = 0
    version: str = ""
    queues: list[Backlog] | None = None
    workers: list[Worker] | None = None
    paused: tuple[str, ...] = ()
    dead_letters: int = 0


@dataclass
class Shown:
    """What `coach status` shows.

    Attributes:
        servers: The servers.
        are_several: Whether the deployment has several, also if one cannot be reached.
        unreachable: What is said of servers that cannot be reached.
    """

    servers: list[ShownServer]
    are_several: bool = False
    unreachable: list[str] = field(default_factory=list)

    @property
    def jobs(self) -> list[dict[str, Any]]:
        """The jobs of all servers, newest first."""
        found = [
            {**job, "redis": server.url} if self.are_several else job
            for server in self.servers
            for job in server.jobs
        ]
        return sorted(found, key=lambda job: -job["created_s"])

    def document(self) -> dict[str, Any]:
        """All of it as JSON values."""
        servers = self.servers
        return {
            "servers": [
                {
                    "redis": one.url,
                    "server": one.version,
                    "time_s": one.now_s,
                    "paused": list(one.paused),
                    "dead_letters": one.dead_letters,
                }
                for one in servers
            ],
            "unreachable": self.unreachable,
            "queues": [
                {**asdict(queue), "redis": one.url} for one in servers for queue in one.queues or ()
            ],
            "workers": [
                {**asdict(worker), "redis": one.url}
                for one in servers
                for worker in one.workers or ()
            ],
            "jobs": self.jobs,
        }


def console() -> Console:
    """A console for tables, on which nothing is cut."""
    return Console(width=None if sys.stdout.isatty() else _WIDTH)


def overview(status: Shown) -> RenderableType:
    """Everything, as tables."""
    parts: list[RenderableType] = []
    servers, several = status.servers, status.are_several
    if any(server.workers is not None for server in servers):
        if any(server.queues is not None for server in servers):
            parts.append(_queues(servers, several))
        parts.append(_workers(servers, several))
        parts += [Text(note) for server in servers for note in _notes(server, several)]
    parts += [Text(note) for note in status.unreachable]
    jobs = status.jobs
    parts.append(jobs_table(jobs) if jobs else Text("no job waits or runs"))
    ended = sum(server.ended for server in servers)
    if ended:
        parts.append(Text(f"{ended} more have ended: --all shows them, too"))
    return Group(*parts)


def jobs_table(jobs: list[dict[str, Any]]) -> Table:
    """The jobs: clip, what happens to it, how far it is, and why it failed."""
    table = _table("jobs", "clip", "state", ">done", ">time left", "job", "results or reason")
    names = distinct_names(job["source"] for job in jobs)
    for job in jobs:
        state = DOING[job["stage"]] if job["state"] in ("queued", "running") else job["state"]
        left = "" if job["left_s"] is None else shown(job["left_s"])
        table.add_row(
            *_texts(
                names[job["source"]], state, f"{job['percent']} %", left, job["job"],
                job["error"] or job["out"],
            )
        )  # fmt: skip
    return table


def distinct_names(paths: Iterable[str]) -> dict[str, str]:
    """Path → its name, with as many of its folders as tell it from the other paths.

    >>> distinct_names(["/a/rack/1.mp4", "/b/rack/1.mp4", "/b/rack/2.mp4"])
    {'/a/rack/1.mp4': 'a/rack/1.mp4', '/b/rack/1.mp4': 'b/rack/1.mp4', '/b/rack/2.mp4': '2.mp4'}
    """
    names = {path: PurePath(path).name for path in paths}
    most = max((len(PurePath(path).parts) for path in names), default=0)
    for parts in range(2, most + 1):
        counts = Counter(names.values())
        alike = [path for path, name in names.items() if counts[name] > 1]
        names |= {path: str(PurePath(*PurePath(path).parts[-parts:])) for path in alike}
    return names


def _queues(servers: list[ShownServer], several: bool) -> Table:
    columns = ("queue", ">waiting", ">in flight", ">oldest", ">workers")
    table = _table("queues", *_SERVER * several, *columns)
    for server in servers:
        for queue in server.queues or ():
            name = queue.name.removeprefix("coach")[1:].replace(":", " ")
            is_busy = queue.waiting or queue.in_flight
            if not is_busy and name.endswith(("high", "low")):
                continue
            network = queue.name.split(":")[2] if queue.service == "pose" else ""
            there = sum(
                worker.service == queue.service and network in ("", worker.network)
                for worker in server.workers or ()
            )
            oldest = shown(queue.oldest_s) if is_busy else ""
            cells = (name, str(queue.waiting), str(queue.in_flight), oldest, str(there))
            table.add_row(*_texts(*(server.name,) * several, *cells))
    return table


def _workers(servers: list[ShownServer], several: bool) -> Table:
    columns = ("service", "worker", "network", ">frames/s", ">memory", "job", ">seen", "last error")
    table = _table("workers", *_SERVER * several, *columns)
    order = {service: at for at, service in enumerate(SERVICES)}
    found = [(server, worker) for server in servers for worker in server.workers or ()]
    for server, worker in sorted(found, key=lambda one: order.get(one[1].service, len(order))):
        table.add_row(*_texts(*(server.name,) * several, *_cells_of(worker, server.now_s)))
    return table


def _cells_of(worker: Worker, now_s: float) -> tuple[str, ...]:
    error = ""
    if worker.last_error:
        error = f"{shown(max(0.0, now_s - worker.last_error_s))} ago: {worker.last_error}"
    return (
        worker.service + (" (paused)" if worker.paused else ""),
        f"{worker.host}:{worker.pid}",
        worker.network,
        f"{worker.frames_per_s:.1f}",
        f"{worker.memory_bytes / 2**20:.0f} MB",
        worker.job,
        f"{shown(max(0.0, now_s - worker.seen_s))} ago",
        error,
    )


def _notes(server: ShownServer, several: bool) -> list[str]:
    notes = []
    there = {worker.service for worker in server.workers or ()}
    missing = [service for service in SERVICES if service not in there]
    by_themselves = autoscaled(server.workers or ())
    if "pose" in missing and by_themselves:
        missing.remove("pose")
        notes.append(f"pose workers for {', '.join(sorted(by_themselves))} start when chunks wait")
    if missing:
        notes.append(f"no worker of: {', '.join(missing)} (start them with `coach worker NAME`)")
    if server.paused:
        notes.append(f"paused: {', '.join(server.paused)} (`coach resume` lets them go on)")
    if server.queues is None:
        notes.append("this user may not see the queues")
    if server.dead_letters:
        notes.append(f"{server.dead_letters} dead letters: see `coach dead list`")
    return [f"{server.name}: {note}" if several else note for note in notes]


class _Table(Table):
    """A table; on a narrow screen each of its rows becomes lines."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if options.max_width >= _TABLE_WIDTH:
            yield from super().__rich_console__(console, options)
            return
        yield Text(str(self.title), style="italic")
        names = [str(column.header) for column in self.columns]
        for cells in zip(*(column.cells for column in self.columns), strict=True):
            first, *others = map(str, cells)
            said = [f"{name} {cell}" for name, cell in zip(names[1:], others, strict=True) if cell]
            yield Text(first, style="bold", overflow="fold")
            yield Padding(Text(", ".join(said), overflow="fold"), (0, 0, 0, 2))
        yield Text()


def _table(title: str, *columns: str) -> Table:
    """A table; numbers, whose columns begin with `>`, stand at the right."""
    table = _Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
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
