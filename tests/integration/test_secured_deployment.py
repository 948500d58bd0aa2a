"""A whole deployment as an operator secures and watches it.

Password, rights and TLS of a real redis-server, a root file system that cannot be written, metrics,
traces and log lines for programs: one run of the pipeline, looked at from each side.
"""

import json
import shutil
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from builders import Deployment, run_coach, wait_for, write_clip
from otlp_receiver import receiving
from prometheus_client.parser import text_string_to_metric_families
from secured_server import denied, free_port, secured_server

from shared.queue.connection import connect
from shared.queue.worker_register import Worker, workers

pytestmark = pytest.mark.slow

SERVICES = ("decoder", "pose", "scorer", "writer")

#: Runs a command with a root file system that cannot be written, but for the folder $0.
READ_ONLY = (
    'mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,ro,bind / && exec "$@"'
)


def read_only_but(folder):
    """What a command begins with to run on a read-only root; nothing if that takes more rights."""
    prefix = ("unshare", "--mount", "sh", "-c", READ_ONLY, str(folder))
    if shutil.which("unshare") and not subprocess.run([*prefix, "true"]).returncode:
        written = subprocess.run([*prefix, "touch", "/written"], capture_output=True)
        assert written.returncode != 0
        return prefix
    return ()


@dataclass
class Seen:
    """What was seen of the run: states and refusals, and what each way of watching has told."""

    jobs: list[dict]
    refused: list[tuple[str, ...]]
    registered: dict[str, Worker]
    left: list[Worker]
    metrics: dict
    spans: list
    logs: dict[str, list[dict]]
    folder: Path


