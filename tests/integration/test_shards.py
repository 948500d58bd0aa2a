"""A deployment of two servers: each job is on one of them, and commands work over both."""

import json
import os
import socket
import subprocess
import sys

import pytest
from builders import wait_for, write_clip
from typer.testing import CliRunner

from coach.cli.commands import app
from shared.queue import dead_letters, keys, pausing, shards
from shared.queue.servers import Servers
from shared.queue.streams import Consumer, publish
from shared.queue.worker_register import workers

pytestmark = pytest.mark.slow


def test_adding_a_server_moves_only_the_jobs_that_it_gets():
    jobs = [f"{number:016x}" for number in range(2000)]
    before = {job: shards.url_of(job, ["a", "b", "c"]) for job in jobs}
    after = {job: shards.url_of(job, ["a", "b", "c", "d"]) for job in jobs}
    moved = [job for job in jobs if before[job] != after[job]]
    assert {after[job] for job in moved} == {"d"}
    for url in "abcd":
        assert 400 < list(after.values()).count(url) < 600


@pytest.fixture
def urls(redis_server_url, valkey_url):
    return [redis_server_url, valkey_url]


@pytest.fixture
def servers(urls):
    servers = Servers(urls, 3600)
    yield servers
    for server in servers:
        server.client.close()


@pytest.fixture
def coach(urls):
    """Runs a command in this process: its result, or as JSON what it prints, or its error."""

    def run(*arguments, urls=urls, fails=False):
        environment = {"COACH_SHARDS": json.dumps(urls), "COACH_REDIS_URL": None}
        done = CliRunner().invoke(app, arguments, env=environment)
        if fails:
            error = str(done.exception)
            done.exception = done.exc_info = None  # they hold its frames, and so connections
            return error
        assert done.exit_code == 0, (done.output, done.exception)
        return json.loads(done.stdout) if "--json" in arguments else done

    return run


@pytest.fixture
def submit(tmp_path, urls, coach):
    """Submits clips until each server has a job; the ids of the jobs of each."""

    def submit():
        names = (tmp_path / f"{number}.mp4" for number in range(50))
        there = {url: [] for url in urls}
        while not all(there.values()):
            clip = write_clip(next(names), frames=20)
            [job] = coach("submit", str(clip), "--out", str(tmp_path / "out"), "--json")
            there[job["redis"]].append(job["job"])
        return [there[url] for url in urls]

    return submit


@pytest.fixture
def up(urls, tmp_path, models):
    """`coach up` for both servers; its pose workers come when chunks wait."""
    command = [sys.executable, "-m", "coach", "up", "--data", str(tmp_path / "up")]
    environment = {**os.environ, "COACH_SHARDS": json.dumps(urls), "COACH_REDIS_URL": ""}
    with (tmp_path / "up.log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log, env=environment)
    yield process
    process.terminate()
    process.wait(30)
    print((tmp_path / "up.log").read_text())


def services_at(server):
    return sorted(worker.service for worker in workers(server.client))


def test_commands_work_over_both_servers(up, urls, servers, coach, submit, tmp_path):
    away = ["decoder", "scorer", "up", "writer"]
    wait_for(lambda: all(services_at(server) == away for server in servers), 120)
    coach("pause", "writer")
    assert [pausing.paused(server.client) for server in servers] == [("writer",)] * 2
    here, there = submit()
    jobs = {*here, *there}

    document = coach("status", "--deployment", "--json")
    assert {job["job"] for job in document["jobs"]} == jobs
    assert {queue["redis"] for queue in document["queues"]} == {*urls}
    table = coach("status").stdout
    for server in servers:
        assert f"{server.name}: paused: writer" in table
    assert "no worker of" not in table  # pose workers come by themselves, and go

    coach("cancel", here[0], there[0])
    assert coach("status", here[0], "--json")["state"] == "cancelled"
    coach("retry", here[0], there[0])
    coach("resume")
    watched = coach("watch", *jobs, "--json")
    assert {one["state"] for one in watched} == {"done"}
    assert all("pose" in services_at(server) for server in servers)
    assert coach("results", here[0], there[0]).stdout.count("report.html") == 2
    assert coach("trace", there[0], "5", "--json")["state"] == "done"

    planned = coach("clean", "--older-than", "0s", "--dry-run", "--json")
    assert {one["job"] for one in planned} == jobs
    assert coach("clean", "--older-than", "0s", "--json") == planned
    assert list((tmp_path / "out").glob("*/manifest.json")) == []
    assert coach("status", "--all", "--json") == []

    coach("drain", socket.gethostname(), "--wait")
    assert up.wait(60) == 0
    assert all(services_at(server) == [] for server in servers)


def test_letters_of_both_servers_are_listed_and_found(servers, coach):
    for server, job in zip(servers, ("here", "there"), strict=True):
        server.client.sadd(keys.ACTIVE_JOBS, job)
        publish(server.client, "s", b"work")
        consumer = Consumer(server.client, "s", "g", "a", 60)
        delivery = consumer.take(100)
        with consumer.finishing(delivery) as pipe:
            dead_letters.add(pipe, "s", delivery, "cause", job, "3")
    letters = {one["job"]: one["id"] for one in coach("dead", "list", "--json")}
    assert letters.keys() == {"here", "there"}
    assert '"there"' in coach("dead", "show", letters["there"]).stdout
    coach("dead", "retry", letters["there"])
    coach("dead", "drop", letters["here"])
    assert coach("dead", "list", "--json") == []
    assert [server.client.xlen("s") for server in servers] == [0, 1]
    assert "no dead letter" in coach("dead", "show", "1-1", fails=True)


def test_job_is_found_where_it_is_after_the_list_has_changed(urls, servers, coach, submit):
    _, there = submit()
    first, second = urls
    longer = ["redis://127.0.0.1:1/0", first]  # a new one that is away, and without the second
    assert coach("status", there[0], "--json", urls=[*longer, second])["job"] == there[0]
    assert "cannot be reached" in coach("cancel", there[0], urls=longer, fails=True)
    assert "there is no job" in coach("cancel", there[0], urls=[first], fails=True)
    coach("cancel", there[0], urls=[*longer, second])
    assert servers.at(second).store.state(there[0]) == "cancelled"


def test_a_server_that_is_away_hides_no_other(urls, servers, coach, submit):
    here, _ = submit()
    servers.at(urls[1]).client.shutdown(nosave=True)
    shown = coach("status").stdout
    assert here[0] in shown
    assert "cannot be reached" in shown
    assert "cannot be reached" in coach("pause", "pose", fails=True)
    assert pausing.paused(servers.at(urls[0]).client) == ("pose",)
