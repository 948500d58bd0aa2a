"""From clips to jobs: check the sources, choose the result folders, enqueue the decoding."""

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from coach.cli.disk_space import check_space
from coach.cli.result_folders import ResultFolders
from services.writer.publish import is_published
from shared import claims
from shared.claims import Owner
from shared.data.job_options import JobOptions
from shared.errors import CoachError, OutputError, QueueError, SourceError, UsageError
from shared.media.fingerprint import fingerprint
from shared.media.frames import SourceInfo
from shared.media.limits import DEFAULT_LIMITS, SourceLimits
from shared.media.source import open_source
from shared.names import absolute, readable
from shared.queue import tasks
from shared.queue.batches import Batches
from shared.queue.connection import Client, queue_errors
from shared.queue.job import Job, Kind, new_job
from shared.queue.job_store import JobStore
from shared.queue.servers import Servers
from shared.settings import BATCH_JOBS

#: Duration from which a source is a recording, whose sets get a result each, in seconds. Chosen: a
#: clip of one set takes a minute or two; a longer film shows pauses, too.
LONG_S = 300.0


def prepare(
    clips: Sequence[Path],
    out: Path,
    options: JobOptions,
    limits: SourceLimits = DEFAULT_LIMITS,
    timeout_s: float = 0.0,
) -> tuple[list[Job], list[CoachError]]:
    """Make a job of every clip that can be read. A clip that is given twice has one job.

    Args:
        clips: video files, GIFs or folders of pictures.
        out: folder for the results; each clip gets a folder below it.
        options: what is done with each clip.
        limits: where clips may lie, and how large their frames may be.
        timeout_s: time that each job may take, in seconds; 0 for no limit.

    Returns:
        The jobs, and the errors of the other clips: each is that clip's alone.

    Raises:
        OutputError: results cannot be written to `out`, or do not fit on its disk.
    """
    check_out(out)
    out = absolute(out)
    folders = ResultFolders(out, options.video)
    jobs: dict[str, Job] = {}
    refused: list[CoachError] = []
    try:
        for clip in clips:
            try:
                job = _prepare_one(clip, folders, options, limits, timeout_s)
                jobs[job.id] = job
            except CoachError as error:
                refused.append(error)
        kinds = [(Path(job.source), job.kind) for job in jobs.values()]
        check_space(kinds, out, options.video)
    except BaseException:
        folders.give_up()
        raise
    return list(jobs.values()), refused


def _prepare_one(
    given: Path,
    folders: ResultFolders,
    options: JobOptions,
    limits: SourceLimits,
    timeout_s: float,
) -> Job:
    """Make the job of one clip; say so if its result folder has not the clip's name."""
    try:
        clip = absolute(given)
        with open_source(clip, limits) as source:
            kind = kind_of(source.info, options)
        sha256 = fingerprint(clip)
    except (ValueError, RuntimeError, OSError) as error:  # NUL in the name, a circle of links
        raise SourceError(f"cannot read {given}: {error}; check the name") from error
    folder, reason = folders.choose(clip, sha256)
    if reason:
        text = readable(f"note: {given}: its result goes to {folder}, because {reason}")
        print(text, file=sys.stderr)
    return new_job(clip, sha256, folder, options, timeout_s, kind=kind)


def kind_of(info: SourceInfo, options: JobOptions) -> Kind:
    """Whether a source is judged as a whole or, as a recording, set by set.

    Raises:
        SourceError: it is to be judged set by set and cannot be.
    """
    if options.sets == "off" or (options.sets == "auto" and info.duration_s <= LONG_S):
        return "clip"
    if info.can_be_entered:
        return "recording"
    if options.sets == "auto":
        return "clip"
    raise SourceError(
        f"{info.path} cannot be judged set by set: it is no video file of one take; convert it to "
        "MP4, or leave out --sets on"
    )


def release_folders(jobs: Iterable[Job]) -> None:
    """Give up the result folders of jobs that have ended without a result."""
    for job in jobs:
        claims.release(Path(job.out), Owner.of(job.source, job.sha256))
        with suppress(OSError):  # it holds files, or was not made
            os.rmdir(job.out)


def release_unrecorded(servers: Servers, jobs: Iterable[Job]) -> None:
    """Give up the result folders of jobs that were not recorded; not where a server is away."""
    away = set[str]()
    for job in jobs:
        url = servers.url_of_new(job.id)
        try:
            with queue_errors(url):
                if url not in away and servers.at(url).store.state(job.id) is None:
                    release_folders([job])
        except QueueError:
            away.add(url)


def submit(
    client: Client,
    store: JobStore,
    jobs: Iterable[Job],
    timeout_s: int,
    force: bool = False,
    batch_jobs: int = BATCH_JOBS,
) -> list[Job]:
    """Record jobs and enqueue their decoding; that of a batch as far as it has room.

    A job that is active already is left unchanged, and so is one that is done and whose result is
    still there. If this process dies in between, the scorers' `StalledJobMonitor` enqueues the
    task.

    Args:
        client: connection to the server.
        store: the jobs on it.
        jobs: the jobs to submit.
        timeout_s: time limit of decoding, in seconds.
        force: do such jobs again, too.
        batch_jobs: how many jobs of one batch are at work at a time.

    Returns:
        The jobs that are done already.
    """
    done = []
    jobs = list(jobs)
    batches = Batches(client, batch_jobs, timeout_s)
    for job in jobs:
        if not force and _is_done(store, job):
            release_folders([job])
            done.append(job)
        elif not store.create(job, force):
            continue
        elif job.batch:
            batches.park(job)
        else:
            tasks.enqueue(client, "decode", job.id, timeout_s)
    for batch in {job.batch for job in jobs if job.batch}:
        batches.begin(batch)
    return done


def _is_done(store: JobStore, job: Job) -> bool:
    """Whether a job was done before, and its result is as it was written."""
    earlier = store.get(job.id)
    if earlier is None or earlier.state != "done":
        return False
    return is_published(Path(job.out), job.id, earlier.created_s)


def check_names(files: Iterable[Path]) -> None:
    """Check that analyses lie in folders of different names, since results in one place take them.

    Raises:
        UsageError: two have the same.
    """
    counts = Counter(absolute(file).parent.name for file in files)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise UsageError(
            f"{len(twice)} names occur twice ({twice[0]}): use an --out of its own for each, or "
            "leave out --out"
        )


def check_out(out: Path) -> None:
    """Check that folders can be made in `out`, before any work is done.

    Raises:
        OutputError: they cannot.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):  # under a name that nobody else has
            pass
    except OSError as error:
        raise OutputError(
            f"cannot write to the folder {out} ({error.strerror}); choose another with --out"
        ) from error
