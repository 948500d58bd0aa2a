"""A submission says which kinds of workers a deployment lacks."""

import json

from builders import run_coach, wait_for

from coach.cli.missing_workers import tell_missing
from shared.activity import Activity
from shared.data.job_options import JobOptions
from shared.queue import pausing
from shared.queue.job import new_job
from shared.queue.pausing import SERVICES
from shared.queue.worker_register import Register, workers


def test_submission_without_any_worker_is_accepted_and_says_so(valkey_url, clip, tmp_path):
    out = ("--out", str(tmp_path / "out"), "--json")
    done = run_coach("submit", str(clip), *out, "--redis", valkey_url)
    assert done.returncode == 0
    assert len(json.loads(done.stdout)) == 1
    assert "no worker is running; start a whole deployment with `coach up`" in done.stderr


def test_each_missing_kind_is_named_with_its_remedy(client, capsys, tmp_path):
    jobs = [
        new_job(tmp_path / "a.mp4", "ab", tmp_path / backend, JobOptions(backend))
        for backend in ("movenet", "blazepose-full")
    ]

    def told(service, network=""):
        activity = Activity()
        activity.begin(network)
        entry = Register(service, client, activity)
        wait_for(lambda: workers(client))
        tell_missing(client, jobs)
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
