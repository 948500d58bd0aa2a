"""Jobs of a batch begin a few at a time."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from services.decoder import __main__ as decoder
from shared.data.job_options import JobOptions
from shared.queue import keys, tasks, worker
from shared.queue.backlog import active_jobs
from shared.queue.batches import Batches
from shared.queue.job import new_job
from shared.queue.pausing import Requests
from shared.queue.worker import WorkerContext, is_scoring_drained
from shared.settings import Settings


@pytest.fixture
def batches(client):
    return Batches(client, limit=2, timeout_s=60)


@pytest.fixture
def submit(client, store, batches):
    """Submit jobs of the batch "gym"; their ids."""

    def submit(*names, priority="normal", batch="gym"):
        ids = []
        for name in names:
            job = new_job(Path("/v") / name, "ab" * 32, Path("/o") / name, JobOptions("any"))
            job = replace(job, priority=priority, batch=batch)
            store.create(job)
            batches.park(job)
            ids.append(job.id)
        batches.begin(batch)
        return ids

    return submit


def queued(client):
    return tasks.queued_jobs(client, "decode")


def left_over(client):
    names = {keys.BATCHES, keys.batch_waiting("gym"), keys.batch_running("gym")}
    return {name for name in names if client.exists(name)}


def test_no_more_jobs_than_the_limit_begin(client, store, batches, submit):
    a, b, c, d = submit("a", "b", "c", "d")
    assert queued(client) == {a, b}
    assert store.active_ids() == sorted([a, b])  # scorers need not look after the others
    store.finish(a)
    batches.begin_if_due()
    assert queued(client) == {a, b, c}  # (a's task finds that it has ended)
    store.fail(b, ValueError("broken"))
    store.cancel(c)
    batches._next_look_s = 0
    batches.begin_if_due()
    assert queued(client) == {a, b, c, d}
    store.finish(d)
    assert left_over(client) == set()


def test_jobs_that_wait_count_as_queued(client, store, submit):
    first, _, _ = submit("a", "b", "c")
    store.start(first)
    assert active_jobs(client).states == {"queued": 2, "running": 1}


def test_other_batches_do_not_wait(client, submit):
    submit("a", "b", "c")
    [other] = submit("d", batch="anna@gym")
    assert other in queued(client)


def test_urgent_jobs_of_a_batch_begin_first(client, store, batches, submit):
    first = submit("a", "b")
    low, high = submit("c", priority="low") + submit("d", priority="high")
    assert queued(client) == set(first)
    store.finish(first[0])
    batches.begin("gym")
    assert high in queued(client)
    assert low not in queued(client)
    assert tasks.queue(client, "decode", "high").count == 1


def test_waiting_job_that_is_cancelled_leaves_nothing(client, store, submit):
    a, b, c = submit("a", "b", "c")
    assert store.cancel(c)
    assert left_over(client) == {keys.batch_running("gym")}
    store.finish(a)
    store.finish(b)
    assert left_over(client) == set()


def test_workers_that_end_with_the_work_wait_for_the_whole_batch(client, store, batches, submit):
    first, second, third = submit("a", "b", "c")
    context = WorkerContext(
        Settings(), client, store, threading.Event(), Requests(client, "scorer")
    )
    for job in (first, second):
        store.finish(job)
    assert not is_scoring_drained(context)  # the third has not begun
    batches.begin("gym")
    store.finish(third)
    tasks.withdraw(client, third)
    assert is_scoring_drained(context)


def test_decoder_that_ends_with_the_work_decodes_the_whole_batch(
    client, store, batches, submit, monkeypatch
):
    decoded = []

    def work_off(*_, **__):
        """Stand in for the worker, and for all that comes after it."""
        for job_id in queued(client):
            decoded.append(job_id)
            tasks.withdraw(client, job_id)
            store.finish(job_id)
        batches.begin("gym")
        return True

    ids = submit("a", "b", "c", "d", "e")
    context = WorkerContext(
        Settings(), client, store, threading.Event(), Requests(client, "scorer")
    )
    monkeypatch.setattr(worker, "start_worker_context", lambda *_: context)
    monkeypatch.setattr(tasks, "run_worker", work_off)
    decoder.main(Settings(), burst=True)
    assert sorted(decoded) == sorted(ids)


def test_job_that_has_ended_meanwhile_does_not_wait(client, store, batches, submit):
    [job] = submit("a")
    store.finish(job)
    batches.park(replace(store.get(job), batch="gym"))
    assert left_over(client) == set()
