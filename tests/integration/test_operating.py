"""A deployment of `coach up`, operated as its operator would: real processes, one after the other.

The tests share the deployment and read from top to bottom.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from builders import frames_of, run_coach, wait_for, write_clip
from typer.testing import CliRunner

from coach.cli.commands import app
from shared.errors import CoachError
from shared.queue.connection import connect
from shared.queue.worker_register import workers

pytestmark = pytest.mark.slow


class Up:
    """`coach up` with its server and workers; started again on the same data by `start`."""

    def __init__(self, folder):
        self.folder = folder
        self.url = f"unix://{folder / 'd' / 'valkey.sock'}"
        self.log = folder / "up.log"
        self.process = self.client = None

    def start(self):
        usual = {**os.environ, "COACH_REDIS_URL": self.url}  # as its operator has exported it
        command = [sys.executable, "-m", "coach", "up", "--pose", "2", "--data",
                   str(self.folder / "d")]  # fmt: skip
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stderr=log, env=usual)
        wait_for(lambda: "all workers are there" in self.said() or self.process.poll(), 120)
        assert self.process.poll() is None, self.said()
        self.client = connect(self.url)

    def said(self):
        return self.log.read_text()

    def run(self, *arguments):
        """Run a command in this process: to start one takes a second of a core."""
        done = CliRunner().invoke(app, [*arguments, "--redis", self.url])
        if isinstance(done.exception, CoachError):
            return SimpleNamespace(returncode=done.exception.exit_status, error=done.exception)
        return SimpleNamespace(returncode=done.exit_code, stdout=done.stdout, stderr=done.stderr)

    def coach(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode == 0, done
        return done

    def json(self, *arguments):
        return json.loads(self.coach(*arguments, "--json").stdout)

    def submit(self, clip, out):
        """The id of the job of a clip."""
        return self.json("submit", str(clip), "--out", str(out))[0]["job"]

    def pause(self, service):
        """Pause a service, and wait until its workers know."""
        self.coach("pause", service)
        wait_for(lambda: all(one.paused for one in workers(self.client) if one.service == service))

    def workers(self, service=None):
        """Process ids of the workers that are there."""
        return {one.pid for one in workers(self.client) if service in (None, one.service)}

    def children(self):
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture(scope="module")
def up(models):
    with tempfile.TemporaryDirectory(prefix="coach-") as folder:  # short: a socket lies in it
        running = Up(Path(folder))
        running.start()
        yield running
        if running.process.poll() is None:
            running.process.terminate()
            running.process.wait(30)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a small clip without anybody in it."""
    folder = tmp_path_factory.mktemp("operating")
    write_clip(folder / "clip.mp4", frames=40)
    return folder


def test_status_shows_queues_and_workers(up):
    document = up.json("status", "--deployment")
    assert document["jobs"] == []
    assert [queue["name"] for queue in document["queues"]] == [
        "coach-decode-high", "coach-decode", "coach-decode-low",
        "coach:frames:movenet:high", "coach:frames:movenet", "coach:frames:movenet:low",
        "coach:keypoints:high", "coach:keypoints", "coach:keypoints:low",
        "coach-write-high", "coach-write", "coach-write-low",
    ]  # fmt: skip
    kinds = sorted(worker["service"] for worker in document["workers"])
    assert kinds == ["decoder", "pose", "pose", "scorer", "writer"]
    assert {worker["host"] for worker in document["workers"]} == {socket.gethostname()}
    assert up.url in up.said()
    table = up.coach("status").stdout
    assert "frames movenet" in table
    assert "high" not in table  # nothing waits there
    assert "no job waits or runs" in table


