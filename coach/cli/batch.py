"""`coach batch`: a whole archive, on this machine or on a running deployment."""

import re
import sys
import time
from contextlib import ExitStack, nullcontext, suppress
from threading import Event

from coach.archive.batch import Batch
from coach.archive.filters import Condition, read_conditions
from coach.archive.left_jobs import cancel, cancel_left
from coach.archive.opening import Opened, open_archive
from coach.archive.recordings import Found, LocalArchive, Recording
from coach.archive.renewal import RenewedSummary
from coach.archive.watch import FolderWatch
from coach.archive.watch_url import UrlWatch
from coach.archive.work import BatchOptions
from coach.cli.analyze import open_deployment
from coach.cli.batch_outcome import say_interrupted, say_outcome
from coach.cli.batch_progress import BatchProgress
from coach.cli.batch_request import Request
from coach.cli.batch_turns import Turns, say
from coach.cli.interrupts import INTERRUPTED
from coach.cli.submission import release_folders
from services.pose.backends import check_backend
from shared.data.job_options import JobOptions
from shared.errors import CoachError, QueueError, UsageError
from shared.media.limits import SourceLimits
from shared.names import readable_line
from shared.queue.connection import queue_errors
from shared.queue.servers import Servers
from shared.settings import Settings

#: Interval at which the running jobs are looked at, in seconds (chosen: as in `waiting`, with more
#: jobs to look at).
_CHECK_S = 0.2

#: Number of recordings whose manifests a store is asked for at a time. Chosen: enough to hide how
#: long each answer takes, and few to wait for.
_CHECKED_AT_ONCE = 100

#: Jobs that are submitted at a time if nothing else is said, on this machine and on a deployment.
#: Chosen: all stages have work, and a person's own job does not wait long.
_JOBS_HERE, _JOBS_THERE = 4, 32

#: What the page of an interrupted batch says.
_INTERRUPTED = "interrupted; run the same command to go on"


