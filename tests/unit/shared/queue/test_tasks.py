"""Tasks in real RQ workers, on an embedded server."""

import threading
import time
from pathlib import Path

import pytest
from builders import wait_for
from rq.exceptions import StopRequested
from rq.executions import ExecutionRegistry
from rq.job import JobStatus

from shared.data.job_options import JobOptions
from shared.errors import OutputError
from shared.queue import keys, lease, task_run, task_worker, tasks
from shared.queue.job import new_job
from shared.queue.lease import Reason, WorkOver
from shared.queue.patience import wait
from shared.queue.pausing import Requests
from shared.queue.task_notes import NotedWorker
from shared.settings import Settings


@pytest.fixture
def job(store):
    made = new_job(Path("/v/none.mp4"), "ab" * 32, Path("/o"), JobOptions("blazepose-full"))
    assert store.create(made)
    return made.id


def fail_with(error):
    def work(_):
        raise error

    return work


def work_off(client, name):
    assert run_worker(client, name, threading.Event())


def run_worker(client, name, stop):
    requests = Requests(client, name)
    return tasks.run_worker(client, name, True, Settings(), stop, requests)


def test_task_uses_the_workers_server_not_the_environments(client, store, job, monkeypatch):
    monkeypatch.setenv("COACH_REDIS_URL", "redis://127.0.0.1:1/0")  # nobody answers there
    tasks.enqueue(client, "decode", job, timeout_s=60)
    assert not tasks.is_idle(client, "decode")
    work_off(client, "decode")
    assert "none.mp4 does not exist" in store.get(job).error
    assert tasks.is_idle(client, "decode")


def test_task_that_is_done_leaves_nothing_behind(client, store, job):
    tasks.enqueue(client, "decode", job, timeout_s=60)
    work_off(client, "decode")
    assert "none.mp4 does not exist" in store.get(job).error
    assert tasks.is_idle(client, "decode")
    kept = {key.decode().split(":")[1] for key in client.scan_iter("rq:*")}
    assert not kept & {"job", "execution", "executions", "results", "wip"}
    [worker] = client.scan_iter("rq:worker:*")
    assert client.hget(worker, "successful_job_count") == b"1"


def test_record_of_a_worker_that_the_server_has_lost_gets_an_expiry_again(client):
    worker = NotedWorker([tasks.queue(client, "decode")], connection=client, serializer="json")
    worker.set_state("busy")
    assert client.ttl(worker.key) > 0


def test_worker_that_was_asked_to_stop_as_it_started_takes_no_task(client, job):
    tasks.enqueue(client, "decode", job, timeout_s=60)
    stop = threading.Event()
    stop.set()
    assert not run_worker(client, "decode", stop)
    assert len(tasks.queued_jobs(client, "decode")) == 1


@pytest.fixture
def context(client, store):
    return task_run.TaskContext(Settings(), client, store)


def test_permanent_error_fails_the_job_at_once(context, store, job):
    task_run.run_task(context, "write", job, fail_with(OutputError("disk full")))
    assert (store.get(job).state, store.get(job).error) == ("failed", "disk full")


def test_other_errors_are_tried_again_with_pauses_and_then_fail(
    context, client, store, job, monkeypatch
):
    pauses_s = (0.1, 0.2)
    monkeypatch.setattr(task_run, "_PAUSES_S", pauses_s)
    tries_s = []

    def work(run):
        tries_s.append(time.monotonic())
        assert client.exists(keys.lease(job))
        raise ZeroDivisionError("by zero")

    task_run.run_task(context, "write", job, work)
    assert "unexpected ZeroDivisionError" in store.get(job).error
    assert len(tries_s) == 3
    for pause_s, before_s, after_s in zip(pauses_s, tries_s, tries_s[1:], strict=False):
        assert after_s - before_s >= pause_s
    assert not client.exists(keys.lease(job))


def test_task_that_is_asked_to_stop_gives_its_job_back(context, client, store, job):
    def work(run):
        context.stop.asked.set()
        wait(10, run.lease.check)

    task_run.run_task(context, "decode", job, work)
    assert store.state(job) == "running"
    assert tasks.queued_jobs(client, "decode") == {job}
    assert not client.exists(keys.lease(job))


def test_task_that_waits_for_memory_notices_its_cancellation(context, client, store, job):
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", client.info("memory")["used_memory"] // 2)
    waited = []

    def work(run):
        try:
            run.client.set("s", b"more")
        except WorkOver as over:
            waited.append(over.reason)
            raise

    task = threading.Thread(target=task_run.run_task, args=(context, "decode", job, work))
    task.start()
    wait_for(lambda: client.exists(keys.lease(job)), 30)
    assert store.cancel(job)  # also while the server is full
    task.join(30)
    assert waited == [Reason.ENDED]


def test_renewals_keep_the_lease_and_record_progress(context, client, store, job, monkeypatch):
    monkeypatch.setattr(lease, "LEASE_S", 2.5)

    def work(run):
        run.lease.progress(written=7)
        wait(3.0, run.lease.check)
        assert client.get(keys.lease(job))

    task_run.run_task(context, "write", job, work)
    assert store.get(job).written == 7


def test_context_needs_a_running_task():
    with pytest.raises(RuntimeError, match="no task of a worker"):
        task_run.TaskContext.current()


def test_task_that_rq_takes_for_abandoned_is_left_alone(client, store, job):
    """As after the death of a writer between the end of its job and that of its task."""
    tasks.enqueue(client, "write", job, timeout_s=60)
    queue = tasks.queue(client, "write")
    [task_id] = queue.job_ids
    task = queue.fetch_job(task_id)
    queue.remove(task_id)
    task.set_status(JobStatus.STARTED)
    registry = queue.started_job_registry
    client.zadd(registry.key, {f"{task_id}:its-execution": 1})
    store.finish(job)
    registry.cleanup()
    assert queue.is_empty()
    assert store.state(job) == "done"
    assert 0 < client.ttl(task.key) <= 60


def test_dead_task_is_forgotten_although_the_server_has_lost_a_note_of_it(client, job):
    tasks.enqueue(client, "write", job, timeout_s=60)
    queue = tasks.queue(client, "write")
    [task_id] = queue.job_ids
    queue.fetch_job(task_id).set_status(JobStatus.STARTED)
    queue.remove(task_id)
    in_an_hour = time.time() + 3600
    client.zadd(queue.started_job_registry.key, {f"{task_id}:lost": in_an_hour})
    client.zadd(ExecutionRegistry(task_id, client).key, {"lost": in_an_hour})
    tasks.forget_dead(client, job)
    assert set(client.scan_iter("rq:*")) == {b"rq:queues"}


def test_withdrawn_task_leaves_nothing_in_the_queue(client, job):
    tasks.enqueue(client, "decode", job, timeout_s=60)
    tasks.enqueue(client, "decode", "other", timeout_s=60)
    tasks.withdraw(client, job)
    assert tasks.queued_jobs(client, "decode") == {"other"}
    assert len(list(client.scan_iter("rq:job:*"))) == 1


def test_worker_asked_to_stop_as_its_task_ends_takes_no_other(client, job):
    tasks.enqueue(client, "write", job, timeout_s=60)
    queues = tasks.queues(client, "write")
    worker = task_worker._Worker(queues, connection=client, serializer="json")
    worker.stop, worker.requests = threading.Event(), Requests(client, "writer")
    worker.handle_warm_shutdown_request()
    with pytest.raises(StopRequested):
        worker.dequeue_job_and_maintain_ttl(60)
    assert tasks.queued_jobs(client, "write") == {job}
