"""The lease of a job, on an embedded server."""

from pathlib import Path

import pytest

from shared.data.job_options import JobOptions
from shared.queue.job import new_job
from shared.queue.lease import Lease, Stop, WorkOver


def test_fields_are_set_only_while_the_lease_is_held(client, store):
    job = new_job(Path("/lift.mp4"), "0" * 64, Path("/out"), JobOptions("movenet"))
    store.create(job)
    lease = Lease(client, job, Stop())
    assert lease.take()
    lease.confirm(decoded=7)
    assert store.get(job.id).decoded == 7
    again = new_job(Path("/lift.mp4"), "0" * 64, Path("/out"), JobOptions("movenet"))
    store.create(again, force=True)
    with pytest.raises(WorkOver):
        lease.confirm(end_sent=1)
    assert store.get(job.id).end_sent == 0