def run(request: Request, options: JobOptions, settings: Settings) -> int:
    """Analyse the recordings of an archive that have no result yet.

    Args:
        request: what is asked for.
        options: what is done with each recording.
        settings: settings of this process, and of the processes that it starts.

    Returns:
        The exit status: 0 done, 1 a job failed, 2 a recording could not be read; 130 interrupted,
        but for a watch, which has no other end.

    Raises:
        UsageError: there are no such recordings, or something that is asked for cannot be done.
    """
    check_backend(options.backend, options.pose)
    conditions = read_conditions(request.where)
    if request.servers is not None:
        list(request.servers)  # connects, before anything is looked at
    jobs = request.jobs or (_JOBS_THERE if request.servers else _JOBS_HERE)
    limits = SourceLimits.of(settings)
    with ExitStack() as stack:
        opened = stack.enter_context(
            open_archive(
                request.sources, request.out, request.root, request.spool, request.spool_bytes,
                options.video, request.dry_run,
            )
        )  # fmt: skip
        batch_options = BatchOptions(
            options, limits, jobs, settings.task_timeout_s, request.timeout_s, request.priority,
            _batch_name(opened.name), settings.batch_jobs, request.force,
        )  # fmt: skip
        batch = Batch(batch_options, opened.stores, say=say)
        work = _Work(request, settings, opened, batch, conditions)
        return work.dry_run() if request.dry_run else work.run()


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
        self._summary = RenewedSummary(opened, batch, say)
        self._is_full_told = self._is_passed_over_told = False

    def dry_run(self) -> int:
        """Say what would be done."""
        self._look_at(self._find())
        batch = self._batch
        for recording in batch.waiting.values():
            print(readable_line(f"would analyse {recording.relative}"))
        refused = self._batch.rows_without_result()
        for row in refused:
            print(readable_line(f"cannot take {row.recording}: {row.error}"))
        size = sum(recording.size_bytes for recording in batch.waiting.values())
        print(
            f"{len(batch.waiting)} to analyse ({size / 1e6:.1f} MB), {batch.done_before} done "
            f"before, {len(refused)} that cannot be taken",
            file=sys.stderr,
        )
        return UsageError.exit_status if refused else 0

    def run(self) -> int:
        """Do it, and print the outcome."""
        recordings = [] if self._request.watch else self._find()
        try:
            self._look_at(recordings)
            if self._batch.waiting or self._request.watch:
                self._work()
        except KeyboardInterrupt:
            is_watch = self._request.watch
            if not is_watch:
                self._summary.finish(_INTERRUPTED)
            is_deployment = self._request.servers is not None
            is_here = self._opened.stores.spool is None
            say_interrupted(self._batch, is_deployment, is_here, is_watch)
            if not is_watch:
                return INTERRUPTED
        except CoachError:
            self._summary.finish(_INTERRUPTED)
            raise
        self._summary.finish()
        if self._batch.full is not None:
            raise self._batch.full
        rows = self._summary.rows() if self._request.as_json else []
        return say_outcome(self._batch, self._request.out, rows, self._summary.lacks_parquet)

    def _find(self) -> list[Recording]:
        found = self._opened.find()
        wanted = self._wanted(found.recordings)
        if not wanted:
            reasons = [
                f"{count} {what}"
                for count, what in (
                    (len(found.recordings), "do not meet --where"),
                    (found.others, "other files"),
                    (found.in_out, f"in the folder for results, {self._request.out}"),
                )
                if count
            ]
            why = f" ({', '.join(reasons)})" if reasons else ""
            remedy = "choose another --out" if found.in_out else "check the name"
            remedy = "change --where" if found.recordings else remedy
            raise UsageError(f"no recordings found in {self._opened.place}{why}; {remedy}")
        self._tell_passed_over(found)
        return wanted

    def _tell_passed_over(self, found: Found) -> None:
        """Say once that videos lie in the folder for results."""
        if found.in_out and not self._is_passed_over_told:
            say(
                f"note: passed over in the folder for results, {self._request.out}: "
                f"{found.in_out} of your videos; choose another --out to have them analysed"
            )
            self._is_passed_over_told = True

    def _wanted(self, recordings: "tuple[Recording, ...] | list[Recording]") -> list[Recording]:
        self._opened.stores.places.reserve(recordings)
        now_s = time.time()
        return [one for one in recordings if all(c.holds(one, now_s) for c in self._conditions)]

    def _look_at(self, recordings: list[Recording]) -> None:
        with BatchProgress(self._batch, self._request.as_json) as display:
            batch = self._batch
            batch.tick = lambda: display.say_checking(
                len(batch.rows) + len(batch.waiting), len(recordings)
            )
            for at in range(0, len(recordings), _CHECKED_AT_ONCE):
                batch.add(recordings[at : at + _CHECKED_AT_ONCE])
            batch.tick = lambda: None

    def _work(self) -> None:
        is_deployment = self._request.servers is not None
        with ExitStack() as stack:
            if not is_deployment:
                stack.callback(self._release_folders)  # last: jobs end with their deployment
            watch = self._start_watching(stack)  # before anything else: it may be refused
            options = self._batch.options.job
            workers = self._request.pose_workers
            servers, supervise = stack.enter_context(
                open_deployment(
                    self._settings, self._request.servers, options, workers, forks=False
                )
            )
            display = stack.enter_context(BatchProgress(self._batch, self._request.as_json))
            if self._opened.stores.spool is not None:
                cancel_left(servers, self._opened.stores.spool.folder)
                stack.callback(self._cancel_running, servers)

            def show() -> None:
                supervise(True)
                with suppress(QueueError) if is_deployment else nullcontext(), queue_errors():
                    display.show(servers)

            self._batch.tick = show
            turns = Turns(self._batch, servers, is_deployment, show)
            while True:
                turns.take()
                self._summary.renew_if_due("following the archive" if watch else "still running")
                if watch is not None:
                    self._tell_full_disk()
                    self._take_new(watch)
                elif self._is_finished():
                    break
                else:
                    Event().wait(_CHECK_S)

    def _is_finished(self) -> bool:
        batch = self._batch
        return not batch.running and (not batch.waiting or batch.full is not None)

    def _start_watching(self, stack: ExitStack) -> "FolderWatch | UrlWatch | None":
        """Start to follow the archive, if that is asked for."""
        if not self._request.watch:
            return None
        archive, settle_s = self._opened.archive, self._request.settle_s
        watch: FolderWatch | UrlWatch
        if isinstance(archive, LocalArchive):
            watch = FolderWatch(archive, self._batch.options.limits, settle_s)
        else:
            watch = UrlWatch(self._opened.find, self._request.poll_s, settle_s, say)
        stack.enter_context(watch)
        say(f"following {self._opened.place}; Ctrl-C ends it")
        return watch

    def _take_new(self, watch: "FolderWatch | UrlWatch") -> None:
        """Take the recordings that are complete by now; then wait a little."""
        found, complete = watch.find_complete()
        if found is not None:
            self._tell_passed_over(found)
            self._batch.full = None  # somebody may have made room
            self._opened.stores.places.reserve(found.recordings)
            self._batch.forget_missing(found.recordings)
            self._batch.add(self._wanted(complete))
        watch.give_again(self._batch.take_refused())
        watch.wait()

    def _tell_full_disk(self) -> None:
        """Say once that the disk is full, while the archive is followed."""
        is_full = self._batch.full is not None
        if is_full and not self._is_full_told:
            say(f"{self._batch.full}. The recordings wait until there is room.")
        self._is_full_told = is_full

    def _cancel_running(self, servers: Servers) -> None:
        """Cancel what still runs: its recordings are about to be removed from the spool."""
        for running in self._batch.running.values():
            cancel(servers.of_new(running.job.id), running.job)

    def _release_folders(self) -> None:
        release_folders(running.job for running in self._batch.running.values())
