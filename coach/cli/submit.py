"""`coach submit`: hand clips to a running deployment."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from coach.cli.missing_workers import tell_missing
from coach.cli.sharing import batch_of, priority_of
from coach.cli.submission import prepare, release_unrecorded, submit
from services.pose.backends import check_backend
from shared.data.job_options import JobOptions
from shared.media.limits import SourceLimits
from shared.names import readable
from shared.queue.job import Job
from shared.queue.servers import JobServer, Servers
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
        settings: they name the deployment's servers.
        as_json: print one JSON document instead of lines.
        timeout_s: time that each job may take, in seconds; 0 for no limit.
        force: do a job again that is done, and its result there.
        priority: high, normal or low.
        batch: name that the jobs share; the user's login if None.

    Returns:
        The exit status: 0, or 2 if a clip cannot be read, or its job's server is away.
    """
    check_backend(options.backend, options.pose)
    rank, batch = priority_of(priority), batch_of(batch)
    servers = Servers.of(settings)
    servers.on_each(lambda server: None)  # before clips are read: one must be there
    prepared, refused = prepare(clips, out, options, SourceLimits.of(settings), timeout_s)
    prepared = [replace(job, priority=rank, batch=batch) for job in prepared]
    sent: list[Job] = []
    done: list[Job] = []

    def submit_to(server: JobServer) -> None:
        here = [job for job in prepared if servers.url_of_new(job.id) == server.url]
        done_before = submit(
            server.client, server.store, here, settings.task_timeout_s, force, settings.batch_jobs
        )
        tell_missing(server, [job for job in here if job not in done_before], servers.are_several)
        sent.extend(here)
        done.extend(done_before)

    try:
        _, failures = servers.on_each(submit_to)
    except KeyboardInterrupt:
        print("`coach status` shows what was submitted before", file=sys.stderr)
        raise
    finally:
        unsent = [job for job in prepared if job not in sent]
        release_unrecorded(servers, unsent)
    jobs = [job for job in prepared if job in sent]
    for job in done:
        text = readable(f"note: {job.source}: done before, see {job.out}; --force does it again")
        print(text, file=sys.stderr)
    errors = [*refused, *(failures if unsent else ())]
    for error in errors:
        print(f"error: {error}", file=sys.stderr)
    for job in unsent:
        print(readable(f"error: {job.source}: not submitted, see above"), file=sys.stderr)
    if as_json:
        submitted = [
            {"job": job.id, "source": readable(job.source), "out": readable(job.out)}
            | ({"redis": servers.of_new(job.id).shown_url} if servers.are_several else {})
            for job in jobs
        ]
        print(json.dumps(submitted, indent=2))
    else:
        for job in jobs:
            where = f" at {servers.of_new(job.id).shown_url}" if servers.are_several else ""
            print(readable(f"{job.id}  {job.source} → {job.out}{where}"))
    return max((error.exit_status for error in errors), default=0)
