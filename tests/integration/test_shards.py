"""A deployment of two servers: each job is on one of them, and is done there."""

import json

import pytest
from builders import Deployment, run_coach, wait_for, write_clip

from shared.queue import keys, shards
from shared.queue.job_store import JobStore

pytestmark = pytest.mark.slow


def test_adding_a_server_moves_only_the_jobs_that_it_gets():
    jobs = [f"{number:016x}" for number in range(2000)]
    before = {job: shards.url_of(job, ["a", "b", "c"]) for job in jobs}
    after = {job: shards.url_of(job, ["a", "b", "c", "d"]) for job in jobs}
    moved = [job for job in jobs if before[job] != after[job]]
    assert {after[job] for job in moved} == {"d"}
    for url in "abcd":
        assert 400 < list(after.values()).count(url) < 600


def test_jobs_are_shared_among_servers_and_decoded_there(valkey_url, redis_server_url, tmp_path):
    clips = [write_clip(tmp_path / f"{number}.mp4", frames=16 + number) for number in range(6)]
    servers = [redis_server_url, valkey_url]
    command = ["submit", *map(str, clips), "--out", str(tmp_path / "out"), "--json"]
    command += ["--redis", valkey_url]
    for again in range(2):  # the same clips go to the same servers, and are not done twice
        done = run_coach(*command, COACH_SHARDS=json.dumps(servers))
        assert done.returncode == 0, done.stderr
        jobs = {job["job"]: job["redis"] for job in json.loads(done.stdout)}
        assert len(jobs) == len(clips), again
    assert jobs == {job: shards.url_of(job, servers) for job in jobs}

    with (
        Deployment(redis_server_url, tmp_path) as one,
        Deployment(valkey_url, tmp_path) as other,
    ):
        for url, deployment in zip(servers, (one, other), strict=True):
            store = JobStore(deployment.client, 3600)
            mine = {job for job, server in jobs.items() if server == url}
            assert set(store.ids()) == mine
            deployment.worker("decoder")
        for url, deployment in zip(servers, (one, other), strict=True):
            store = JobStore(deployment.client, 3600)
            mine = [job for job, server in jobs.items() if server == url]
            wait_for(lambda: all(store.get(job).end_sent for job in mine), 60)  # noqa: B023
            assert deployment.client.xlen(keys.KEYPOINTS) == len(mine)
