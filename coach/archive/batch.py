"""Works through an archive: a bounded number of jobs at a time, and a row for every recording."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from coach.archive.complete import is_held_open
from coach.archive.recordings import Recording
from coach.archive.remote import RemoteFolder
from coach.archive.rows import Row, State, row_without_result, rows_of_result
from coach.archive.spool import SHOWN, Spool, deliver
from coach.archive.work import BatchOptions, Running, Stores, why_not_done
from coach.cli.disk_space import check_space
from coach.cli.submission import kind_of, release_folders, submit
from shared.errors import CoachError, OutputError, Permanent, SourceError
from shared.media.fingerprint import fingerprint, version_of
from shared.media.source import open_source
from shared.queue.job import ACTIVE, Job, new_job
from shared.queue.servers import Servers

#: Times that a job is submitted again whose record the server has lost. Chosen: a server that
#: restarts without its data does so once; more would hide that it forgets everything.
_MAX_LOST = 2


@dataclass
class Batch:
    """The state of a batch.

    Attributes:
        options: How recordings are worked on.
        stores: Where it finds and leaves things.
        waiting: Recordings that are still to be submitted, by their path within the archive.
        running: Jobs that were submitted, by id.
        rows: Rows of the recordings that have ended, by their path within the archive.
        done_before: Number of recordings whose results were there before.
        ended_bytes: Total size of the recordings that have ended in this run.
        refused: Paths of recordings that a store did not deliver, or whose result it did not take,
            and of those that were being written at their turn.
        changes: Number of times that rows were added or replaced.
        full: Why nothing more is submitted: the disk is full.
        say: Tells the user something.
        tick: Called while a long recording is read; what it raises ends the batch.
    """

    options: BatchOptions
    stores: Stores
    waiting: dict[PurePosixPath, Recording] = field(default_factory=dict)
    running: dict[str, Running] = field(default_factory=dict)
    rows: dict[PurePosixPath, list[Row]] = field(default_factory=dict)
    done_before: int = 0
    ended_bytes: int = 0
    refused: set[PurePosixPath] = field(default_factory=set)
    changes: int = 0
    full: OutputError | None = None
    say: Callable[[str], None] = lambda _: None
    tick: Callable[[], None] = lambda: None

    def add(self, recordings: Iterable[Recording]) -> None:
        """Look at recordings: what is done or cannot be taken gets its row, the rest waits."""
        recordings = list(recordings)
        self.stores.places.look_ahead(recordings)
        for recording in recordings:
            error = recording.error or self.stores.places.refusal(recording)
            if error:
                self._end(recording, "unreadable", error)
            elif not self._is_done_before(recording):
                self.waiting.pop(recording.relative, None)  # it has changed while it waited
                self.waiting[recording.relative] = recording
            self.tick()

    def forget_missing(self, listed: Iterable[Recording]) -> None:
        """Drop what waits or has ended without a result, and is no longer in the archive.

        Args:
            listed: All recordings of the archive, as it is now.
        """
        present = {recording.relative for recording in listed}
        for path in self.waiting.keys() - present:
            del self.waiting[path]
        for path in self.rows.keys() - present:
            if any(row.state != "done" for row in self.rows[path]):
                del self.rows[path]
                self.changes += 1

    def submit_next(self, servers: Servers) -> None:
        """Submit recordings until enough jobs are running, or none waits."""
        while len(self.running) < self.options.jobs and not self.full:
            recording = self._next()
            if recording is None:
                return
            try:
                if not self._has_room(recording):
                    return
                self._submit(servers, recording)
            except Permanent as error:
                self._release(recording)
                self._end(recording, "unreadable", str(error))
            if self.full is None:
                del self.waiting[recording.relative]

    def poll(self, servers: Servers) -> None:
        """Look at the running jobs; those that have ended get their rows."""
        for running in list(self.running.values()):
            server = servers.of_new(running.job.id)
            with server.errors():
                job = server.store.get(running.job.id)
            if job is None:
                self._resubmit(servers, running)
                continue
            running.job = job
            if job.state not in ACTIVE:
                del self.running[job.id]
                self._finish(running)

    def rows_without_result(self) -> list[Row]:
        """Rows of the recordings that have ended without a result."""
        return [row for rows in self.rows.values() for row in rows if row.state != "done"]

    def take_refused(self) -> set[PurePosixPath]:
        """What stores have refused since this was last called."""
        taken, self.refused = self.refused, set()
        return taken

    def _next(self) -> Recording | None:
        """The first that waits, but none whose earlier content is being worked on."""
        busy = {running.recording.relative for running in self.running.values()}
        return next((one for path, one in self.waiting.items() if path not in busy), None)

    def _is_done_before(self, recording: Recording) -> bool:
        """Whether a result is there already; it is only hashed if one may be."""
        if self.options.force or not self.stores.places.has_result(recording):
            return False
        sha256 = self._known_fingerprint(recording)
        if not sha256 and self.stores.source is not None:
            return False  # it is fetched first
        try:
            return self._take_earlier(recording, sha256 or self._fingerprint(recording))
        except SourceError:
            return False  # it is refused when its turn comes

    def _take_earlier(self, recording: Recording, sha256: str) -> bool:
        """Give a recording the rows of its earlier result; whether there is one."""
        done = self.stores.places.find_done(recording, sha256, self.options.job)
        if done is None:
            return False
        place, manifest = done
        rows = self.stores.ledger.rows(str(recording.relative), manifest)
        if not rows:
            try:
                rows = self._read_rows(recording, place)
            except Permanent:
                return False  # damaged: it is done again
            self.stores.ledger.keep_rows(str(recording.relative), manifest, rows)
        self._keep(recording, rows)
        self.done_before += 1
        return True

    def _read_rows(self, recording: Recording, place: PurePosixPath) -> list[Row]:
        folder = self.stores.places.out / place
        if self.stores.results is None:
            return rows_of_result(recording, folder, place)
        try:
            self.stores.results.fetch_files(place, SHOWN, folder)
            return rows_of_result(recording, folder, place)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _known_fingerprint(self, recording: Recording) -> str:
        try:
            version = recording.version or version_of(recording.path)
        except SourceError:
            return ""
        return self.stores.ledger.fingerprint(recording.path, version)

    def _fingerprint(self, recording: Recording) -> str:
        """The SHA-256 of a recording that lies on this machine."""
        known = self._known_fingerprint(recording)
        if known:
            return known
        version = recording.version or version_of(recording.path)
        sha256 = fingerprint(recording.path, self.tick)
        if version == (recording.version or version_of(recording.path)):
            self.stores.ledger.keep_fingerprint(recording.path, version, sha256)
        return sha256

    def _has_room(self, recording: Recording) -> bool:
        spool = self.stores.spool
        return self.stores.source is None or spool is None or spool.has_room(recording)

    def _fetch(self, source: RemoteFolder, spool: Spool, recording: Recording) -> None:
        try:
            spool.fetch(source, recording)
        except SourceError:
            self.refused.add(recording.relative)
            raise

    def _submit(self, servers: Servers, recording: Recording) -> None:
        """Check a recording and submit its job; what cannot be taken gets its row."""
        stores, options = self.stores, self.options
        if stores.source is not None and stores.spool is not None:
            self._fetch(stores.source, stores.spool, recording)
        elif is_held_open(recording.path):
            self._end(recording, "waiting", "still being written; the next run takes it")
            return
        try:
            with open_source(recording.path, options.limits) as source:
                kind = kind_of(source.info, options.job)
        except (ValueError, RuntimeError, OSError) as error:
            raise SourceError(f"cannot read {recording.path}: {error}") from error
        sha256 = self._fingerprint(recording)
        if not options.force and self._take_earlier(recording, sha256):
            self._release(recording)
            return
        try:
            check_space([(recording.path, kind)], stores.places.out, options.job.video)
        except OutputError as error:
            self.full = error
            self._release(recording)
            return
        folder = self._choose(recording, sha256)
        job = new_job(recording.path, sha256, folder, options.job, options.timeout_s, kind)
        job = replace(job, priority=options.priority, batch=options.name)
        version = None if stores.source else version_of(recording.path)
        self._enqueue(servers, job, options.force)
        self.running[job.id] = Running(recording, job, version)

    def _choose(self, recording: Recording, sha256: str) -> Path:
        """The folder of a recording's result; the user is told if it is not the usual one."""
        stores, name = self.stores, str(recording.relative)
        folder, reason = stores.places.choose(recording, sha256)
        if reason:
            place = folder if stores.results is None else stores.places.relative(folder)
            reason = reason if stores.source is None else reason.replace(str(recording.path), name)
            self.say(f"note: {name}: its result goes to {place}, because {reason}")
        return folder

    def _enqueue(self, servers: Servers, job: Job, force: bool) -> None:
        server, options = servers.of_new(job.id), self.options
        with server.errors():
            submit(
                server.client, server.store, [job], options.task_timeout_s, force,
                options.batch_jobs,
            )  # fmt: skip

    def _resubmit(self, servers: Servers, running: Running) -> None:
        """Submit a job again whose record is gone, as after a restart of a server without disk."""
        running.lost += 1
        if running.lost <= _MAX_LOST:
            self._enqueue(servers, running.job, force=False)
            return
        del self.running[running.job.id]
        self._fail(running.recording, running.job, "failed", "the server has lost the job")

    def _finish(self, running: Running) -> None:
        recording, job, stores = running.recording, running.job, self.stores
        if job.state != "done":
            self._fail(recording, job, *why_not_done(running))
            return
        folder = Path(job.out)
        place = stores.places.relative(folder)
        try:
            rows = rows_of_result(recording, folder, place)
            if stores.results is not None:
                deliver(stores.results, folder, place)
        except CoachError as error:
            if stores.results is not None and isinstance(error, OutputError):
                self.refused.add(recording.relative)
            self._fail(recording, job, "failed", str(error))
            return
        stores.ledger.keep_rows(str(recording.relative), stores.places.manifest(place) or b"", rows)
        self._release(recording)
        self._keep(recording, rows)
        self.ended_bytes += recording.size_bytes

    def _fail(self, recording: Recording, job: Job, state: State, error: str) -> None:
        release_folders([job])
        self._release(recording)
        self._end(recording, state, error)

    def _release(self, recording: Recording) -> None:
        if self.stores.spool is not None:
            self.stores.spool.release(recording)

    def _end(self, recording: Recording, state: State, error: str) -> None:
        if self.stores.source is not None:  # people know no path of the spool
            error = error.replace(str(recording.path), str(recording.relative))
        if state == "waiting":
            self.refused.add(recording.relative)
        self._keep(recording, [row_without_result(recording, state, error)])
        self.ended_bytes += recording.size_bytes

    def _keep(self, recording: Recording, rows: list[Row]) -> None:
        self.rows[recording.relative] = rows
        self.changes += 1
