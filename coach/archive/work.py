"""What a batch works with: its options, its stores, and the jobs that it has submitted."""

from dataclasses import dataclass

from coach.archive.ledger import Ledger
from coach.archive.places import Places
from coach.archive.recordings import Recording
from coach.archive.remote import RemoteFolder
from coach.archive.rows import State
from coach.archive.spool import Spool
from shared.data.job_options import JobOptions
from shared.errors import SourceError
from shared.media.fingerprint import version_of
from shared.media.limits import SourceLimits
from shared.queue.job import Job
from shared.queue.priorities import Priority
from shared.settings import BATCH_JOBS


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How the recordings of a batch are worked on.

    Attributes:
        job: What is done with each.
        limits: Where recordings may lie, and how large their frames may be.
        jobs: Largest number of jobs that are submitted at a time.
        task_timeout_s: Time limit of decoding, in seconds.
        timeout_s: Time that each job may take, in seconds; 0 for no limit.
        priority: Priority of the jobs.
        name: Name that the jobs share.
        batch_jobs: How many jobs of one name are at work at a time.
        force: Do again what is done.
    """

    job: JobOptions
    limits: SourceLimits
    jobs: int
    task_timeout_s: int
    timeout_s: float = 0.0
    priority: Priority = "low"
    name: str = ""
    batch_jobs: int = BATCH_JOBS
    force: bool = False


@dataclass
class Running:
    """A job that was submitted.

    Attributes:
        recording: Its recording.
        job: Its record, as it was seen last.
        version: What the file system said of the recording when it was submitted.
        lost: How often the server has lost it.
    """

    recording: Recording
    job: Job
    version: object = None
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Stores:
    """Where a batch finds and leaves things.

    Attributes:
        places: Folders of the results.
        ledger: What earlier runs have seen.
        source: The archive, if it is remote.
        results: The folder for results, if it is remote.
        spool: Where remote recordings and results lie meanwhile; None if neither is remote.
    """

    places: Places
    ledger: Ledger
    source: RemoteFolder | None = None
    results: RemoteFolder | None = None
    spool: Spool | None = None


def why_not_done(running: Running) -> tuple[State, str]:
    """State and error of a recording whose job has no result."""
    job = running.job
    if running.version:
        now = _version_now(running.recording)
        if now is None:
            return "unreadable", "it was removed or renamed meanwhile"
        if now != running.version:
            return "waiting", "still being written; the next run takes it"
    if job.state == "cancelled":
        return "cancelled", "cancelled; the next run does it"
    is_unreadable = job.error_kind == SourceError.__name__
    return "unreadable" if is_unreadable else "failed", job.error


def _version_now(recording: Recording) -> object:
    """What the file system says of a recording; None if it is gone."""
    try:
        return version_of(recording.path)
    except SourceError:
        return None
