"""Tasks in real RQ workers, on an embedded server."""

from pathlib import Path

import pytest
from rq import SimpleWorker

from shared.data.job_options import JobOptions
from shared.errors import OutputError
from shared.queue import tasks
from shared.queue.job import new_job
from shared.settings import Settings


@pytest.fixture
def job(store):
    made = new_job(Path("/v/none.mp4"), "ab" * 32, Path("/o"), JobOptions("blazepose-full"))
    assert store.create(made)
    return made.id


def fail_with(error):
    def work():
        raise error

    return work


def work_off(client, name):
    worker = SimpleWorker([tasks.queue(client, name)], connection=client, serializer="json")
    worker.work(burst=True, logging_level=None)


def test_task_uses_the_workers_server_not_the_environments(client, store, job, monkeypatch):
    monkeypatch.setenv("COACH_REDIS_URL", "redis://127.0.0.1:1/0")  # nobody answers there
    tasks.enqueue(client, "decode", job, timeout_s=60)
    assert not tasks.is_idle(client, "decode")
    work_off(client, "decode")
    assert "none.mp4 does not exist" in store.get(job).error
    assert tasks.is_idle(client, "decode")


def test_permanent_error_fails_the_job_at_once(store, job):
    tasks.run_or_fail_job(store, job, fail_with(OutputError("disk full")))
    assert (store.get(job).state, store.get(job).error) == ("failed", "disk full")


def test_other_error_of_the_last_try_fails_the_job_and_is_raised(store, job):
    with pytest.raises(ZeroDivisionError):  # no RQ task runs here, so that no try is left
        tasks.run_or_fail_job(store, job, fail_with(ZeroDivisionError("by zero")))
    assert "unexpected ZeroDivisionError" in store.get(job).error


def test_context_needs_a_running_task():
    with pytest.raises(RuntimeError, match="no RQ task"):
        tasks.TaskContext.current(Settings())
