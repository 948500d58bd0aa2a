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
from shared.queue.servers import Servers
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
        client, store = server.client, server.store
        with server.errors():
            jobs = [job, *sets_of(client, store, job_id)]
            if not store.cancel(job_id):
                raise UsageError(f"job {job_id} has ended already: it is {store.state(job_id)}")
            for one in jobs:
                tasks.withdraw(client, one.id)
        deadline_s = time.monotonic() + _NOTICE_S
        for one in jobs:
            out = Path(one.out)
            while has_staged(out, one.id) and time.monotonic() < deadline_s:
                time.sleep(_CHECK_S)
            remove_staged(out, one.id)
        release_folders([job])
        print(readable(f"{job_id}  {job.source}: cancelled"), file=sys.stderr)
