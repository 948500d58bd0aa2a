import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from coach.cli import analyze, cancel, retry, submission
from coach.cli import submit as submit_command
from coach.cli.submission import prepare, release_folders, submit
from services.decoder.task import decode_job
from shared.data.job_options import JobOptions
from shared.errors import OutputError, QueueError, SourceError, UsageError
from shared.media.limits import SourceLimits
from shared.names import CLAIMS_FOLDER, readable
from shared.queue import keys, tasks
from shared.queue.job_store import JobStore
from shared.queue.lease import Lease, Stop
from shared.queue.servers import Servers
from shared.queue.task_run import TaskContext
from shared.settings import Settings

OPTIONS = JobOptions("blazepose-full")


def test_unreadable_clip_does_not_hold_up_the_others(clip, tmp_path):
    jobs, refused = prepare([tmp_path / "none.mp4", clip], tmp_path / "out", OPTIONS)
    assert [Path(job.out).name for job in jobs] == ["clip"]
    assert "none.mp4" in str(refused[0])


def test_output_folder_is_checked_before_any_work(clip, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="--out"):
        prepare([clip], tmp_path / "file" / "out", OPTIONS)


def test_clip_outside_the_roots_does_not_hold_up_the_others(clip, tmp_path):
    (tmp_path / "inside").mkdir()
    inside = shutil.copy(clip, tmp_path / "inside" / "good.mp4")
    limits = SourceLimits(roots=(tmp_path / "inside",))
    jobs, [error] = prepare([clip, Path(inside)], tmp_path / "out", OPTIONS, limits)
    assert [Path(job.out).name for job in jobs] == ["good"]
    assert "COACH_SOURCE_ROOTS" in str(error)
    assert str(clip) in str(error)


@pytest.mark.parametrize("name", ["a\0b.mp4", "x" * 300 + ".mp4", "circle.mp4"])
def test_name_that_cannot_be_opened_does_not_hold_up_the_others(clip, tmp_path, name):
    (tmp_path / "circle.mp4").symlink_to("circle.mp4")
    jobs, [error] = prepare([tmp_path / name, clip], tmp_path / "out", OPTIONS)
    assert [Path(job.out).name for job in jobs] == ["clip"]
    assert isinstance(error, SourceError)
    assert readable(name) in str(error)


