"""What `coach clean` removes: the results of jobs that have ended, and their records, together.

The sets of a recording, with records or without, go with the recording and not before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.writer.removal import Result, find_results, is_set, result_in, set_results_in
from shared.errors import CoachError, OutputError, UsageError
from shared.media.limits import allowed_folder
from shared.names import absolute, readable
from shared.queue.job import ACTIVE, Job
from shared.queue.servers import Servers
from shared.settings import Settings


@dataclass(frozen=True)
class Old:
    """What is to be removed.

    Attributes:
        job_id: Id of the job.
        source: Its clip, as readable text.
        job: Its record; None if there is none any more.
        result: Its result; None if there is none any more.
    """

    job_id: str
    source: str
    job: Job | None
    result: Result | None


class OldResults:
    """Finds what is to be removed.

    Args:
        servers: the deployment's servers.
        settings: results lie below `out_roots`.
        before_s: time before which a job must have ended, Unix seconds.

    Raises:
        QueueError: a server cannot be reached.
    """

    def __init__(self, servers: Servers, settings: Settings, before_s: float) -> None:
        self._settings, self._before_s = settings, before_s
        self._known: dict[str, Job] = {}
        for server in servers:
            with server.errors():
                for job_id in server.store.ids():
                    self._add(server.store.get(job_id))
        self._recordings = {
            absolute(Path(job.out)) for job in self._known.values() if job.kind == "recording"
        }
        self._planned: set[Path] = set()
        self._planned_jobs: set[str] = set()
        self.failures: list[CoachError] = []

    def of_jobs(self, job_ids: Sequence[str]) -> Iterator[Old]:
        """What is left of jobs that the user names, of any age.

        Raises:
            UsageError: there is no such job, or it has not ended.
        """
        for job_id in job_ids:
            if job_id not in self._known:
                raise UsageError(f"there is no job {job_id!r}; `coach status` lists all jobs")
            self._check_ended(self._known[job_id])
        for job_id in job_ids:
            yield from self._with_sets(self._known[job_id])

    def in_folders(self, folders: Sequence[Path]) -> Iterator[Old]:
        """What is left of old jobs with results in folders; of all old jobs if none is named.

        Raises:
            UsageError: one is no folder, or not allowed.
        """
        places = {absolute(folder) for folder in folders}
        for job in self._known.values():
            is_old = job.state not in ACTIVE and job.progress_s < self._before_s
            is_there = not places or places & {*Path(job.out).parents}
            if is_old and is_there and not self._waits_for_recording(job):
                yield from self._with_sets(job)
        for folder in folders:
            root = allowed_folder(absolute(folder), self._settings.out_roots, "COACH_OUT_ROOTS")
            if root.is_symlink() or not root.is_dir():
                raise UsageError(f"{folder} is no folder")
            for result in find_results(root):
                if result.folder not in self._planned and self._is_old(result):
                    yield self._of_result(result)

    def _add(self, job: Job | None) -> None:
        """Add a record. If two servers have records of the same job, the active one counts."""
        if job is not None and (job.id not in self._known or job.state in ACTIVE):
            self._known[job.id] = job

    def _check_ended(self, job: Job) -> None:
        if job.state in ACTIVE:
            raise UsageError(f"job {job.id} is {job.state}; `coach cancel {job.id}` stops it")
        recording = self._known.get(job.recording)
        if recording is not None and recording.state in ACTIVE:
            raise UsageError(f"the recording of set {job.id}, job {job.recording}, has not ended")

    def _waits_for_recording(self, job: Job) -> bool:
        """Whether a job is a set whose recording is still there, as a record or as a result."""
        if not job.recording:
            return False
        return job.recording in self._known or result_in(Path(job.out).parent) is not None

    def _with_sets(self, job: Job) -> Iterator[Old]:
        """A job; before that of a recording, its sets that have ended."""
        if job.kind == "recording":
            for one in self._known.values():
                if one.recording == job.id and one.state not in ACTIVE:
                    yield from self._of_job(one)
        own = list(self._of_job(job))
        if own and job.kind == "recording":
            for result in set_results_in(Path(job.out)):
                if result.folder not in self._planned and not self._is_active(result):
                    yield self._of_result(result)
        yield from own

    def _of_job(self, job: Job) -> Iterator[Old]:
        if job.id in self._planned_jobs:
            return
        self._planned_jobs.add(job.id)
        try:
            result = self._result_of(job)
        except CoachError as error:
            self.failures.append(error)
            return
        if result is not None:
            self._planned.add(result.folder)
        yield Old(job.id, readable(job.source), job, result)

    def _of_result(self, result: Result) -> Old:
        self._planned.add(result.folder)
        return Old(result.job_id, result.source, self._known.get(result.job_id), result)

    def _is_active(self, result: Result) -> bool:
        job = self._known.get(result.job_id)
        return job is not None and job.state in ACTIVE

    def _is_old(self, result: Result) -> bool:
        """Whether a result goes though its job has no record: a set's goes with its recording's."""
        place = result.folder.parent
        recording = result_in(place) if is_set(result) else None
        if recording is not None:
            return self._is_old(recording) and not self._is_active(result)
        is_unwritten = is_set(result) and place in self._recordings
        is_old = result.created_s < self._before_s and result.job_id not in self._known
        return is_old and not is_unwritten

    def _result_of(self, job: Job) -> Result | None:
        """The result of a job; None if it has none, or another job's lies at its place by now.

        Raises:
            UsageError: its place is not allowed.
            OutputError: this computer does not see its place.
        """
        out = allowed_folder(Path(job.out), self._settings.out_roots, "COACH_OUT_ROOTS")
        if job.state == "done" and not out.parent.is_dir():
            raise OutputError(
                f"job {job.id}: {out.parent} is not on this computer; clean where the results are"
            )
        result = result_in(out)
        return result if result is not None and result.job_id == job.id else None
