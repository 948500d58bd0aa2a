"""The result of a recording whose sets have ended."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import analysis_of, write_clip
from schemas import wrong_in

from coach.cli import retry
from services.decoder.task import decode_job
from services.writer import sets, task
from services.writer.publish import is_published
from services.writer.task import write_job
from shared.data import codec
from shared.data.gate import GateState
from shared.data.job_options import JobOptions
from shared.errors import CoachError, UsageError
from shared.media.fingerprint import fingerprint
from shared.queue import keys
from shared.queue.job import new_job
from shared.queue.lease import Reason, WorkOver
from shared.queue.sets import new_set
from shared.queue.stalled_jobs import StalledJobMonitor
from shared.queue.task_run import TaskContext
from shared.settings import Settings
from synthetic import Lift

LIFT = Lift(reps=1, fps=5, width_px=320, height_px=240)


@pytest.fixture(scope="module")
def judged():
    return analysis_of(LIFT)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(sets, "_KEEP_CLIPS_S", 0.0)


@pytest.fixture
def context(client, store):
    return TaskContext(Settings(), client, store)


@pytest.fixture
def recording(client, store, tmp_path):
    """A recording that was looked through."""
    path = write_clip(tmp_path / "cam1_20261127_181500.mp4", frames=40, size_px=(320, 240))
    options = JobOptions("blazepose-full", video=False, sets="on")
    out = tmp_path / "out" / path.stem
    job = new_job(path, fingerprint(path), out, options, kind="recording")
    assert store.create(job)
    store.start(job.id)
    store.update(job.id, end_sent=1, frames=40)
    looked = GateState(1, 0.0, np.zeros((36, 64), np.float32), (), "", sets=0)
    client.set(keys.gate(job.id), codec.pack(looked))
    return job


def add_set(client, store, recording, from_s, analysis):
    """A set whose analysis is stored, ready to be written."""
    folder = Path(recording.out) / f"set-00-00-{from_s:02}"
    folder.mkdir(parents=True, exist_ok=True)
    clip = write_clip(folder / "clip.mp4", frames=LIFT.frames, size_px=(320, 240))
    job = new_set(recording, clip, fingerprint(clip), (from_s, from_s + 5.0))
    store.create(job)
    store.start(job.id)
    store.update(job.id, frames=LIFT.frames)
    client.sadd(keys.sets(recording.id), job.id)
    source = replace(analysis.source, path=str(clip), sha256=job.sha256)
    with client.pipeline(transaction=True) as pipe:
        store.store_analysis(pipe, replace(analysis, source=source, job=job.id))
        pipe.execute()
    return job


def without_lift(analysis):
    return replace(analysis, reps=(), attempts=())


def test_sets_are_listed_in_order_and_no_lift_leaves_nothing(
    context, client, store, recording, judged
):
    jobs = [
        add_set(client, store, recording, 30, judged),
        add_set(client, store, recording, 10, judged),
        add_set(client, store, recording, 20, without_lift(judged)),
    ]
    for job in jobs:
        write_job(context, job.id)
        assert store.state(job.id) == "done", store.get(job.id).error
        assert Path(job.source).exists()  # the server may forget that the set is done
    write_job(context, recording.id)
    assert store.state(recording.id) == "done", store.get(recording.id).error
    out = Path(recording.out)
    assert is_published(out, recording.id, recording.created_s)
    found = json.loads((out / "sets.json").read_text())
    assert wrong_in("sets", found) == []
    assert [one["folder"] for one in found["sets"]] == ["set-00-00-10", "set-00-00-30"]
    assert [one["starts_at"][11:] for one in found["sets"]] == ["18:15:10", "18:15:30"]
    assert found["sets"][0]["reps"] == 1
    assert found["no_lift"] == [{"from_s": 20.0, "to_s": 25.0}]
    assert not (out / "set-00-00-20").exists()
    assert not list(client.scan_iter(f"{keys.job(recording.id)}:*"))


def test_earlier_result_of_a_part_without_lift_is_not_taken_for_a_set(
    context, client, store, recording, judged
):
    earlier = add_set(client, store, recording, 10, judged)
    write_job(context, earlier.id)
    folder = Path(earlier.out)
    assert (folder / "manifest.json").exists()
    client.delete(keys.sets(recording.id))
    options = replace(recording.options, on_dead_chunk="fail")
    now = add_set(client, store, replace(recording, options=options), 10, without_lift(judged))
    assert now.id != earlier.id
    write_job(context, now.id)
    assert store.state(now.id) == "done", store.get(now.id).error
    write_job(context, recording.id)
    assert not folder.exists()
    found = json.loads((Path(recording.out) / "sets.json").read_text())
    assert (found["sets"], len(found["no_lift"])) == ([], 1)


def test_writer_that_died_before_it_removed_clips_is_made_up_for(
    context, client, store, recording, judged, monkeypatch
):
    def die(_run):
        raise WorkOver(Reason.STOPPING)

    job = add_set(client, store, recording, 10, without_lift(judged))
    write_job(context, job.id)
    with monkeypatch.context() as dying:
        dying.setattr(task, "remove_no_lift", die)
        write_job(context, recording.id)
    assert store.state(recording.id) == "running"
    assert Path(job.source).exists()
    write_job(context, recording.id)
    assert store.state(recording.id) == "done", store.get(recording.id).error
    assert not Path(job.out).exists()


def test_recording_fails_with_a_set_of_it_and_names_it(context, client, store, recording, judged):
    job = add_set(client, store, recording, 10, judged)
    store.fail(job.id, CoachError("a reason"))
    write_job(context, recording.id)
    assert store.state(recording.id) == "failed"
    assert "set-00-00-10: a reason" in store.get(recording.id).error
    assert not (Path(recording.out) / "manifest.json").exists()


def test_retry_of_a_failed_set_renews_the_recording(
    context, client, store, valkey_url, recording, judged, capsys
):
    jobs = [add_set(client, store, recording, from_s, judged) for from_s in (10, 20)]
    write_job(context, jobs[0].id)
    store.fail(jobs[1].id, CoachError("a reason"))
    write_job(context, recording.id)
    assert store.state(recording.id) == "failed"
    settings = Settings(redis_url=valkey_url)
    retry.run([jobs[1].id], settings)
    assert jobs[1].id in capsys.readouterr().err
    StalledJobMonitor(client, store, settings).repair_if_due()  # it cancels sets without recording
    assert store.is_active(recording.id)
    assert store.is_active(jobs[1].id)
    decode_job(context, recording.id)
    write_job(context, jobs[1].id)
    write_job(context, recording.id)
    assert store.state(recording.id) == "done", store.get(recording.id).error
    found = json.loads((Path(recording.out) / "sets.json").read_text())
    assert [one["folder"] for one in found["sets"]] == ["set-00-00-10", "set-00-00-20"]
    assert "set-00-00-20" in (Path(recording.out) / "report.html").read_text()


def test_set_of_a_cancelled_recording_is_not_resumed_alone(
    client, store, valkey_url, recording, judged
):
    job = add_set(client, store, recording, 10, judged)
    store.cancel(recording.id)
    with pytest.raises(UsageError, match=f"coach retry {recording.id}"):
        retry.run([job.id], Settings(redis_url=valkey_url))
    assert store.state(job.id) == "cancelled"


def test_a_task_that_comes_too_early_leaves_the_recording_alone(
    context, client, store, recording, judged
):
    job = add_set(client, store, recording, 10, judged)
    write_job(context, recording.id)  # the set was made while the monitor looked
    assert store.state(recording.id) == "running"
    write_job(context, job.id)
    store.update(recording.id, end_sent=0)  # it failed meanwhile, and goes on
    write_job(context, recording.id)
    assert store.state(recording.id) == "running"
    store.update(recording.id, end_sent=1)
    write_job(context, recording.id)
    assert store.state(recording.id) == "done", store.get(recording.id).error


def test_recording_without_sets_has_a_result_too(context, store, recording):
    write_job(context, recording.id)
    assert store.state(recording.id) == "done", store.get(recording.id).error
    assert "No set was found" in (Path(recording.out) / "report.html").read_text()
