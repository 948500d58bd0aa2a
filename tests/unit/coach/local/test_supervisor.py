"""The supervisor of `coach up`: restarts with growing pauses, scaling, bounded logs."""

import pytest
from builders import wait_for

from coach.local import children, served
from coach.local.supervisor import Plan, Supervisor
from shared.queue import keys
from shared.queue.streams import publish
from shared.queue.worker_register import autoscaled, workers
from shared.settings import Settings


@pytest.fixture
def lines():
    return []


@pytest.fixture
def start(valkey_url, tmp_path, lines):
    """Makes a supervisor of these services, with a backend that does not exist."""

    def make(most_pose=0, **numbers):
        plan = Plan(numbers, most_pose, [valkey_url], 0, tmp_path)
        return Supervisor(plan, Settings(backend="none"), lines.append)

    return make


def test_pauses_grow_while_a_child_keeps_dying(start, lines):
    with start(pose=1) as running:
        wait_for(lambda: running.supervise() and len(lines) >= 2)
    assert "has ended with status 2: error: " in lines[0]
    assert "none" in lines[0]
    assert "starting it again in 0.5 s" in lines[0]
    assert "starting it again in 1 s" in lines[1]


def test_pose_workers_follow_the_length_of_the_stream(start, client, monkeypatch, lines):
    monkeypatch.setattr(served, "POLL_S", 0)
    with start(most_pose=4) as running:
        assert running.supervise()  # without any process
        assert running.running("pose") == 0
        wait_for(lambda: autoscaled(workers(client)) == {"none"})
        for _ in range(5):
            publish(client, keys.frames("none"), b"work")
        running.supervise()
        assert running.running("pose") == 3
        client.delete(keys.frames("none"))
        running.supervise()
        running.supervise()
        assert running.running("pose") == 3  # for two minutes
        monkeypatch.setattr(served, "COOLDOWN_S", 0)
        running.supervise()
        assert running.running("pose") == 0
        publish(client, keys.frames("none:low"), b"work")
        running.supervise()
        assert running.running("pose") == 1
    assert "unfinished chunks: 5; pose workers go up to 3" in lines
    assert "unfinished chunks: 0; pose workers go down to 0" in lines
    assert workers(client) == []


def test_log_that_has_grown_too_long_is_put_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(children, "_LOG_BYTES", 10)
    log = tmp_path / "pose-1.log"
    with log.open("ab") as writing:
        writing.write(b"first line\n")
        writing.flush()
        children.bound_log(log)
        writing.write(b"next\n")
    assert log.read_text() == "next\n"
    assert (tmp_path / "pose-1.log.1").read_text() == "first line\n"
