"""`coach analyze`: the whole job, on this machine or on a running deployment."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

from coach.cli.progress import ProgressDisplay, progress_of
from coach.cli.submission import prepare, release_folders, submit
from coach.files import load
from coach.local.deployment import LocalDeployment, default_pose_workers
from services.pose import engines
from services.pose.backends import check_backend, networks_of
from services.pose.runtime import Runtime
from services.writer.report import headline_of
from services.writer.report.words import format_score
from shared.data import document
from shared.data.analysis import Analysis
from shared.data.job_options import JobOptions
from shared.errors import CoachError, exit_status_of
from shared.media.limits import SourceLimits
from shared.names import readable
from shared.queue.connection import Client, connect, queue_errors
from shared.queue.job import ACTIVE, Job
from shared.queue.job_store import JobStore
from shared.settings import Settings

#: Interval at which the state of the jobs is checked, in seconds.
_CHECK_S = 0.2


def run(
    clips: Sequence[Path],
    out: Path,
    options: JobOptions,
    settings: Settings,
    redis_url: str | None = None,
    pose_workers: int | None = None,
    as_json: bool = False,
) -> tuple[int, list[Job]]:
    """Analyse clips and print the outcome of each.

    Args:
        clips: video files, GIFs or folders of pictures.
        out: folder for the results; each clip gets a folder below it.
        options: what is done with each clip.
        settings: settings of this process, and of the processes that it starts.
        redis_url: server of a running deployment; None starts a deployment on this machine.
        pose_workers: number of pose processes to start; None for one per core.
        as_json: print one JSON document to stdout.

    Returns:
        The exit status (0 done, 1 a job failed, 2 a clip could not be read), and the jobs as they
        have ended.
    """
    check_backend(options.backend, options.pose)
    client = connect(redis_url) if redis_url is not None else None  # before folders are claimed
    jobs, refused = prepare(clips, out, options, SourceLimits.of(settings))
    for error in refused:
        print(f"error: {error}", file=sys.stderr)
    ended: list[Job] = []
    try:
        if jobs:
            with _deployment(settings, client, options, pose_workers) as (server, supervise):
                ended = _run_jobs(server, jobs, settings, supervise, quiet=as_json)
    finally:
        if client is None:
            release_folders(jobs)  # they end with their deployment, however that ends
    _print_outcomes(ended, as_json)
    statuses = [exit_status_of(job.error_kind) for job in ended if job.state != "done"]
    statuses += [error.exit_status for error in refused]
    return max(statuses, default=0), ended


@contextmanager
def _deployment(
    settings: Settings, client: Client | None, options: JobOptions, pose_workers: int | None
) -> Iterator[tuple[Client, Callable[[], None]]]:
    """A connection to a deployment, and a function that restarts its workers if they have died."""
    if client is not None:
        yield client, lambda: None
        return
    # In this process, so that the user sees the download and any error.
    runtime = Runtime.of(settings)
    engines.check(runtime, networks_of(options.backend, runtime, options.pose))
    settings = settings.model_copy(update={"backend": options.backend})
    with LocalDeployment(settings, pose_workers or default_pose_workers()) as local:
        yield connect(local.url), local.supervise


def _run_jobs(
    client: Client,
    jobs: list[Job],
    settings: Settings,
    supervise: Callable[[], None],
    quiet: bool,
) -> list[Job]:
    """Submit the jobs and wait until all have ended; cancel them if that is interrupted.

    Those that have ended without a result give up their folders. If the server does not answer,
    jobs may still run: they keep them.
    """
    store = JobStore(client, settings.keep_jobs_s)
    with queue_errors():
        submit(client, store, jobs, settings.task_timeout_s)
    pause = Event()
    try:
        with ProgressDisplay(quiet) as display, queue_errors():
            while True:
                supervise()
                current = [store.get(job.id) or job for job in jobs]
                display.show(progress_of(store, job) for job in current)
                if not any(job.state in ACTIVE for job in current):
                    break
                pause.wait(_CHECK_S)
        release_folders(job for job in current if job.state != "done")
        return current
    except (KeyboardInterrupt, CoachError):
        with queue_errors():
            for job in jobs:
                store.cancel(job.id)
        release_folders(jobs)
        raise


def _print_outcomes(jobs: Sequence[Job], as_json: bool) -> None:
    """Print the outcome of each job: lines on stderr, and with `as_json` JSON on stdout."""
    ended = [_outcome(job) for job in jobs]
    if as_json:
        print(json.dumps([outcome for outcome, _ in ended], indent=2))
    for outcome, notes in ended:
        name = outcome["source"]
        if outcome["state"] != "done":
            print(f"error: {name}: {outcome['error'] or outcome['state']}", file=sys.stderr)
            continue
        print(f"{name}: {outcome['said']} → {outcome['out']}", file=sys.stderr)
        for note in notes:
            print(f"  note: {note}", file=sys.stderr)


def _outcome(job: Job) -> tuple[dict[str, Any], list[str]]:
    """The outcome of a job for scripts, and notes on the clip for people."""
    outcome: dict[str, Any] = {
        "job": job.id,
        "source": readable(job.source),
        "out": readable(job.out),
        "state": job.state,
        "error": job.error or None,
        "score": None,
        "score_interval": None,
        "verdict": "",
        "said": "",
        "warnings": [],
    }
    if job.state == "done":
        analysis = load(job.out)
        summary = document.dumped(analysis.summary)
        outcome |= {field: summary[field] for field in ("score", "score_interval", "verdict")}
        said = _said(analysis)
        outcome |= {"said": said, "warnings": summary["warnings"]}
        # As in the report: without a rep, how it was filmed matters to nobody.
        notes = analysis.summary.warnings if analysis.reps else analysis.warnings
        return outcome, [note for note in notes if note.lower() not in said.lower()]
    return outcome, []


def _said(analysis: Analysis) -> str:
    """The report's headline in one line, and the score or why there is none."""
    headline = headline_of(analysis)
    parts = [headline.title, headline.detail[:1].lower() + headline.detail[1:]]
    if analysis.reps and not analysis.refusal:
        unscored = analysis.summary.unscored
        parts.append(unscored or f"score {format_score(analysis.summary)}")
    return "; ".join(part for part in parts if part)
