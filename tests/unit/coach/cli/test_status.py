"""`coach status` of jobs in a batch."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from coach.cli import status
from coach.cli.status_tables import Shown, ShownServer, distinct_names, overview
from coach.cli.submission import submit
from shared.data.job_options import JobOptions
from shared.queue.backlog import Backlog
from shared.queue.job import new_job
from shared.queue.worker_register import Worker
from shared.settings import Settings


def test_jobs_that_wait_in_a_batch_are_shown_and_have_not_ended(
    valkey_url, client, store, capsys, tmp_path
):
    jobs = [
        replace(
            new_job(Path(f"/v/{n}"), "ab" * 32, tmp_path / str(n), JobOptions("x")), batch="gym"
        )
        for n in range(3)
    ]
    submit(client, store, jobs, 60, batch_jobs=1)
    status.run(None, Settings(redis_url=valkey_url), as_json=False)
    shown = capsys.readouterr().out
    assert all(job.id in shown for job in jobs)
    assert "ended" not in shown
    store.finish(jobs[0].id)
    status.run(None, Settings(redis_url=valkey_url), as_json=False)
    assert "1 more have ended" in capsys.readouterr().out


def test_clips_of_one_name_are_told_apart_by_their_folders():
    paths = ["/a/rack/1.mp4", "/b/rack/1.mp4", "/b/rack/2.mp4", "/b//rack/1.mp4"]
    names = distinct_names(paths)
    assert [names[path] for path in paths[:3]] == ["a/rack/1.mp4", "/b/rack/1.mp4", "2.mp4"]


def shown_at(width):
    """What a screen of this width shows of a deployment."""
    worker = Worker(
        service="decoder", host="gym-machine", pid=20969, started_s=1.0, seen_s=9.0, frames=0,
        frames_per_s=4.2, memory_bytes=65 * 2**20, network="", engine="", job="1598eeff9edfe14f",
        last_error="", last_error_s=0.0, paused=False, autoscaled="",
    )  # fmt: skip
    queue = Backlog(name="coach-decode", service="decoder", waiting=3, in_flight=1, oldest_s=5.0)
    server = ShownServer("a", "unix:///a", 10.0, [], queues=[queue], workers=[worker])
    screen = Console(file=io.StringIO(), width=width)
    screen.print(overview(Shown([server])))
    return screen.file.getvalue()


@pytest.mark.parametrize("width", [24, 40, 60])
def test_words_stay_whole_on_a_narrow_screen(width):
    shown = shown_at(width)
    words = ("decoder", "gym-machine:20969", "frames/s", "memory", "1598eeff9edfe14f", "waiting")
    assert [word for word in words if word not in shown] == []
    assert max(map(len, shown.splitlines())) <= width


def test_a_wide_screen_shows_each_worker_in_one_line():
    [line] = [line for line in shown_at(100).splitlines() if "gym-machine" in line]
    assert "65 MB" in line
