"""`coach submit`: hand clips to a running deployment."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from coach.cli.missing_workers import tell_missing
from coach.cli.sharing import batch_of, priority_of
from coach.cli.submission import prepare, submit
from services.pose.backends import check_backend
from shared.data.job_options import JobOptions
from shared.media.limits import SourceLimits
from shared.names import readable
from shared.queue import shards
from shared.queue.connection import connect, queue_errors, without_password
from shared.queue.job import Job
from shared.queue.job_store import JobStore
from shared.settings import Settings


def run(
    clips: Sequence[Path],
    out: Path,
    options: JobOptions,
    settings: Settings,
    as_json: bool,
    timeout_s: float = 0.0,
    force: bool = False,
    priority: str = "normal",
    batch: str | None = None,
) -> int:
    """Submit clips and return without waiting for them.

    Args:
        clips: video files, GIFs or folders of pictures.
        out: folder for the results; each clip gets a folder below it.
        options: what is done with each clip.
        settings: the deployment's server is `redis_url`, or its servers are `shards`.
        as_json: print one JSON document instead of lines.
        timeout_s: time that each job may take, in seconds; 0 for no limit.
        force: do a job again that is done, and its result there.
        priority: high, normal or low.
        batch: name that the jobs share; the user's login if None.

    Returns:
        The exit status: 0, or 2 if a clip cannot be read.
    """
    check_backend(options.backend, options.pose)
    rank, batch = priority_of(priority), batch_of(batch)
    servers = shards.urls(settings)
    clients = {url: connect(url) for url in servers}
    jobs, refused = prepare(clips, out, options, SourceLimits.of(settings), timeout_s)
    jobs = [replace(job, priority=rank, batch=batch) for job in jobs]
    server_of = {job.id: shards.url_of(job.id, servers) for job in jobs}
    done: list[Job] = []
    for url, client in clients.items():
        store = JobStore(client, settings.keep_jobs_s)
        here = [job for job in jobs if server_of[job.id] == url]
        with queue_errors(url):
            done += submit(client, store, here, settings.task_timeout_s, force, settings.batch_jobs)
        tell_missing(client, [job for job in here if job not in done])
    for job in done:
        text = readable(f"note: {job.source}: done before, see {job.out}; --force does it again")
        print(text, file=sys.stderr)
    for error in refused:
        print(f"error: {error}", file=sys.stderr)
    if as_json:
        submitted = [
            {"job": job.id, "source": readable(job.source), "out": readable(job.out)}
            | ({"redis": without_password(server_of[job.id])} if settings.shards else {})
            for job in jobs
        ]
        print(json.dumps(submitted, indent=2))
    else:
        for job in jobs:
            where = f" at {without_password(server_of[job.id])}" if settings.shards else ""
            print(readable(f"{job.id}  {job.source} → {job.out}{where}"))
    return max((error.exit_status for error in refused), default=0)
