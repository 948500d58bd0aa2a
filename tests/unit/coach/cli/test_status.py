"""`coach status` of jobs in a batch."""

from dataclasses import replace
from pathlib import Path

from coach.cli import status
from coach.cli.status_tables import distinct_names
from coach.cli.submission import submit
from shared.data.job_options import JobOptions
from shared.queue.job import new_job
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
