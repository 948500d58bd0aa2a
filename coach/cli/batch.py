"""`coach batch`: a whole archive, on this machine or on a running deployment."""

import re
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from coach.archive.batch import Batch
from coach.archive.filters import Condition, read_conditions
from coach.archive.opening import Opened, open_archive
from coach.archive.recordings import LocalArchive, Recording
from coach.archive.rows import Row
from coach.archive.summary import Summary
from coach.archive.watch import FolderWatch
from coach.archive.work import BatchOptions
from coach.cli.analyze import open_deployment
from coach.cli.batch_outcome import say_interrupted, say_outcome
from coach.cli.batch_progress import BatchProgress
from coach.cli.submission import release_folders
from services.pose.backends import check_backend
from shared.data.job_options import JobOptions
from shared.errors import CoachError, UsageError
from shared.media.limits import SourceLimits
from shared.names import readable
from shared.queue.connection import Client, connect, queue_errors
from shared.queue.job_store import JobStore
from shared.queue.priorities import Priority
from shared.settings import Settings

#: Interval at which the running jobs are looked at, in seconds (chosen: as in `waiting`, with more
#: jobs to look at).
_CHECK_S = 0.2

#: Jobs that are submitted at a time if nothing else is said, on this machine and on a deployment.
#: Chosen: all stages have work, and a person's own job does not wait long.
_JOBS_HERE, _JOBS_THERE = 4, 32


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
        redis_url: Server of a running deployment; None for a deployment on this machine.
        spool: Folder in which remote recordings lie meanwhile.
        spool_bytes: Largest total size of them.
        timeout_s: Time that each job may take, in seconds; 0 for no limit.
        settle_s: Time after which a recording that does not change is complete, in seconds.
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
    redis_url: str | None
    spool: Path
    spool_bytes: int
    timeout_s: float
    settle_s: float
    watch: bool
    dry_run: bool
    force: bool
    as_json: bool


def run(request: Request, options: JobOptions, settings: Settings) -> int:
    """Analyse the recordings of an archive that have no result yet.

    Args:
        request: what is asked for.
        options: what is done with each recording.
        settings: settings of this process, and of the processes that it starts.

    Returns:
        The exit status: 0 done, 1 a job failed, 2 a recording could not be read, 130 interrupted.

    Raises:
        UsageError: there are no such recordings, or something that is asked for cannot be done.
    """
    check_backend(options.backend, options.pose)
    conditions = read_conditions(request.where)
    client = connect(request.redis_url) if request.redis_url is not None else None
    jobs = request.jobs or (_JOBS_THERE if client else _JOBS_HERE)
    limits = SourceLimits.of(settings)
    with ExitStack() as stack:
        opened = stack.enter_context(
            open_archive(
                request.sources, request.out, request.root, request.spool, request.spool_bytes,
                options.video, request.dry_run,
            )
        )  # fmt: skip
        if request.watch and not isinstance(opened.archive, LocalArchive):
            raise UsageError("--watch follows a folder of this machine; run it again for a URL")
        batch_options = BatchOptions(
            options, limits, jobs, settings.task_timeout_s, request.timeout_s, request.priority,
            _batch_name(opened.name), settings.batch_jobs, request.force,
        )  # fmt: skip
        work = _Work(request, settings, opened, Batch(batch_options, opened.stores), conditions)
        return work.dry_run() if request.dry_run else work.run(client)


def _batch_name(archive: str) -> str:
    """The name that the jobs of an archive share: as a deployment takes it."""
    return re.sub(r"[^0-9A-Za-z_.@+-]+", "-", archive)[-100:] or "archive"


