"""The register of a deployment's processes."""

import os
import signal
import socket
import time

import pytest
from builders import wait_for

from shared import logs
from shared.activity import Activity
from shared.queue import keys
from shared.queue.connection import connect
from shared.queue.worker_register import GONE_S, Register, workers

HOST = socket.gethostname()


@pytest.fixture
def activity():
    activity = Activity()
    activity.begin(network="movenet")
    return activity


@pytest.fixture
def entry(client, activity):
    entry = Register("pose", client, activity, refresh_s=0.05)
    yield entry
    entry.close()


def the_worker(client):
    wait_for(lambda: workers(client), 10)
    return workers(client)[0]


def test_entry_says_what_the_process_does(client, entry, activity):
    activity.engine = "openvino"
    activity.count_frames(16)
    activity.note_error("no memory left")
    activity.is_paused = True
    with activity.working_on("0123456789abcdef"):
        wait_for(lambda: the_worker(client).job == "0123456789abcdef", 10)
        wait_for(lambda: the_worker(client).frames == 16, 10)
    worker = the_worker(client)
    assert (worker.service, worker.host, worker.pid) == ("pose", HOST, os.getpid())
    assert (worker.network, worker.engine, worker.frames) == ("movenet", "openvino", 16)
    assert worker.frames_per_s > 0
    assert worker.paused
    assert worker.memory_bytes > 10e6
    assert worker.last_error == "no memory left"
    assert worker.started_s <= worker.last_error_s <= worker.seen_s <= time.time() + 1
    wait_for(lambda: the_worker(client).job == "", 10)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("memory_bytes", "9" * 400),  # no float holds it
        ("memory_bytes", "-1"),
        ("seen_s", "-inf"),
        ("last_error_s", "nan"),
        ("frames_per_s", "1e300"),
    ],
)
def test_entry_with_a_number_that_none_could_have_is_left_out(client, entry, field, value):
    the_worker(client)
    record = client.hgetall(keys.worker(HOST, os.getpid()))
    entry.close()
    other = keys.worker("other", 1)
    client.zadd(keys.WORKERS, {other: time.time()})
    client.hset(other, mapping=record)
    assert len(workers(client)) == 1
    client.hset(other, field, value)
    assert workers(client) == []


def test_entry_of_a_process_that_died_expires_and_leaves_the_index(client, activity):
    for key in ("coach:worker:gone:1", "coach:worker:gone:2"):
        client.zadd(keys.WORKERS, {key: time.time() - GONE_S - 1})
    entry = Register("pose", client, activity, refresh_s=0.05)
    wait_for(lambda: workers(client), 10)
    own = keys.worker(HOST, os.getpid())
    assert client.zrange(keys.WORKERS, 0, -1) == [own.encode()]
    assert 0 < client.ttl(own) <= GONE_S
    assert 0 < client.ttl(keys.WORKERS) <= GONE_S
    entry.close()
    assert workers(client) == []
    assert not client.exists(own, keys.WORKERS)


def test_foreign_entry_is_left_out(client, entry):
    client.hset("coach:worker:other:1", "service", "pose")
    client.zadd(keys.WORKERS, {"coach:worker:other:1": time.time()})
    assert [worker.host for worker in workers(client)] in ([], [HOST])
    wait_for(lambda: [worker.host for worker in workers(client)] == [HOST], 10)


def test_full_server_keeps_the_register(client, activity):
    client.set("ballast", b"x" * 2**20)
    client.config_set("maxmemory", 1000)
    entry = Register("pose", client, activity, refresh_s=0.05)
    wait_for(lambda: workers(client), 10)
    entry.close()


def test_lost_server_holds_up_neither_work_nor_end(valkey_url, activity):
    client = connect(valkey_url)
    pid = client.info("server")["process_id"]
    entry = Register("pose", client, activity, refresh_s=0.05)
    wait_for(lambda: workers(client), 10)
    os.kill(pid, signal.SIGSTOP)
    try:
        activity.count_frames()
        started_s = time.monotonic()
        entry.close()
        assert time.monotonic() - started_s < 10
    finally:
        os.kill(pid, signal.SIGCONT)
        client.close()


def test_what_a_forked_process_counts_is_seen_by_its_parent(activity):
    pid = os.fork()
    if not pid:
        activity.count_frames(5)
        with activity.working_on("job"):
            activity.note_error("lost: ä" + 1000 * "x")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    assert (activity.frames, activity.job) == (5, "job")
    assert activity.last_error[0].startswith("lost: ä")
    assert activity.memory_bytes() > 0  # that of this process: the other is gone
    activity.end_of_task()
    assert activity.job == ""


def test_last_error_is_that_of_the_log(caplog, monkeypatch):
    activity = Activity()
    monkeypatch.setattr(logs, "ACTIVITY", activity)
    handler = logs.ErrorNotes(activity)
    log = logs.logging.getLogger("test")
    log.addHandler(handler)
    try:
        log.warning("no error")
        assert activity.last_error == ("", 0.0)
        try:
            raise ValueError("cut\noff")
        except ValueError:
            log.exception("message %d failed", 7)
    finally:
        log.removeHandler(handler)
    assert activity.last_error[0] == "message 7 failed: ValueError: cut off"
