"""A submission says which kinds of workers a deployment lacks."""

import json
from pathlib import Path

from builders import run_coach, wait_for

from coach.cli import status
from coach.cli.missing_workers import tell_missing
from shared.activity import Activity
from shared.data.job_options import JobOptions
from shared.queue import pausing
from shared.queue.job import new_job
from shared.queue.pausing import SERVICES
from shared.queue.servers import Servers
from shared.queue.worker_register import Register, autoscaled, workers
from shared.settings import Settings


def test_submission_without_any_worker_is_accepted_and_says_so(valkey_url, clip, tmp_path):
    out = ("--out", str(tmp_path / "out"), "--json")
    done = run_coach("submit", str(clip), *out, "--redis", valkey_url)
    assert done.returncode == 0
    assert len(json.loads(done.stdout)) == 1
    assert "no worker is running; start a whole deployment with `coach up`" in done.stderr


def test_each_missing_kind_is_named_with_its_remedy(client, valkey_url, capsys, tmp_path):
    [server] = Servers([valkey_url], 60)
    jobs = [
        new_job(tmp_path / "a.mp4", "ab", tmp_path / backend, JobOptions(backend))
        for backend in ("movenet", "blazepose-full")
    ]

    def told(service, network=""):
        activity = Activity()
        activity.begin(network)
        entry = Register(service, client, activity)
        wait_for(lambda: workers(client))
        tell_missing(server, jobs)
        entry.close()
        return capsys.readouterr().err

    notes = told("pose", "movenet").splitlines()
    for service in SERVICES:
        named = f"note: no {service} is running; start one with `coach worker {service}`"
        assert (named in notes) == (service != "pose")
    assert "no pose worker for movenet" not in " ".join(notes)
    assert any("`coach worker pose --backend blazepose-full`" in note for note in notes)
    pausing.pause(client, ["writer"])
    assert "writer is paused; `coach resume writer` lets it go on" in told("decoder")


def test_pose_workers_that_come_when_chunks_wait_are_not_missing(client, valkey_url, capsys):
    [server] = Servers([valkey_url], 60)
    jobs = [new_job(Path("/v/a.mp4"), "ab", Path("/r/a"), JobOptions("movenet"))]
    entry = Register("up", client, Activity(autoscaled=["movenet"]))
    wait_for(lambda: autoscaled(workers(client)) == {"movenet"})
    tell_missing(server, jobs)
    assert "pose" not in capsys.readouterr().err
    status.run(None, Settings(redis_url=valkey_url), as_json=False)
    shown = capsys.readouterr().out
    assert "pose workers for movenet start when chunks wait" in shown
    assert "no worker of: " in shown
    assert "pose (" not in shown
    entry.close()
