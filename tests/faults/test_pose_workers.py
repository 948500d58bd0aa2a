"""Pose workers that are killed, hang, are stopped, or lose their server: real processes.

Their backend does what the pictures tell it to, see `acting_pose`.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import redis
from builders import wait_for, wait_for_end
from faults.acting_pose import CALM, HANGS, KILLS, LOOKS, TAKES_A_SECOND, TAKES_LONG

from shared.data import codec
from shared.data.job_options import JobOptions
from shared.data.messages import EncodedFrame, FrameChunk, KeypointChunk
from shared.data.pictures import encode_image
from shared.data.pose_options import PoseOptions
from shared.queue import dead_letters, keys
from shared.queue.job import new_job
from shared.queue.job_store import JobStore
from shared.queue.streams import Consumer, publish
from shared.settings import Settings

pytestmark = pytest.mark.slow

STREAM = keys.frames("acting")
SCRIPT = Path(__file__).with_name("acting_pose.py")
LOG = "pose.log"


class Workers:
    """Pose workers, each started anew when it has died."""

    def __init__(self, url, folder, **settings):
        self.settings = {"COACH_REDIS_URL": url, "COACH_BACKEND": "acting", **settings}
        self.log = folder / LOG
        self.processes = []

    def start(self):
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, str(SCRIPT)], stderr=log, env={**os.environ, **self.settings}
            )
        self.processes.append(process)
        return process

    def supervise(self):
        for process in list(self.processes):
            if process.poll() is not None:
                self.processes.remove(process)
                self.start()

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def workers(valkey_url, tmp_path):
    started = Workers(valkey_url, tmp_path, COACH_CLAIM_IDLE_S="1.5", COACH_HANG_S="2.5")
    yield started
    started.close()


def submit(client, folder, name, *brightnesses):
    """A running job with a chunk of one picture for each brightness; its id."""
    store = JobStore(client, keep_s=3600)
    job = new_job(folder / name, name * 64, folder / name, JobOptions("acting"))
    store.create(job)
    store.start(job.id)
    for number, brightness in enumerate(brightnesses):
        image = encode_image(np.full((8, 8, 3), brightness, np.uint8))
        frame = EncodedFrame(number, number / 30, image, 1.0, 1.0)
        publish(client, STREAM, codec.pack(FrameChunk(job.id, number, (frame,), PoseOptions())))
    return job.id


def posed(client, job):
    """Chunk → whether it was skipped, of the chunks whose poses were published."""
    found = [codec.unpack(e[b"m"], KeypointChunk) for _, e in client.xrange(keys.KEYPOINTS)]
    return {chunk.chunk: chunk.is_skipped for chunk in found if chunk.job == job}


def pending(client):
    return client.xpending_range(STREAM, keys.POSE_GROUP, "-", "+", 10)


def wait_for_a_look(folder):
    """Wait until a worker has begun its chunk: one that is only taken goes back at a stop."""
    wait_for(lambda: LOOKS in (folder / LOG).read_text(), 60, "nobody looks at a picture")


@pytest.mark.parametrize("poison", [KILLS, HANGS])
def test_poison_is_put_aside_and_holds_up_no_job(client, workers, tmp_path, poison):
    poisoned = submit(client, tmp_path, "a", CALM, poison, CALM)
    other = submit(client, tmp_path, "b", CALM, CALM)
    usual = workers.settings
    workers.settings = usual | {"COACH_CLAIM_IDLE_S": "60"}  # the poison takes one worker only
    workers.start()
    workers.start()
    wait_for(lambda: posed(client, other) == {0: False, 1: False}, 90)
    assert 1 not in posed(client, poisoned)  # the other job did not wait for the poison

    wait_for(lambda: any(worker.poll() is not None for worker in workers.processes), 60)
    workers.close()
    workers.settings = usual
    wait_for(lambda: workers.supervise() or 1 in posed(client, poisoned), 90)
    assert posed(client, poisoned) == {0: False, 1: True, 2: False}
    assert client.xlen(STREAM) == len(pending(client)) == 0
    [dead] = dead_letters.letters(client)
    assert (dead.job, dead.chunk, dead.deliveries) == (poisoned, "1", 4)
    assert "delivered 3 times and never finished" in dead.cause
    if poison == HANGS:
        assert workers.log.read_text().count("Timeout (0:00:02.500000)!") == 3
        assert "in look" in workers.log.read_text()


def test_stopped_worker_finishes_its_chunk_and_leaves_the_rest(client, workers, tmp_path):
    job = submit(client, tmp_path, "a", TAKES_A_SECOND, CALM, CALM)
    worker = workers.start()
    wait_for_a_look(tmp_path)
    worker.send_signal(signal.SIGTERM)
    assert wait_for_end(worker) == 0
    assert posed(client, job) == {0: False}
    assert pending(client) == []
    assert client.xlen(STREAM) == 2
    assert client.xinfo_consumers(STREAM, keys.POSE_GROUP) == []


def test_chunk_that_outlasts_a_stop_is_given_back(client, workers, tmp_path):
    workers.settings |= {"COACH_CLAIM_IDLE_S": "60", "COACH_HANG_S": "60"}
    submit(client, tmp_path, "a", TAKES_LONG)
    worker = workers.start()
    wait_for_a_look(tmp_path)
    worker.send_signal(signal.SIGTERM)
    assert wait_for_end(worker) == 0
    delivery = Consumer(client, STREAM, keys.POSE_GROUP, "heir", 60).take(100)
    assert delivery.times == 1  # the stop does not count against it


def test_killed_workers_chunk_is_claimed_within_half_a_minute(client, workers, tmp_path):
    for setting in ("COACH_CLAIM_IDLE_S", "COACH_HANG_S"):
        del workers.settings[setting]  # the defaults
    submit(client, tmp_path, "a", TAKES_LONG)
    doomed = workers.start()
    wait_for_a_look(tmp_path)
    doomed.kill()
    killed_s = time.monotonic()
    heir = Consumer(client, STREAM, keys.POSE_GROUP, "heir", Settings().claim_idle_s)
    wait_for(lambda: heir.take(100) is not None, 60)
    assert time.monotonic() - killed_s < 20  # leaves a chunk's time until half a minute


class Server:
    """A redis-server that can be killed and started again."""

    def __init__(self, folder, *options):
        self.socket = folder / "redis.sock"
        self.command = [
            shutil.which("redis-server"), "--port", "0", "--unixsocket", str(self.socket),
            "--save", "", "--dir", str(folder), *options,
        ]  # fmt: skip
        self.client = redis.Redis(unix_socket_path=str(self.socket))
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        wait_for(self.answers, 30)

    def answers(self):
        with suppress(redis.RedisError):
            return self.client.ping()
        return False

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def server(redis_server_url, tmp_path_factory):
    """Makes servers; `redis_server_url` skips without the program."""
    servers = []

    def start(*options):
        servers.append(Server(tmp_path_factory.mktemp("redis"), *options))
        return servers[-1]

    yield start
    for one in servers:
        one.client.close()
        one.kill()


@pytest.fixture
def workers_on(tmp_path):
    started = []

    def start(server):
        started.append(Workers(f"unix://{server.socket}", tmp_path, COACH_CLAIM_IDLE_S="60"))
        return started[-1].start()

    yield start
    for workers in started:
        workers.close()


def test_worker_keeps_its_chunk_while_the_server_is_away(server, workers_on, tmp_path):
    redis_server = server("--appendonly", "yes", "--appendfsync", "always")
    job = submit(redis_server.client, tmp_path, "a", TAKES_A_SECOND, CALM)
    worker = workers_on(redis_server)
    wait_for_a_look(tmp_path)
    redis_server.kill()
    away_s = time.monotonic()
    wait_for(lambda: time.monotonic() - away_s > 4, 10)  # longer than a command is tried again
    redis_server.start()
    wait_for(lambda: posed(redis_server.client, job) == {0: False, 1: False}, 60)
    assert worker.poll() is None
    assert list(dead_letters.letters(redis_server.client)) == []
    assert pending(redis_server.client) == []


def test_worker_finds_a_server_that_has_forgotten_everything(server, workers_on, tmp_path):
    redis_server = server()
    submit(redis_server.client, tmp_path, "a", TAKES_A_SECOND)
    worker = workers_on(redis_server)
    wait_for_a_look(tmp_path)
    redis_server.kill()
    redis_server.start()
    job = submit(redis_server.client, tmp_path, "b", CALM)
    wait_for(lambda: posed(redis_server.client, job) == {0: False}, 60)
    assert worker.poll() is None


def test_worker_goes_on_where_the_server_is_full(server, workers_on, tmp_path):
    redis_server = server()
    worker = workers_on(redis_server)
    wait_for(lambda: redis_server.client.exists(STREAM), 60)
    job = submit(redis_server.client, tmp_path, "a", *[CALM] * 5)
    used = redis_server.client.info("memory")["used_memory"]
    redis_server.client.config_set("maxmemory", used // 2)
    wait_for(lambda: len(posed(redis_server.client, job)) == 5, 60)
    assert worker.poll() is None
    assert redis_server.client.xlen(STREAM) == 0