def metrics_of(port):
    """Value of each metric of a service, by its name and the values of its labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture(scope="module")
def server():
    with secured_server(tls=True) as server:
        yield server


@pytest.fixture(scope="module")
def seen(server, models, short_film, tmp_path_factory):
    """One sound clip, one that is gone when it is decoded, and a recording."""
    folder = tmp_path_factory.mktemp("secured")
    (folder / "tmp").mkdir()
    ports = {service: free_port() for service in SERVICES}
    with (
        receiving() as receiver,
        Deployment(server.url("admin"), folder, prefix=read_only_but(folder)) as running,
    ):
        running.environment = {
            "COACH_LOG_FORMAT": "json",
            "COACH_OTLP_ENDPOINT": receiver.url,
            "HOME": "/nowhere",
            "COACH_MODELS_DIR": str(next(iter(models.values())).parents[1]),
            "TMPDIR": str(folder / "tmp"),
        }
        for service in SERVICES:
            running.url = server.url(service)
            running.worker(service, COACH_METRICS_PORT=str(ports[service]))
        gone = write_clip(folder / "gone.mp4")
        done = run_coach(
            "submit", str(short_film), str(gone), "--out", str(folder / "out"), "--json",
            "--redis", server.url("submitter"),
        )  # fmt: skip
        gone.unlink()
        assert done.returncode == 0, (done.stderr, denied(running.client))
        jobs = [job["job"] for job in json.loads(done.stdout)]

        def states():
            return [running.status(job)["state"] for job in jobs]

        wait_for(lambda: not {"queued", "running"} & set(states()), 150)

        def registered():
            return {worker.service: worker for worker in workers(running.client)}

        wait_for(lambda: all(worker.frames for worker in registered().values()), 60)
        metrics = {service: metrics_of(port) for service, port in ports.items()}
        known = registered()
        submitter = ("--redis", server.url("submitter"))
        assert run_coach("status", jobs[0], "--json", *submitter).returncode == 0
        sets = ("--sets", "on", "--out", str(folder / "recordings"), "--json", *submitter)
        [recording] = json.loads(run_coach("submit", str(short_film), *sets).stdout)
        ended = ("done", "failed")
        wait_for(lambda: running.status(recording["job"])["state"] in ended, 150)
        for command in (
            ("status", "--deployment", "--json"), ("pause", "pose"), ("resume", "pose"),
            ("trace", jobs[0], "3"), ("clean", "--older-than", "0s", "--dry-run"),
            ("clean", "--job", jobs[1], "--dry-run"), ("drain", "writer"),
        ):  # fmt: skip
            done = run_coach(*command, "--redis", server.url("operator"))
            assert done.returncode == 0, (done.stderr, denied(running.client))
            if command[0] == "status":
                assert len(json.loads(done.stdout)["queues"]) == 12  # four, of each priority
        *others, writer = running.processes
        assert writer.wait(60) == 0  # it is drained
        for process in others:
            process.terminate()
        assert [process.wait(15) for process in running.processes] == [0, 0, 0, 0]
        logs = {
            service: [json.loads(line) for line in log.read_text().splitlines()]
            for number, service in enumerate(SERVICES)
            for log in [folder / f"{service}-{number}.log"]
        }
        parents = [running.client.hget(f"coach:job:{job}", "traceparent") for job in jobs]
        traces = [parent.split(b"-")[1].decode() for parent in parents]
        spans = [entry for entry in receiver.spans if entry[1].trace_id.hex() in traces]
        yield Seen(
            [running.status(job) for job in [*jobs, recording["job"]]], denied(running.client),
            known, workers(running.client), metrics, spans, logs, folder,
        )  # fmt: skip


def test_pipeline_works_with_no_more_rights(seen):
    assert seen.refused == []
    assert [job["state"] for job in seen.jobs] == ["done", "failed", "done"]


def test_every_service_registers_and_leaves(seen):
    """Frames that a decoder's and a writer's forked processes have handled are counted too."""
    assert seen.registered.keys() == set(SERVICES)
    assert all(worker.frames for worker in seen.registered.values())
    assert seen.registered["pose"].network == "movenet"
    assert seen.registered["pose"].engine
    assert seen.registered["decoder"].last_error.startswith(str(seen.folder / "gone.mp4"))
    assert seen.left == []


@pytest.mark.parametrize("service", SERVICES)
def test_metrics_tell_of_the_work(seen, service):
    def value(name, *labels):
        return seen.metrics[service].get((name, frozenset((service, *labels))))

    assert value("coach_work_total", "done") >= 1
    assert value("coach_work_total", "given_up") == (service == "decoder")
    assert value("coach_frames_total") > 0
    assert value("coach_duration_seconds_count", "work") == value("coach_work_total", "done")
    assert value("coach_duration_seconds_count", "wait") >= 1
    assert (value("coach_duration_seconds_count", "judge") == 1) == (service == "scorer")
    up = seen.metrics[service].get(("coach_redis_up", frozenset()))
    assert up == (1 if service == "scorer" else None)


def test_each_job_is_a_trace_over_all_services(seen):
    traces = {}
    for service, span in seen.spans:
        traces.setdefault(span.trace_id, set()).add((service, span.name))
    done, failed = sorted(traces.values(), key=len, reverse=True)
    assert done == {
        ("coach-decoder", "decode"), ("coach-pose", "pose"), ("coach-scorer", "score"),
        ("coach-scorer", "judge"), ("coach-writer", "write"), ("coach-writer", "job"),
    }  # fmt: skip
    assert failed == {("coach-decoder", "decode"), ("coach-decoder", "job")}


@pytest.mark.parametrize("service", SERVICES)
def test_log_lines_are_objects_that_name_the_job(seen, service):
    assert all(line["service"] == service for line in seen.logs[service])
    assert all({"time", "level", "message"} <= line.keys() for line in seen.logs[service])
    assert [line for line in seen.logs["decoder"] if line["level"] == "ERROR" and line["job"]]


def test_server_of_another_certificate_is_not_trusted(server):
    url = server.url("pose")
    with pytest.raises(Exception, match="certificate verify failed"):
        connect(url.partition("?")[0])  # the system's authorities do not know this one
    with redis.Redis.from_url(url) as client:
        assert client.ping()
