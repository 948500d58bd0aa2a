"""`coach clean`: remove old results and their records together."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coach.cli.status import known_job
from coach.cli.submission import release_folders
from services.writer.publish import remove_staged
from services.writer.removal import Result, find_results, remove_result, result_in
from shared.errors import CoachError, OutputError, UsageError
from shared.media.limits import allowed_folder
from shared.names import absolute, readable
from shared.queue.connection import connect, queue_errors
from shared.queue.job import ACTIVE, Job
from shared.queue.job_store import JobStore
from shared.settings import Settings


@dataclass(frozen=True)
class _Old:
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


def run(
    folders: Sequence[Path],
    job_ids: Sequence[str],
    older_than_s: float,
    dry_run: bool,
    settings: Settings,
    as_json: bool,
) -> None:
    """Remove the results and records of ended jobs.

    Args:
        folders: folders of results that are looked through; if none, those of the server's jobs.
        job_ids: only these jobs, of any age.
        older_than_s: age from which they are removed, in seconds.
        dry_run: remove nothing.
        settings: the deployment's server is `redis_url`; results lie below `out_roots`.
        as_json: print one JSON document to stdout.

    Raises:
        UsageError: there is no such job, it has not ended, or a folder is none.
    """
    client = connect(settings.redis_url)
    store = JobStore(client, settings.keep_jobs_s)
    before_s = time.time() - older_than_s
    removed: list[dict[str, Any]] = []
    failures: list[CoachError] = []
    with queue_errors(settings.redis_url):
        if job_ids:
            named = [_ended_job(store, job_id) for job_id in job_ids]
            known = _known(store)
            jobs = [one for job in named for one in _with_sets(job, known)]
        else:
            jobs = list(_old_jobs(store, folders, before_s))
        for job in jobs:
            try:
                result = _result_of(job, settings)
                old = _Old(job.id, readable(job.source), job, result)
                removed.append(_remove(store, old, dry_run))
            except CoachError as error:
                failures.append(error)
        done = {one["out"] for one in removed}
        for result in () if job_ids else _old_results(store, folders, before_s, settings):
            if readable(str(result.folder)) in done:
                continue
            try:
                old = _Old(result.job_id, result.source, None, result)
                removed.append(_remove(store, old, dry_run))
            except CoachError as error:
                failures.append(error)
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
    if as_json:
        print(json.dumps(removed, indent=2))
    else:
        _print(removed, dry_run)
    if failures:
        sys.exit(max(error.exit_status for error in failures))


def _ended_job(store: JobStore, job_id: str) -> Job:
    """A job that the user names.

    Raises:
        UsageError: there is none, or it has not ended.
    """
    job = known_job(store, job_id)
    if job.state in ACTIVE:
        raise UsageError(f"job {job.id} is {job.state}; `coach cancel {job.id}` stops it")
    if job.recording and store.is_active(job.recording):
        raise UsageError(f"the recording of set {job.id}, job {job.recording}, has not ended")
    return job


def _known(store: JobStore) -> list[Job]:
    return [job for job in map(store.get, store.ids()) if job is not None]


def _with_sets(job: Job, known: Sequence[Job]) -> list[Job]:
    """A job; before that of a recording, those of its sets that have ended."""
    if job.kind != "recording":
        return [job]
    return [one for one in known if one.recording == job.id and one.state not in ACTIVE] + [job]


def _old_jobs(store: JobStore, folders: Sequence[Path], before_s: float) -> Iterator[Job]:
    """The jobs that have ended before a time, with results in the folders if there are any.

    Sets are removed with their recording, which names them.
    """
    places = {absolute(folder) for folder in folders}
    known = _known(store)
    for job in known:
        if job.state in ACTIVE or job.progress_s >= before_s:
            continue
        if job.recording and store.state(job.recording) is not None:
            continue
        if not places or places & {*Path(job.out).parents}:
            yield from _with_sets(job, known)


def _old_results(
    store: JobStore, folders: Sequence[Path], before_s: float, settings: Settings
) -> Iterator[Result]:
    """The results in folders whose job was made before a time, and has no record any more.

    Sets of a recording that has one stay.
    """
    recordings = {absolute(Path(job.out)) for job in _known(store) if job.kind == "recording"}
    for folder in folders:
        root = allowed_folder(absolute(folder), settings.out_roots, "COACH_OUT_ROOTS")
        if root.is_symlink() or not root.is_dir():
            raise UsageError(f"{folder} is no folder")
        for result in find_results(root):
            is_old = result.created_s < before_s and store.state(result.job_id) is None
            if is_old and result.folder.parent not in recordings:
                yield result


def _result_of(job: Job, settings: Settings) -> Result | None:
    """The result of a job; None if it has none, or another job's lies at its place by now.

    Raises:
        UsageError: its place is not allowed.
        OutputError: this computer does not see its place.
    """
    out = allowed_folder(Path(job.out), settings.out_roots, "COACH_OUT_ROOTS")
    if job.state == "done" and not out.parent.is_dir():
        raise OutputError(
            f"job {job.id}: {out.parent} is not on this computer; clean where the results are"
        )
    result = result_in(out)
    return result if result is not None and result.job_id == job.id else None


def _remove(store: JobStore, old: _Old, dry_run: bool) -> dict[str, Any]:
    """Remove a record, and the result that it leads to; what was removed."""
    size, left = 0, list[str]()
    if not dry_run and not store.forget(old.job_id):
        raise UsageError(f"job {old.job_id} was submitted again; nothing of it is removed")
    if old.result is not None:
        size, left = remove_result(old.result, dry_run)
    if old.job is not None and not dry_run:
        remove_staged(Path(old.job.out), old.job.id)
        release_folders([old.job])
    return {
        "job": old.job_id,
        "source": old.source,
        "out": None if old.result is None else readable(str(old.result.folder)),
        "record": old.job is not None,
        "bytes": size,
        "left": [readable(name) for name in left],
    }


def _print(removed: list[dict[str, Any]], dry_run: bool) -> None:
    for one in removed:
        place = one["out"] or "only its record"
        print(f"{one['job']}  {one['source']}: {place}, {one['bytes'] / 1e6:.1f} MB")
        if one["left"]:
            print(f"  stays, as it is not Coach's: {', '.join(one['left'])}", file=sys.stderr)
    total = sum(one["bytes"] for one in removed) / 1e6
    said = "would be removed" if dry_run else "removed"
    print(f"jobs {said}: {len(removed)}, with {total:.1f} MB of results", file=sys.stderr)