class _Work:
    """One run of `coach batch`."""

    def __init__(
        self,
        request: Request,
        settings: Settings,
        opened: Opened,
        batch: Batch,
        conditions: list[Condition],
    ) -> None:
        self._request = request
        self._settings = settings
        self._opened = opened
        self._batch = batch
        self._conditions = conditions
        self._summary = Summary(opened.stores.places.out, opened.name)
        self._earlier = opened.earlier_rows()

    def dry_run(self) -> int:
        """Say what would be done."""
        self._look_at(self._find())
        batch = self._batch
        for recording in batch.waiting:
            print(readable(f"would analyse {recording.relative}"))
        refused = self._batch.rows_without_result()
        for row in refused:
            print(f"cannot take {row.recording}: {row.error}")
        size = sum(recording.size_bytes for recording in batch.waiting)
        print(
            f"{len(batch.waiting)} to analyse ({size / 1e6:.1f} MB), {batch.done_before} done "
            f"before, {len(refused)} that cannot be taken",
            file=sys.stderr,
        )
        return UsageError.exit_status if refused else 0

    def run(self, client: Client | None) -> int:
        """Do it, and print the outcome."""
        recordings = [] if self._request.watch else self._find()
        try:
            self._look_at(recordings)
            if self._batch.waiting or self._request.watch:
                self._work(client)
        except KeyboardInterrupt:
            self._write_summary("interrupted; run the same command to go on")
            say_interrupted(self._batch, client is not None)
            if not self._request.watch:
                return 130
        except CoachError:
            self._write_summary("interrupted; run the same command to go on")
            raise
        self._write_summary()
        if self._batch.full is not None:
            raise self._batch.full
        rows = self._rows() if self._request.as_json else []
        return say_outcome(self._batch, self._request.out, rows, self._summary.lacks_parquet)

    def _find(self) -> list[Recording]:
        found = self._opened.find()
        wanted = self._wanted(found.recordings)
        if not wanted:
            others = f", and {found.others} other files" if found.others else ""
            left = f": {len(found.recordings)} recordings do not meet --where" * bool(
                found.recordings
            )
            raise UsageError(f"no recordings found in {self._opened.name}{left}{others}")
        return wanted

    def _wanted(self, recordings: "tuple[Recording, ...] | list[Recording]") -> list[Recording]:
        self._opened.stores.places.reserve(recordings)
        now_s = time.time()
        return [one for one in recordings if all(c.holds(one, now_s) for c in self._conditions)]

    def _look_at(self, recordings: list[Recording]) -> None:
        with BatchProgress(self._batch, self._request.as_json) as display:
            for number, recording in enumerate(recordings, start=1):
                self._batch.add([recording])
                display.say_checking(number, len(recordings))

    def _work(self, client: Client | None) -> None:
        with ExitStack() as stack:
            if client is None:
                stack.callback(self._release_folders)  # last: jobs end with their deployment
            options = self._batch.options.job
            workers = self._request.pose_workers
            server, supervise = stack.enter_context(
                open_deployment(self._settings, client, options, workers, forks=False)
            )
            store = JobStore(server, self._settings.keep_jobs_s)
            display = stack.enter_context(BatchProgress(self._batch, self._request.as_json))
            stack.enter_context(queue_errors(self._settings.redis_url if client else ""))
            wait = self._start_watching(stack) or self._pause

            def tick() -> None:
                supervise(True)
                display.show(store)

            self._batch.tick = tick
            while True:
                self._batch.submit_next(server, store)
                self._batch.poll(server, store)
                tick()
                if self._summary.is_due:
                    self._write_summary("still running")
                if self._is_finished() and not self._request.watch:
                    break
                wait()

    def _pause(self) -> None:
        Event().wait(_CHECK_S)

    def _is_finished(self) -> bool:
        batch = self._batch
        return not batch.running and (not batch.waiting or batch.full is not None)

    def _start_watching(self, stack: ExitStack) -> Callable[[], None] | None:
        """Start to follow the folder, if that is asked for; what is called between two looks."""
        archive = self._opened.archive
        if not self._request.watch or not isinstance(archive, LocalArchive):
            return None
        limits, settle_s = self._batch.options.limits, self._request.settle_s
        watch = stack.enter_context(FolderWatch(archive, limits, settle_s))
        print(f"following {archive.root}; Ctrl-C ends it", file=sys.stderr)

        def wait() -> None:
            found, complete = watch.find_complete()
            if found is not None:
                self._opened.stores.places.reserve(found.recordings)
                self._batch.add(self._wanted(complete))
            watch.wait()

        return wait

    def _release_folders(self) -> None:
        release_folders(running.job for running in self._batch.running.values())

    def _rows(self) -> list[Row]:
        """The rows of this run, and those of earlier ones that it did not look at."""
        now = {readable(str(path)) for path in self._batch.rows}
        rows = [row for rows in self._batch.rows.values() for row in rows]
        return rows + [row for row in self._earlier if row.recording not in now]

    def _write_summary(self, progress: str = "") -> None:
        self._summary.write(self._rows(), progress)
        if self._opened.stores.results is not None and progress != "still running":
            self._opened.deliver_summary()
