"""Metrics of a process, as Prometheus reads them."""

import os
import signal
import socket
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared import metrics
from shared.activity import ACTIVITY, LIMITS_S
from shared.data.job_options import JobOptions
from shared.errors import UsageError
from shared.queue import keys, tasks
from shared.queue.connection import connect
from shared.queue.deployment_metrics import DeploymentMetrics
from shared.queue.job import new_job
from shared.queue.streams import Consumer, publish
from shared.queue.worker_register import Register


@pytest.fixture(autouse=True)
def activity():
    ACTIVITY.begin()
    return ACTIVITY


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read(port):
    """What gives the value of a metric by its name and the values of its labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    values = {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    return lambda name, *labels: values.get((name, frozenset(labels)))


def test_process_shows_what_it_and_its_forked_process_did(activity):
    port = metrics.serve("decoder", "127.0.0.1", free_port())
    activity.count_frames(3)
    pid = os.fork()
    if not pid:
        activity.count_frames(4)
        activity.count("done")
        activity.note_duration("work", 0.02)
        activity.note_duration("work", 4000)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    value = read(port)
    assert value("coach_frames_total", "decoder") == 7
    assert value("coach_work_total", "decoder", "done") == 1
    assert value("coach_work_total", "decoder", "died") == 0
    assert value("coach_duration_seconds_bucket", "decoder", "work", "0.01") == 0
    assert value("coach_duration_seconds_bucket", "decoder", "work", str(LIMITS_S[-1])) == 1
    assert value("coach_duration_seconds_count", "decoder", "work") == 2
    assert value("coach_duration_seconds_sum", "decoder", "work") == pytest.approx(4000.02)
    assert value("coach_worker_memory_bytes", "decoder") > 10e6
    assert value("coach_worker_info", "decoder", "") == 1
    assert value("coach_redis_up") is None


def test_two_processes_of_one_setting_get_a_port_each():
    port = free_port()
    assert metrics.serve("pose", "127.0.0.1", port) >= port
    assert metrics.serve("pose", "127.0.0.1", port) > port


def test_foreign_address_is_refused():
    with pytest.raises(UsageError, match="COACH_METRICS_HOST"):
        metrics.serve("pose", "192.0.2.1", free_port())


def test_scorer_shows_what_waits_in_the_deployment(client, store, tmp_path):
    for name in ("a", "b"):
        job = new_job(tmp_path / name, "ab" * 32, tmp_path / name, JobOptions("openpose-mpi"))
        store.create(job)
        tasks.enqueue(client, "decode", job.id, 60)
    store.start(job.id)
    stream = keys.frames("openpose-mpi")
    for _ in range(3):
        publish(client, stream, b"x")
    Consumer(client, stream, keys.POSE_GROUP, "a", 60).take(10)
    publish(client, keys.DEAD_LETTERS, b"x")
    publish(client, keys.KEYPOINTS, b"x")  # no scorer has joined yet
    client.config_set("maxmemory", 10**9)
    entry = Register("pose", client)
    port = metrics.serve(
        "scorer", "127.0.0.1", free_port(), DeploymentMetrics(client, "movenet").collect
    )
    value = read(port)
    entry.close()
    assert value("coach_redis_up") == 1
    assert value("coach_redis_memory_bytes") > 0
    assert value("coach_redis_memory_limit_bytes") == 10**9
    assert value("coach_dead_letters") == 1
    assert value("coach_jobs", "queued") == 1
    assert value("coach_jobs", "running") == 1
    assert value("coach_backlog_waiting", "pose", stream) == 2
    assert value("coach_backlog_in_flight", "pose", stream) == 1
    assert value("coach_backlog_waiting", "pose", keys.frames("movenet")) == 0
    assert value("coach_backlog_waiting", "scorer", keys.KEYPOINTS) == 1
    assert value("coach_backlog_waiting", "decoder", "coach-decode") == 2
    assert value("coach_backlog_waiting", "writer", "coach-write") == 0
    assert value("coach_workers", "writer") == 0
    for name in (stream, "coach-decode"):
        service = "pose" if name == stream else "decoder"
        assert 0 < value("coach_backlog_oldest_seconds", service, name) < 600


def test_lost_server_leaves_the_metrics_of_the_process(valkey_url):
    client = connect(valkey_url)
    collect = DeploymentMetrics(client, "movenet").collect
    port = metrics.serve("scorer", "127.0.0.1", free_port(), collect)
    assert read(port)("coach_redis_up") == 1
    client.shutdown(nosave=True)
    value = read(port)
    assert value("coach_redis_up") == 0
    assert value("coach_frames_total", "scorer") == 0
    assert value("coach_backlog_waiting", "decoder", "coach-decode") is None
    client.close()