def test_rqs_own_monitor_works_beside_it(up):
    asked = [sys.executable, "-m", "rq.cli", "info", "--serializer", "json", "--url", up.url]
    shown = subprocess.run(asked, capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    assert "coach-decode" in shown.stdout
    assert "coach-write" in shown.stdout
    assert "2 workers" in shown.stdout


def test_paused_stage_holds_a_job_and_resume_lets_it_go_on(up, place):
    up.pause("pose")
    done = up.coach("submit", str(place / "clip.mp4"), "--out", str(place / "out"), "--json")
    assert "pose is paused" in done.stderr
    [submitted] = json.loads(done.stdout)
    job = submitted["job"]
    wait_for(lambda: up.json("status", job)["progress"]["decoded"] == 40)
    waiting = up.json("trace", job, "39")
    assert (waiting["chunk"], waiting["place"]["stage"]) == (2, "pose")
    assert "waits for a pose worker" in up.coach("trace", job, "0").stdout
    queues = {queue["name"]: queue for queue in up.json("status", "--deployment")["queues"]}
    assert queues["coach:frames:movenet"]["waiting"] == 3
    assert queues["coach:frames:movenet"]["oldest_s"] > 0
    table = up.coach("status").stdout
    assert "clip.mp4" in table
    assert "finding poses" in table
    assert "paused: pose" in table
    assert up.run("results", job).returncode == 1  # none yet
    up.coach("resume")
    watched = up.coach("watch", job)
    assert str(place / "out" / "clip") in watched.stderr
    status = up.json("status", job)
    assert (status["state"], status["percent"]) == ("done", 100)


def test_results_and_frames_of_a_done_job_are_told(up, place):
    [job] = [one["job"] for one in up.json("status")]
    results = up.json("results", job)
    assert results["state"] == "done"
    assert results["files"]["report.html"] == str(place / "out" / "clip" / "report.html")
    assert up.coach("results", job).stdout.startswith(str(place / "clip.mp4"))
    seen = up.json("trace", job, "20")
    assert (seen["state"], seen["chunk"], seen["seen"]["joints"]) == ("done", 1, 0)
    assert "the lifter is not seen" in seen["said"]
    beyond = up.run("trace", job, "40")
    assert beyond.returncode == 2
    assert "has 40 frames" in str(beyond.error)
    table = up.coach("status", "--all").stdout
    assert "clip.mp4" in table
    assert "1 more have ended" in up.coach("status").stdout


def test_live_status_and_watching_end_with_ctrl_c_and_the_job_goes_on(up, place):
    up.pause("decoder")
    job = up.submit(place / "clip.mp4", place / "later")
    for command, said in ((["status", "--live"], ""), (["watch", job], f"coach cancel {job}")):
        process = subprocess.Popen(
            [sys.executable, "-m", "coach", *command, "--redis", up.url],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        (process.stdout if command[0] == "status" else process.stderr).readline()  # it runs
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == (130 if said else 0), errors
        assert said in errors
    assert up.json("status", job)["state"] == "queued"
    up.coach("cancel", job)
    up.coach("resume", "decoder")


def test_a_worker_that_dies_is_started_again(up):
    victim = min(up.workers("pose"))
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: len(up.workers("pose") - {victim}) == 2)
    assert re.search(r"pose-\d was ended by SIGKILL; starting it again in 0.5 s", up.said())


def test_rolling_restart_in_the_middle_of_a_job_changes_no_result(up, place, short_film):
    undisturbed = up.submit(short_film, place / "undisturbed")
    up.coach("watch", undisturbed)
    old = up.workers()
    up.pause("scorer")  # so that the job is still there when its workers are
    job = up.submit(short_film, place / "disturbed")
    wait_for(lambda: up.json("status", job)["progress"]["posed"] > 0)
    for service in ("pose", "decoder", "scorer", "writer"):
        up.coach("drain", service)
    wait_for(lambda: len(up.workers() - old) == 5, what="new workers to take the places of all")
    up.coach("resume")
    up.coach("watch", job)
    disturbed, other = (place / name / short_film.stem for name in ("disturbed", "undisturbed"))
    assert frames_of(disturbed) == frames_of(other)
    assert up.said().count("has finished, as it was asked to") == 5


def test_results_and_records_are_cleaned_together(up, place):
    before = {one["job"]: one["out"] for one in up.json("status")}
    [job] = [job for job, out in before.items() if out == str(place / "out" / "clip")]
    assert up.json("clean", "--older-than", "1h") == []
    planned = up.json("clean", "--job", job, "--dry-run")
    assert Path(before[job]).is_dir()
    assert up.json("clean", "--job", job) == planned
    assert not Path(before[job]).exists()
    assert {one["job"] for one in up.json("status")} == before.keys() - {job}


def test_second_deployment_in_the_same_folder_is_refused(up):
    again = run_coach("up", "--data", str(up.folder / "d"), COACH_REDIS_URL="")
    assert again.returncode == 2
    assert "another `coach up` runs" in again.stderr


def test_sigterm_stops_all_in_time_and_the_next_start_goes_on(up, place, short_film):
    up.pause("writer")
    job = up.submit(short_film, place / "continued")
    wait_for(lambda: up.json("status", job)["progress"]["decoded"] > 0)
    children = up.children()
    up.process.terminate()
    assert up.process.wait(15) == 0
    assert not psutil.wait_procs(children, timeout=1)[1]
    assert "stopped" in up.said()
    up.start()
    up.coach("resume", "writer")
    up.coach("watch", job)
    assert (place / "continued" / short_film.stem / "manifest.json").is_file()


def test_draining_the_machine_ends_the_deployment(up):
    up.coach("drain", socket.gethostname())
    while workers(up.client):  # as seldom as on a busy machine: its server is still there
        time.sleep(2)
    up.client.close()
    assert up.process.wait(30) == 0
    assert "this machine is drained" in up.said()