def test_clip_given_twice_has_one_job(clip, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    jobs, _ = prepare([clip, Path(clip.name), Path("./x/..") / clip.name], tmp_path / "o", OPTIONS)
    assert [Path(job.out).name for job in jobs] == ["clip"]


def test_interruption_gives_up_the_folders_that_were_claimed(clip, tmp_path, monkeypatch):
    def interrupt(path):
        if path.name == "b.mp4":
            raise KeyboardInterrupt
        return "ab" * 32

    monkeypatch.setattr(submission, "fingerprint", interrupt)
    other = Path(shutil.copy(clip, tmp_path / "b.mp4"))
    with pytest.raises(KeyboardInterrupt):
        prepare([clip, other], tmp_path / "out", OPTIONS)
    assert list((tmp_path / "out").iterdir()) == []


def test_folder_that_a_writer_has_made_in_vain_is_given_up(clip, tmp_path):
    [job], _ = prepare([clip], tmp_path / "out", OPTIONS)
    out = Path(job.out)
    out.mkdir()
    (out / "notes.txt").touch()
    release_folders([job])
    assert out.exists()
    (out / "notes.txt").unlink()
    release_folders([job])
    assert list(out.parent.iterdir()) == []


@pytest.fixture
def clips(clip, tmp_path):
    """Five clips of equal content."""
    return [Path(shutil.copy(clip, tmp_path / f"{name}.mp4")) for name in "abcde"]


def interrupted_at_the_third(monkeypatch):
    """Ctrl-C as the third of some jobs is recorded."""
    create, created = JobStore.create, []

    def interrupt(self, job, force=False):
        created.append(create(self, job, force))
        if len(created) == 3:
            raise KeyboardInterrupt
        return created[-1]

    monkeypatch.setattr(JobStore, "create", interrupt)


def test_analyze_interrupted_as_it_submits_leaves_nothing(
    valkey_url, client, store, clips, tmp_path, monkeypatch
):
    interrupted_at_the_third(monkeypatch)
    settings = Settings(redis_url=valkey_url)
    with pytest.raises(KeyboardInterrupt):
        analyze.run(clips, tmp_path / "out", OPTIONS, settings, Servers.of(settings))
    assert store.active_ids() == []
    assert {store.get(job_id).state for job_id in store.ids()} == {"cancelled"}
    assert list((tmp_path / "out").iterdir()) == []


def test_submit_interrupted_keeps_what_is_recorded_and_no_other_claim(
    valkey_url, store, clips, tmp_path, monkeypatch, capsys
):
    interrupted_at_the_third(monkeypatch)
    settings = Settings(redis_url=valkey_url)
    with pytest.raises(KeyboardInterrupt):
        submit_command.run(clips, tmp_path / "out", OPTIONS, settings, as_json=False)
    recorded = {Path(store.get(job_id).out).name for job_id in store.ids()}
    claimed = {path.name for path in (tmp_path / "out" / CLAIMS_FOLDER).iterdir()}
    assert recorded == claimed
    assert len(recorded) == 3
    assert "`coach status` shows" in capsys.readouterr().err


def test_refused_submission_gives_up_the_folder(valkey_url, client, clip, tmp_path):
    client.config_set("maxmemory", "1mb")
    settings = Settings(redis_url=valkey_url)
    try:
        with pytest.raises(QueueError):
            submit_command.run([clip], tmp_path / "out", OPTIONS, settings, as_json=False)
    finally:
        client.config_set("maxmemory", "0")
    assert list((tmp_path / "out").iterdir()) == []


def test_interruption_leaves_the_claims_of_earlier_commands(clip, tmp_path, monkeypatch):
    [job], _ = prepare([clip], tmp_path / "out", OPTIONS)  # it waits for a worker

    def interrupt(path):
        if path.name == "b.mp4":
            raise KeyboardInterrupt
        return job.sha256

    monkeypatch.setattr(submission, "fingerprint", interrupt)
    other = Path(shutil.copy(clip, tmp_path / "b.mp4"))
    with pytest.raises(KeyboardInterrupt):
        prepare([clip, other], tmp_path / "out", OPTIONS)
    assert [path.name for path in (tmp_path / "out" / ".coach").iterdir()] == ["clip"]


def test_job_submitted_twice_is_enqueued_once(client, store, clip, tmp_path):
    jobs, _ = prepare([clip], tmp_path / "out", OPTIONS)
    for _ in range(2):
        submit(client, store, jobs, timeout_s=60)
    assert store.state(jobs[0].id) == "queued"
    assert tasks.queue(client, "decode").count == 1


@pytest.fixture
def done(client, store, clip, tmp_path):
    """A job that is done, with its result on the disk."""
    [job], _ = prepare([clip], tmp_path / "out", OPTIONS)
    assert submit(client, store, [job], 60) == []
    tasks.queue(client, "decode").empty()
    store.finish(job.id)
    Path(job.out).mkdir()
    source = {"path": job.source, "sha256": job.sha256}
    manifest = {"job": job.id, "created_s": job.created_s, "files": {}, "source": source}
    (Path(job.out) / "manifest.json").write_text(json.dumps(manifest))
    release_folders([job])
    return job


def test_done_job_that_is_submitted_again_is_left_as_it_is(client, store, clip, tmp_path, done):
    [again], _ = prepare([clip], tmp_path / "out", OPTIONS)
    assert again.id == done.id
    assert submit(client, store, [again], 60) == [again]
    assert store.state(done.id) == "done"
    assert tasks.is_idle(client, "decode")
    assert not (tmp_path / "out" / ".coach").exists()


def test_done_job_is_done_again_if_forced_or_its_result_is_gone(
    client, store, clip, tmp_path, done
):
    [again], _ = prepare([clip], tmp_path / "out", OPTIONS)
    assert submit(client, store, [again], 60, force=True) == []
    assert store.state(done.id) == "queued"
    store.finish(done.id)
    (Path(done.out) / "manifest.json").unlink()
    assert submit(client, store, [again], 60) == []
    assert store.state(done.id) == "queued"


def test_running_job_starts_over_if_forced(client, store, clip, tmp_path):
    [job], _ = prepare([clip], tmp_path / "out", OPTIONS)
    submit(client, store, [job], 60)
    lease = Lease(client, job, Stop())
    assert lease.take()
    [again], _ = prepare([clip], tmp_path / "out", OPTIONS)
    submit(client, store, [again], 60, force=True)
    assert not lease.take()  # it is of the run before
    assert Lease(client, again, Stop()).take()


def test_full_disk_is_refused_before_any_work(clip, tmp_path, monkeypatch):
    free = shutil.disk_usage(tmp_path)._replace(free=clip.stat().st_size)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    with pytest.raises(OutputError, match="GB left"):
        prepare([clip], tmp_path / "out", OPTIONS)
    assert list((tmp_path / "out").iterdir()) == []


def test_failed_job_is_resumed_from_what_is_stored(valkey_url, client, store, clip, tmp_path):
    [job], _ = prepare([clip], tmp_path / "out", OPTIONS)
    submit(client, store, [job], 60)
    tasks.queue(client, "decode").empty()
    store.store_result(job.id, 0, b"result")
    store.fail(job.id, SourceError("away"))
    assert 0 < client.ttl(keys.results(job.id)) <= 3600
    settings = Settings(redis_url=valkey_url)
    retry.run([job.id], settings)
    resumed = store.get(job.id)
    assert (resumed.state, resumed.error) == ("queued", "")
    assert client.ttl(keys.job(job.id)) == -1
    assert store.stored_chunk_numbers(job.id) == {0}
    assert tasks.queued_jobs(client, "decode") == {job.id}
    with pytest.raises(UsageError, match="is queued: only a job that has failed"):
        retry.run([job.id], settings)
    with pytest.raises(UsageError, match="there is no job"):
        retry.run(["none"], settings)


def test_cancelled_job_leaves_no_task_no_message_and_no_claim(
    valkey_url, client, store, clip, tmp_path
):
    [job], _ = prepare([clip], tmp_path / "out", OPTIONS)
    submit(client, store, [job], 60)
    decode_job(TaskContext(Settings(), client, store), job.id)
    assert client.xlen(keys.frames(OPTIONS.backend)) > 0
    cancel.run([job.id], Settings(redis_url=valkey_url))
    assert tasks.is_idle(client, "decode")
    assert client.xlen(keys.frames(OPTIONS.backend)) == 0
    assert client.exists(*keys.all_of(job.id)) == 1
    assert list((tmp_path / "out").iterdir()) == []


def test_cancelled_recording_leaves_no_clip_that_a_decoder_died_cutting(
    valkey_url, client, store, clip, tmp_path
):
    options = replace(OPTIONS, sets="on")
    [job], _ = prepare([clip], tmp_path / "out", options)
    submit(client, store, [job], 60)
    folder = Path(job.out) / "set-00-00-10"
    folder.mkdir(parents=True)
    (folder / f".clip-{job.id}-123.mp4").touch()
    others = folder.with_name("set-00-09-00") / ".clip-fedcba9876543210-123.mp4"
    others.parent.mkdir()
    others.touch()  # of a job with other options, which is at work
    cancel.run([job.id], Settings(redis_url=valkey_url))
    assert list((tmp_path / "out").rglob("*")) == [Path(job.out), others.parent, others]


def test_job_that_cannot_be_resumed_gets_no_claim(valkey_url, client, store, clip, tmp_path):
    [job], _ = prepare([clip], tmp_path / "out", OPTIONS)
    submit(client, store, [job], 60)
    store.finish(job.id)
    release_folders([job])
    with pytest.raises(UsageError, match="is done: only a job that has failed"):
        retry.run([job.id], Settings(redis_url=valkey_url))
    assert list((tmp_path / "out").iterdir()) == []
