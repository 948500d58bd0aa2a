"""`coach analyze`: the whole job, on this machine or on a running deployment."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from coach.cli.progress import ProgressDisplay, progress_of
from coach.cli.submission import prepare, submit
from coach.local.deployment import LocalDeployment, default_pose_workers
from services.pose import engines
from services.pose.backends import check_backend, networks_of
from services.pose.runtime import Runtime
from shared.data.job_options import JobOptions
from shared.errors import CoachError, exit_status_of
from shared.queue.connection import Client, connect, refusals
from shared.queue.jobs import ACTIVE, Job, JobStore
from shared.settings import Settings

#: How often the jobs are looked at while waiting, seconds.
_LOOK_S = 0.2


def run(
    clips: Sequence[Path],
    out: Path,
    options: JobOptions,
    redis_url: str | None = None,
    pose_workers: int | None = None,
    as_json: bool = False,
) -> int:
    """Analyse clips and say what came of them.

    Args:
        clips: video files, GIFs or folders of pictures.
        out: each clip's results go into a folder of its own below it.
        options: what is to be done with each clip.
        redis_url: a running deployment to use; None brings up one of its own on this machine.
        pose_workers: how many pose processes to bring up; None for one a core.
        as_json: put one JSON document on stdout instead of lines.

    Returns:
        The exit status: 0 done, 1 a job failed, 2 a clip could not be read.
    """
    check_backend(options.backend, options.pose)
    jobs, refused = prepare(clips, out, options)
    for error in refused:
        print(f"error: {error}", file=sys.stderr)
    ended: list[Job] = []
    if jobs:
        with _deployment(redis_url, options, pose_workers) as (client, supervise):
            ended = _carry_out(client, jobs, supervise, quiet=as_json)
    _tell(ended, as_json)
    statuses = [exit_status_of(job.error_kind) for job in ended if job.state != "done"]
    statuses += [error.exit_status for error in refused]
    return max(statuses, default=0)


@contextmanager
def _deployment(
    redis_url: str | None, options: JobOptions, pose_workers: int | None
) -> Iterator[tuple[Client, Callable[[], None]]]:
    """A connection, and what has to be called now and then to keep the workers alive."""
    if redis_url is not None:
        yield connect(redis_url), lambda: None
        return
    # Here, where a person sees the download and the refusal.
    runtime = Runtime.of(Settings())
    engines.check(runtime, networks_of(options.backend, runtime, options.pose))
    with LocalDeployment(options.backend, pose_workers or default_pose_workers()) as local:
        yield connect(local.url), local.supervise


def _carry_out(
    client: Client, jobs: list[Job], supervise: Callable[[], None], quiet: bool
) -> list[Job]:
    """Submit the jobs and wait until all have ended; cancel them if that is interrupted."""
    store = JobStore(client, Settings().keep_jobs_s)
    submit(client, store, jobs)
    pause = Event()
    try:
        with ProgressDisplay(quiet) as display, refusals():
            while True:
                supervise()
                current = [store.get(job.id) or job for job in jobs]
                display.show(progress_of(store, job) for job in current)
                if not any(job.state in ACTIVE for job in current):
                    return current
                pause.wait(_LOOK_S)
    except (KeyboardInterrupt, CoachError):
        with refusals():
            for job in jobs:
                store.cancel(job.id)
        raise


def _tell(jobs: Sequence[Job], as_json: bool) -> None:
    """Tell what came of each job: on stdout as JSON, or as lines on stderr."""
    outcomes = [_outcome(job) for job in jobs]
    if as_json:
        print(json.dumps(outcomes, indent=2))
    for outcome in outcomes:
        name = outcome["source"]
        if outcome["state"] != "done":
            print(f"error: {name}: {outcome['error'] or outcome['state']}", file=sys.stderr)
            continue
        score = outcome["score"]
        said = "no posture could be scored" if score is None else f"posture score {score:.2f}"
        print(f"{name}: {said} → {outcome['out']}", file=sys.stderr)
        for warning in outcome["warnings"]:
            print(f"  warning: {warning}", file=sys.stderr)


def _outcome(job: Job) -> dict:
    outcome = {
        "job": job.id,
        "source": job.source,
        "out": job.out,
        "state": job.state,
        "error": job.error or None,
        "score": None,
        "warnings": [],
    }
    if job.state == "done":
        summary = json.loads((Path(job.out) / "analysis.json").read_text())["summary"]
        outcome |= {"score": summary["score"], "warnings": summary["warnings"]}
    return outcome
