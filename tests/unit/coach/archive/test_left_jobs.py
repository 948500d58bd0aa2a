"""Jobs whose recordings lay in the spool of a run that was killed."""

from pathlib import Path

from coach.archive.left_jobs import cancel_left
from coach.cli.submission import submit
from shared import claims
from shared.claims import Owner
from shared.data.job_options import JobOptions
from shared.queue import tasks
from shared.queue.job import new_job
from shared.queue.servers import Servers


def test_only_jobs_of_the_spool_are_cancelled(client, store, valkey_url, tmp_path):
    spool, out = tmp_path / "spool" / "abc", tmp_path / "out"
    out.mkdir()
    jobs = {}
    for clip in (spool / "sources" / "a.mp4", tmp_path / "spool" / "abcd" / "b.mp4"):
        job = jobs[clip.name] = new_job(clip, "0" * 64, out / clip.stem, JobOptions("scripted"))
        claims.claim(Path(job.out), Owner.of(job.source, job.sha256))
    submit(client, store, jobs.values(), timeout_s=60)
    cancel_left(Servers([valkey_url], 60), spool)
    assert store.state(jobs["a.mp4"].id) == "cancelled"
    assert store.is_active(jobs["b.mp4"].id)
    assert tasks.queued_jobs(client, "decode") == {jobs["b.mp4"].id}
    other = Owner.of("/another.mp4", "1" * 64)
    assert claims.claim(out / "a", other) == other  # its folder is free again
    assert claims.claim(out / "b", other) != other
