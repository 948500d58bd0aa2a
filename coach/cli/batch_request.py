"""What a person asks of `coach batch`."""

from dataclasses import dataclass
from pathlib import Path

from shared.queue.priorities import Priority
from shared.queue.servers import Servers


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks for.

    Attributes:
        sources: A folder, a pattern, a list, a URL, or several paths.
        out: Folder or URL for the results.
        root: Folder that the paths of a list are relative to.
        where: Conditions on the recordings.
        priority: Priority of the jobs.
        jobs: Largest number of jobs at a time; None for the usual one.
        pose_workers: Number of pose processes on this machine; None for one per core.
        servers: Those of a running deployment; None for a deployment on this machine.
        spool: Folder in which remote recordings lie meanwhile.
        spool_bytes: Largest total size of them.
        timeout_s: Time that each job may take, in seconds; 0 for no limit.
        settle_s: Time after which a recording that does not change is complete, in seconds.
        poll_s: Interval at which an archive by URL is listed while it is followed, in seconds.
        watch: Go on with what is recorded meanwhile.
        dry_run: Only say what would be done.
        force: Do again what is done.
        as_json: Print one JSON document to stdout.
    """

    sources: list[str]
    out: str
    root: Path | None
    where: list[str]
    priority: Priority
    jobs: int | None
    pose_workers: int | None
    servers: Servers | None
    spool: Path
    spool_bytes: int
    timeout_s: float
    settle_s: float
    poll_s: float
    watch: bool
    dry_run: bool
    force: bool
    as_json: bool
