"""The whole pipeline with the rights of deploy/coach.acl, on a real redis-server."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
import redis
from builders import Deployment, run_coach, wait_for, write_clip

from shared.queue import keys
from shared.queue.worker_register import workers

pytestmark = pytest.mark.slow

ACL = Path(__file__).resolve().parents[2] / "deploy" / "coach.acl"
SERVICES = ("decoder", "pose", "scorer", "writer")
USERS = (*SERVICES, "submitter", "operator")

JOB = "0123456789abcdef"

#: What no user may do, and what the others may but this one may not.
FORBIDDEN_TO_ALL = (
    "FLUSHALL", "CONFIG GET *", "SHUTDOWN NOSAVE", "KEYS *", "ACL LIST", "MONITOR", "SAVE",
    "MODULE LIST", "REPLICAOF NO ONE", "GET other", "SET other 1",
    "EVAL return(redis.call('KEYS','*')) 0", "EVAL return(redis.call('FLUSHALL')) 0",
)  # fmt: skip
FORBIDDEN = {
    "decoder": [f"GET {keys.analysis(JOB)}", f"XREADGROUP GROUP g c STREAMS {keys.KEYPOINTS} >",
                "RPUSH rq:queue:coach-write x", f"HSET {keys.results(JOB)} 0 x"],
    "pose": [f"XADD {keys.frames('movenet')} * m x", f"HSET {keys.results(JOB)} 0 x",
             "RPUSH rq:queue:coach-decode x", f"SET {keys.analysis(JOB)} x", "HGETALL rq:job:x"],
    "scorer": [f"XADD {keys.frames('movenet')} * m x", f"GET {keys.analysis(JOB)}",
               f"SETBIT {keys.posed(JOB)} 1 1", "BLMOVE rq:queue:coach-write x LEFT LEFT 1"],
    "writer": [f"XADD {keys.KEYPOINTS} * m x", f"SET {keys.analysis(JOB)} x",
               "RPUSH rq:queue:coach-decode x", f"HGET {keys.results(JOB)} 0"],
    "submitter": [f"GET {keys.analysis(JOB)}", f"XADD {keys.KEYPOINTS} * m x",
                  f"HSET {keys.results(JOB)} 0 x", "SUBSCRIBE rq:pubsub:x",
                  "XRANGE coach:dead - +"],
    "operator": [f"GET {keys.analysis(JOB)}", f"HSET {keys.results(JOB)} 0 x",
                 f"XREADGROUP GROUP g c STREAMS {keys.KEYPOINTS} >", "SUBSCRIBE rq:pubsub:x"],
}  # fmt: skip


@pytest.fixture(scope="module")
def place():
    """Folder of a server on a Unix socket, with the users of the file and an administrator."""
    binary = shutil.which("redis-server")
    if binary is None:
        assert not os.environ.get("CI"), "CI must have a redis-server"
        pytest.skip("no redis-server on this machine")
    folder = Path(tempfile.mkdtemp(prefix="coach-test-"))
    users = ACL.read_text().replace("CHANGE-ME-", "")
    (folder / "users.acl").write_text(users + "user admin on >admin ~* &* +@all\n")
    command = [binary, "--port", "0", "--unixsocket", str(folder / "s"), "--save", "",
               "--dir", str(folder), "--aclfile", str(folder / "users.acl")]  # fmt: skip
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for((folder / "s").exists, 30)
        yield folder
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def url_of(place, user):
    name = user if user == "admin" else f"coach-{user}"
    return f"unix://{name}:{user}@{place / 's'}"


def denied(client):
    """What was refused, apart from what the client library asks on the side."""
    return [
        (entry["username"], entry["reason"], entry["object"], entry["context"])
        for entry in client.acl_log()
        if entry["object"] != "client|setinfo"
    ]


def test_pipeline_works_with_no_more_rights(place, models, short_film, tmp_path):
    with Deployment(url_of(place, "admin"), tmp_path) as running:
        for service in SERVICES:
            running.url = url_of(place, service)
            running.worker(service)
        submitter = ("--redis", url_of(place, "submitter"))
        gone = write_clip(tmp_path / "gone.mp4")
        out = ("--out", str(tmp_path / "out"), "--json")
        done = run_coach("submit", str(short_film), str(gone), *out, *submitter)
        gone.unlink()
        assert done.returncode == 0, (done.stderr, denied(running.client))
        jobs = [job["job"] for job in json.loads(done.stdout)]
        states = ("done", "failed", "cancelled")
        try:
            wait_for(lambda: all(running.status(job)["state"] in states for job in jobs), 90)
        finally:
            assert denied(running.client) == []
        assert [running.status(job)["state"] for job in jobs] == ["done", "failed"]
        check_register(running)
        for process in running.processes:
            process.terminate()
        assert [process.wait(15) for process in running.processes] == [0, 0, 0, 0]
        assert workers(running.client) == []
        for command in (("status", "--json"), ("status", jobs[0], "--json")):
            assert run_coach(*command, *submitter).returncode == 0
        assert denied(running.client) == []


def check_register(running):
    """Every service has counted its frames, also those of the processes that it forks."""

    def registered():
        return {worker.service: worker for worker in workers(running.client)}

    wait_for(lambda: all(worker.frames for worker in registered().values()), 20)
    assert registered().keys() == set(SERVICES)
    assert registered()["pose"].network == "movenet"
    assert registered()["pose"].engine
    assert registered()["decoder"].last_error.startswith(str(running.folder))  # the lost source


@pytest.mark.parametrize("user", USERS)
def test_everything_else_is_refused(place, user):
    with redis.Redis.from_url(url_of(place, user)) as client:
        client.ping()
        for command in (*FORBIDDEN_TO_ALL, *FORBIDDEN[user]):
            name, _, rest = command.partition(" ")
            parts = rest.rsplit(" ", 1) if name == "EVAL" else rest.split()
            with pytest.raises(redis.ResponseError, match="no permissions|NOPERM|can't run"):
                client.execute_command(name, *parts)


def test_nobody_gets_in_without_a_password(place):
    for url in (f"unix://{place / 's'}", f"unix://coach-pose:wrong@{place / 's'}"):
        with (
            redis.Redis.from_url(url) as client,
            pytest.raises((redis.AuthenticationError, redis.ResponseError)),
        ):
            client.ping()
