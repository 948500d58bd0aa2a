"""A deployment on one machine: forked services, their restarts and their errors."""

import os
import signal
import subprocess
import sys
import textwrap
from contextlib import suppress

import psutil
import pytest
from builders import run_coach, wait_for

from coach.local.deployment import LocalDeployment
from shared.settings import Settings

pytestmark = pytest.mark.slow

#: Starts a deployment of forked services, prints its processes, and runs until its stdin closes.
DEPLOYMENT = textwrap.dedent("""
    import sys
    from coach.local.deployment import LocalDeployment
    from shared.settings import Settings

    with LocalDeployment(Settings(), 2, forks=True) as local:
        print(*(child.process.pid for child in local._children), flush=True)
        for line in sys.stdin:
            local.supervise()
            print(*(child.process.pid for child in local._children), flush=True)
""")


@pytest.fixture
def deployment(models):
    """A process with a deployment, and the processes of its services."""
    command = [sys.executable, "-c", DEPLOYMENT]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        services = [psutil.Process(int(pid)) for pid in process.stdout.readline().split()]
        yield process, services
        with suppress(ProcessLookupError):
            process.kill()


def test_services_are_forked_and_named(deployment):
    process, services = deployment
    names = ["coach-pose", "coach-pose", "coach-decoder", "coach-scorer", "coach-writer"]
    wait_for(lambda: [service.name() for service in services] == names)
    for service in services:
        assert service.cmdline() == [sys.executable, "-c", DEPLOYMENT]
        assert os.getsid(service.pid) == service.pid  # Ctrl-C does not reach it
    process.communicate("", timeout=60)
    assert process.returncode == 0
    assert not psutil.wait_procs(services, timeout=30)[1]


def test_a_forked_service_that_dies_is_started_anew(deployment):
    process, services = deployment
    services[0].kill()

    def supervised() -> list[int]:
        process.stdin.write("\n")
        process.stdin.flush()
        return [int(pid) for pid in process.stdout.readline().split()]

    wait_for(lambda: supervised()[0] != services[0].pid, 60)
    pids = supervised()
    assert pids[1:] == [service.pid for service in services[1:]]
    # Within the system's call that starts it, a process has no command line.
    wait_for(lambda: psutil.Process(pids[0]).cmdline())
    assert "services.pose" in psutil.Process(pids[0]).cmdline()


def test_no_forked_service_outlives_its_parent(deployment):
    process, services = deployment
    process.send_signal(signal.SIGKILL)
    wait_for(lambda: not psutil.wait_procs(services, timeout=0)[1], 30)


def test_a_process_that_may_have_threads_does_not_fork(monkeypatch):
    monkeypatch.setattr("coach.local.deployment.fork_service", None)
    monkeypatch.setitem(sys.modules, "openvino", sys)
    with LocalDeployment(Settings(), 1, forks=True) as local:
        local.supervise()


def test_pose_workers_end_once_no_poses_are_needed():
    with LocalDeployment(Settings(), 2) as local:
        workers = [child.process for child in local._children if child.service == "pose"]
        local.supervise(needs_poses=False)
        assert [worker.poll() for worker in workers] == [-signal.SIGKILL] * 2
        local.supervise(needs_poses=False)
        assert [child.service for child in local._children] == ["decoder", "scorer", "writer"]
        assert all(child.process.poll() is None for child in local._children)


def test_wrong_settings_of_a_service_end_the_command(clip, tmp_path):
    missing = str(tmp_path / "none.json")
    done = run_coach(
        "analyze", str(clip), "--out", str(tmp_path / "out"), COACH_POSTURE_MODEL=missing
    )
    assert done.returncode == 2
    assert "none.json" in done.stderr
