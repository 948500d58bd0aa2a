"""`coach submit`: hand clips to a running deployment."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from coach.cli.submission import prepare, submit
from services.pose.backends import check_backend
from shared.data.job_options import JobOptions
from shared.queue.connection import connect, refusals
from shared.queue.jobs import JobStore
from shared.settings import Settings


def run(
    clips: Sequence[Path], out: Path, options: JobOptions, redis_url: str, as_json: bool
) -> int:
    """Submit clips and return without waiting for them; the exit status."""
    check_backend(options.backend, options.pose)
    client = connect(redis_url)
    jobs, refused = prepare(clips, out, options)
    with refusals(redis_url):
        submit(client, JobStore(client, Settings().keep_jobs_s), jobs)
    for error in refused:
        print(f"error: {error}", file=sys.stderr)
    if as_json:
        submitted = [{"job": job.id, "source": job.source, "out": job.out} for job in jobs]
        print(json.dumps(submitted, indent=2))
    else:
        for job in jobs:
            print(f"{job.id}  {job.source} → {job.out}")
    return max((error.exit_status for error in refused), default=0)
