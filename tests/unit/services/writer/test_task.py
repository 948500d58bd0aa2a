"""The write task on a job whose analysis is stored: a rendered set, judged, and its film."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from builders import analysis_of, write_clip

from services.writer.contents import JOURNAL
from services.writer.publish import is_published
from services.writer.task import write_job
from shared import claims
from shared.claims import Owner
from shared.data.job_options import JobOptions
from shared.errors import exit_status_of
from shared.media.fingerprint import fingerprint
from shared.media.source import open_source
from shared.queue import keys
from shared.queue.job import new_job
from shared.queue.job_store import JobStore
from shared.queue.lease import Lease
from shared.queue.task_run import TaskContext
from shared.settings import Settings
from synthetic import Lift

LIFT = Lift(reps=1, fps=5, width_px=320, height_px=240)


@pytest.fixture
def clip(tmp_path):
    return write_clip(tmp_path / "clip.mp4", frames=LIFT.frames, size_px=(320, 240))


@pytest.fixture
def scored(client, store, clip, tmp_path):
    """A running job with its analysis."""
    job = new_job(clip, fingerprint(clip), tmp_path / "out" / "clip", JobOptions("blazepose-full"))
    assert store.create(job)
    assert store.start(job.id)
    store.update(job.id, frames=LIFT.frames)
    analysis = analysis_of(LIFT)
    source = replace(analysis.source, path=str(clip), sha256=job.sha256)
    with client.pipeline(transaction=True) as pipe:
        store.store_analysis(pipe, replace(analysis, source=source, job=job.id))
        pipe.execute()
    return job


@pytest.fixture
def context(client, store):
    return TaskContext(Settings(), client, store)


def test_result_is_written_and_the_job_done(context, store, clip, scored):
    write_job(context, scored.id)
    job = store.get(scored.id)
    assert job.state == "done"
    assert is_published(Path(scored.out), scored.id, scored.created_s)
    with open_source(Path(scored.out) / "annotated.mp4") as drawn, open_source(clip) as source:
        times = [[frame.time_s for frame in opened.frames()] for opened in (drawn, source)]
    assert times[0] == times[1]


def test_changed_source_fails_the_job_even_with_as_many_frames(context, store, clip, scored):
    write_clip(clip, frames=LIFT.frames, size_px=(320, 240), codec="mpeg4")
    write_job(context, scored.id)
    job = store.get(scored.id)
    assert job.state == "failed"
    assert f"{clip} is not the clip that was analysed, or has changed" in job.error
    assert not Path(scored.out).exists()


def test_frame_count_of_the_record_is_not_checked(context, store, scored):
    store.update(scored.id, frames=LIFT.frames + 7)
    write_job(context, scored.id)
    assert store.state(scored.id) == "done"


@pytest.mark.parametrize(
    ("setting", "variable"),
    [("out_roots", "COACH_OUT_ROOTS"), ("source_roots", "COACH_SOURCE_ROOTS")],
)
def test_paths_outside_the_roots_fail_the_job(context, store, scored, tmp_path, setting, variable):
    settings = Settings(**{setting: [tmp_path / "elsewhere"]})
    write_job(replace(context, settings=settings), scored.id)
    assert variable in store.get(scored.id).error
    assert not Path(scored.out).exists()


def test_published_result_is_not_written_again(context, client, store, scored):
    record = client.hgetall(keys.job(scored.id))
    write_job(context, scored.id)
    manifest = Path(scored.out) / "manifest.json"
    before = manifest.stat().st_mtime_ns
    client.hset(keys.job(scored.id), mapping=record)  # as if the writer had died before `finish`
    client.sadd(keys.ACTIVE_JOBS, scored.id)
    (manifest.parent / JOURNAL).write_text("{}")
    claims.claim(manifest.parent, Owner.of(scored.source, scored.sha256))
    write_job(context, scored.id)
    assert store.state(scored.id) == "done"
    assert manifest.stat().st_mtime_ns == before
    assert not (manifest.parent / JOURNAL).exists()
    assert [path.name for path in manifest.parent.parent.iterdir()] == ["clip"]


def test_clip_that_is_submitted_again_at_the_end_leaves_no_claim(
    context, store, scored, monkeypatch
):
    def finish(store, job_id, before=JobStore.finish):
        claims.claim(Path(scored.out), Owner.of(scored.source, scored.sha256))
        return before(store, job_id)

    monkeypatch.setattr(JobStore, "finish", finish)
    write_job(context, scored.id)
    assert store.state(scored.id) == "done"
    assert not (Path(scored.out).parent / ".coach").exists()


def test_file_that_a_person_made_meanwhile_fails_the_job(context, store, scored):
    own = Path(scored.out) / "report.html"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    write_job(context, scored.id)
    assert str(own) in store.get(scored.id).error
    assert exit_status_of(store.get(scored.id).error_kind) == 2
    assert [path.name for path in own.parent.iterdir()] == ["report.html"]
    assert own.read_text() == "mine"


def test_cancelled_job_is_not_written(context, store, scored):
    store.cancel(scored.id)
    write_job(context, scored.id)
    assert store.state(scored.id) == "cancelled"
    assert not Path(scored.out).exists()


def test_manifest_holds_the_options_of_the_job(context, scored):
    write_job(context, scored.id)
    manifest = json.loads((Path(scored.out) / "manifest.json").read_text())
    assert manifest["options"]["backend"] == "blazepose-full"
    assert manifest["source"]["sha256"] == scored.sha256


def test_source_overwritten_while_it_is_drawn_fails_the_job(
    context, store, clip, scored, monkeypatch
):
    """With as many frames of the same size: nothing but its content tells."""
    other = write_clip(
        clip.with_name("other.mp4"), frames=LIFT.frames, size_px=(320, 240), codec="mpeg4"
    ).read_bytes()
    progress = Lease.progress

    def overwrite(self, **values):
        if values == {"written": 1}:
            clip.write_bytes(other)
        progress(self, **values)

    monkeypatch.setattr(Lease, "progress", overwrite)
    write_job(context, scored.id)
    assert "has changed" in store.get(scored.id).error
    assert not Path(scored.out).exists()


def test_analysis_that_the_server_lost_does_not_fail_the_job(context, client, store, scored):
    client.delete(keys.analysis(scored.id))
    write_job(context, scored.id)
    assert store.state(scored.id) == "running"
    assert not client.exists(keys.lease(scored.id))


def test_writer_that_lost_its_lease_publishes_nothing(context, client, store, scored, monkeypatch):
    """It was stopped while it drew; another one has begun meanwhile."""
    begin = Lease.begin_final_step

    def take_over(self):
        client.set(keys.lease(scored.id), "another")
        begin(self)

    monkeypatch.setattr(Lease, "begin_final_step", take_over)
    write_job(context, scored.id)
    assert store.state(scored.id) == "running"
    assert not list(Path(scored.out).iterdir())
    assert client.get(keys.lease(scored.id)) == b"another"
    assert not list(Path(scored.out).parent.glob(".*.partial"))


def test_job_that_another_task_holds_is_left_alone(context, client, store, scored):
    client.set(keys.lease(scored.id), "another")
    write_job(context, scored.id)
    assert store.state(scored.id) == "running"
    assert not Path(scored.out).exists()


def test_task_of_a_finished_job_deletes_what_came_late(context, client, store, scored):
    """As after a chunk that two scorers took for the last one."""
    store.finish(scored.id)
    with client.pipeline(transaction=True) as pipe:
        store.store_analysis(pipe, replace(analysis_of(LIFT), job=scored.id))
        pipe.execute()
    assert client.ttl(keys.analysis(scored.id)) > 0
    write_job(context, scored.id)
    assert client.exists(*keys.all_of(scored.id)) == 1
