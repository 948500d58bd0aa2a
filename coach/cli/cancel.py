"""`coach cancel`: stop jobs, and remove what they have left."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from coach.cli.submission import release_folders
from services.writer.publish import has_staged, remove_staged
from shared.errors import UsageError
from shared.names import readable
from shared.queue import tasks
from shared.queue.job import Job
from shared.queue.servers import JobServer, Servers
from shared.queue.sets import sets_of
from shared.settings import Settings

#: Time that a writer has to notice and to remove its unfinished files, in seconds; what is left
#: then is of a writer that has died.
_NOTICE_S = 3.0

#: Interval at which these files are looked for, in seconds. A writer on another machine does not
#: tell when it has removed them.
_CHECK_S = 0.05


def run(job_ids: Sequence[str], settings: Settings) -> None:
    """Cancel jobs, and wait until nothing of them is left.

    Args:
        job_ids: the jobs.
        settings: they name the deployment's servers.

    Raises:
        UsageError: there is no such job, or it has ended.
    """
    servers = Servers.of(settings)
    for job_id in job_ids:
        server, job = servers.find(job_id)
        with server.errors():
            jobs = cancel_job(server, job)
            if not jobs:
                state = server.store.state(job_id)
                raise UsageError(f"job {job_id} has ended already: it is {state}")
        deadline_s = time.monotonic() + _NOTICE_S
        for one in jobs:
            out = Path(one.out)
            while has_staged(out, one.id) and time.monotonic() < deadline_s:
                time.sleep(_CHECK_S)
            remove_staged(out, one.id)
        release_folders([job])
        print(readable(f"{job_id}  {job.source}: cancelled"), file=sys.stderr)


def cancel_job(server: JobServer, job: Job) -> list[Job]:
    """Cancel a job with its sets, and withdraw their tasks; these jobs, or none if it has ended."""
    jobs = [job, *sets_of(server.client, server.store, job.id)]
    if not server.store.cancel(job.id):
        return []
    for one in jobs:
        tasks.withdraw(server.client, one.id)
    return jobs
