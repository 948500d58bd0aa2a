"""Values that Coach has not written: they end no process, and hold up no other job."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from shared.data.job_options import JobOptions
from shared.queue import dead_letters, keys, pausing, tasks
from shared.queue.backlog import active_jobs
from shared.queue.batches import Batches
from shared.queue.job import new_job
from shared.queue.pausing import Requests
from shared.queue.stalled_jobs import StalledJobMonitor
from shared.queue.values import number_of, text_of
from shared.settings import Settings

NO_TEXT = b"\xff\xfe"


def new_job_of(name):
    return new_job(Path("/v") / name, "ab" * 32, Path("/o") / name, JobOptions("movenet"))


def do_round(client, store):
    client.delete(keys.STALLED_JOB_MONITOR)
    StalledJobMonitor(client, store, Settings(stall_s=1)).repair_if_due()


@pytest.fixture
def lost_job(client, store):
    """A job whose decoding nobody has; two rounds send it again."""
    job = new_job_of("lost")
    store.create(job)
    return job.id


@pytest.mark.parametrize("field", ["progress_s", "started_s", "timeout_s"])
@pytest.mark.parametrize("value", ["abc", "nan", "1e999", NO_TEXT], ids=str)
def test_damaged_number_in_a_record_holds_up_no_repair(client, store, lost_job, field, value):
    damaged = new_job_of("damaged")
    store.create(damaged)
    client.hset(keys.job(damaged.id), field, value)
    do_round(client, store)
    do_round(client, store)
    assert lost_job in tasks.queued_jobs(client, "decode")
    store.get(damaged.id)
    assert store.state(damaged.id) == "failed"


@pytest.mark.parametrize(
    "key",
    [keys.ACTIVE_JOBS, keys.BATCHES, keys.IDLE_JOBS, "rq:queue:coach-decode",
     "rq:queue:coach-decode:intermediate", "rq:wip:coach-decode", "rq:failed:coach-decode"],
)  # fmt: skip
def test_bytes_that_are_no_text_hold_up_no_repair(client, store, lost_job, key):
    if key.startswith("coach:"):
        client.sadd(key, NO_TEXT)
    elif key.startswith("rq:queue"):
        client.rpush(key, NO_TEXT)
    else:
        client.zadd(key, {NO_TEXT: 2e9})
    do_round(client, store)
    do_round(client, store)
    assert lost_job in tasks.queued_jobs(client, "decode")
    Batches(client, 8, 60).begin_if_due()
    tasks.forget_dead(client, lost_job)
    tasks.withdraw(client, lost_job)
    assert lost_job not in tasks.queued_jobs(client, "decode")


def test_an_active_record_without_a_state_is_not_counted_and_goes(client, store):
    client.sadd(keys.ACTIVE_JOBS, "0123456789abcdef")
    client.hset(keys.job("0123456789abcdef"), "options", '{"backend": "movenet"}')
    assert active_jobs(client).states == {"queued": 0}
    assert store.get("0123456789abcdef") is None
    assert store.active_ids() == []


def test_ids_that_are_no_text_are_listed(client, store):
    client.zadd(keys.JOBS, {NO_TEXT: 1})
    assert store.ids() == []


@pytest.mark.parametrize("at", [b"abc", b"nan", NO_TEXT], ids=str)
def test_a_damaged_request_to_drain_ends_no_worker(client, at):
    client.hset(keys.DRAIN, "pose", at)
    assert not Requests(client, "pose").must_end()


def test_deeply_nested_names_of_services_pause_nobody(client):
    client.set(keys.PAUSED, "[" * 100_000)
    assert pausing.paused(client) == ()


def test_a_dead_letter_with_damaged_numbers_is_shown(client):
    client.xadd(keys.DEAD_LETTERS, {"cause": "why", "deliveries": "x", "at_s": "nan"})
    [letter] = dead_letters.letters(client)
    assert (letter.cause, letter.deliveries, letter.at_s) == ("why", 0, 0.0)


@pytest.mark.parametrize("task_id", [b"a/b", NO_TEXT], ids=str)
def test_what_is_no_id_of_a_task_is_dropped(client, task_id):
    client.rpush("rq:queue:coach-decode", task_id)
    requests = Requests(client, "decoder")
    assert tasks.run_worker(client, "decode", True, Settings(), threading.Event(), requests)
    assert not client.keys("rq:queue:coach-decode*")


def test_values_are_read_as_text_and_numbers():
    assert text_of(NO_TEXT).encode(errors="surrogateescape") == NO_TEXT
    assert text_of(None) == ""
    assert [number_of(answer) for answer in (b"1.5", None, b"x", b"inf")] == [1.5, 0, 0, 0]


DRAINED_AS_IT_REGISTERS = """
from services.{service}.__main__ import main
from shared.queue import pausing, worker
from shared.settings import read_settings

def register(service, client, register=worker.register):
    register(service, client)
    pausing.drain(client, service)

worker.register = register
main(read_settings())
"""


@pytest.mark.slow
@pytest.mark.parametrize("service", ["decoder", "writer"])
def test_a_worker_is_drained_from_the_moment_that_others_see_it(valkey_url, monkeypatch, service):
    monkeypatch.setenv("COACH_REDIS_URL", valkey_url)
    code = DRAINED_AS_IT_REGISTERS.format(service=service)
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
