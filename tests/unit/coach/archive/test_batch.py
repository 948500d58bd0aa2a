"""What a batch submits for a recording."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from coach.archive.batch import Batch
from coach.archive.ledger import LEDGER, Ledger
from coach.archive.places import Places
from coach.archive.recordings import Recording
from coach.archive.rows import Row
from coach.archive.work import BatchOptions, Stores
from shared.data.job_options import JobOptions
from shared.media.limits import DEFAULT_LIMITS
from shared.queue import tasks
from shared.queue.servers import Servers

OPTIONS = BatchOptions(
    JobOptions("scripted", video=False), DEFAULT_LIMITS, jobs=4, task_timeout_s=60, name="gym"
)


@pytest.fixture
def new_batch(tmp_path):
    """Makes a batch with some options."""

    def make(**options):
        out = tmp_path / "out"
        out.mkdir()
        stores = Stores(Places(out, None, video=False), Ledger(out / LEDGER, is_kept=False))
        return Batch(replace(OPTIONS, **options), stores)

    return make


@pytest.fixture
def submit(store, valkey_url, clip, new_batch):
    """Submits the clip, and copies of it, with some options; their jobs."""

    def submit_clips(copies=0, **options):
        batch = new_batch(**options)
        clips = [clip, *(clip.with_name(f"copy-{number}.mp4") for number in range(copies))]
        for copy in clips[1:]:
            shutil.copy(clip, copy)
        batch.add(Recording(path, PurePosixPath(path.name)) for path in clips)
        batch.submit_next(Servers([valkey_url], 60))
        assert not batch.rows
        return [store.get(job_id) for job_id in store.ids()]

    return submit_clips


@pytest.mark.parametrize(("sets", "kind"), [("on", "recording"), ("auto", "clip")])
def test_a_recording_is_judged_set_by_set_if_asked_to(submit, sets, kind):
    [job] = submit(job=replace(OPTIONS.job, sets=sets))
    assert job.kind == kind


def test_no_more_jobs_begin_than_the_settings_allow_of_one_batch(client, submit):
    assert len(submit(copies=2, batch_jobs=1)) == 3
    assert len(tasks.queued_jobs(client, "decode")) == 1


@pytest.fixture
def queued(valkey_url, clip, new_batch):
    """A batch with one queued job, its recording, and the servers."""
    servers = Servers([valkey_url], 60)
    batch, recording = new_batch(), Recording(clip, PurePosixPath(clip.name))
    batch.add([recording])
    batch.submit_next(servers)
    return batch, recording, servers


def test_changed_recording_waits_for_the_job_of_its_earlier_content(store, clip, queued):
    batch, recording, servers = queued
    [first] = batch.running
    with clip.open("ab") as file:
        file.write(b"more")
    changed = replace(recording, size_bytes=1)
    batch.add([recording, changed])
    batch.submit_next(servers)
    assert list(batch.running) == [first]
    assert list(batch.waiting.values()) == [changed]  # once, as it is now
    store.cancel(first)
    batch.poll(servers)
    batch.submit_next(servers)
    [second] = batch.running
    assert second != first
    assert not batch.waiting


def test_recording_held_open_at_its_turn_is_to_be_given_again(valkey_url, clip, new_batch):
    batch, recording = new_batch(), Recording(clip, PurePosixPath(clip.name))
    batch.add([recording])
    with clip.open("ab"):
        batch.submit_next(Servers([valkey_url], 60))
    assert [row.state for row in batch.rows_without_result()] == ["waiting"]
    assert batch.take_refused() == {recording.relative}
    batch.add([recording])
    batch.submit_next(Servers([valkey_url], 60))
    assert [one.recording for one in batch.running.values()] == [recording]


def test_recording_rewritten_while_queued_is_to_be_given_again(store, clip, queued):
    batch, recording, servers = queued
    status = clip.stat()
    shutil.copy(clip, copy := clip.with_name("copy.mp4"))
    copy.rename(clip)
    os.utime(clip, ns=(status.st_atime_ns, status.st_mtime_ns))  # of the same size and time
    store.cancel(next(iter(batch.running)))
    batch.poll(servers)
    assert [row.state for row in batch.rows_without_result()] == ["waiting"]
    assert batch.take_refused() == {recording.relative}


def test_recording_removed_while_queued_is_no_longer_being_written(store, clip, queued):
    batch, _, servers = queued
    clip.unlink()
    store.cancel(next(iter(batch.running)))
    batch.poll(servers)
    [row] = batch.rows_without_result()
    assert (row.state, row.error) == ("unreadable", "it was removed or renamed meanwhile")


def test_recordings_that_left_the_archive_are_forgotten_but_for_results(clip, new_batch):
    batch = new_batch()
    broken = [Recording(clip, PurePosixPath(name), error="a link") for name in ("a.mp4", "b.mp4")]
    waits, finished = (Recording(clip, PurePosixPath(name)) for name in ("c.mp4", "d.mp4"))
    batch.add([*broken, waits])
    batch.rows[finished.relative] = [Row(recording="d.mp4", state="done")]
    changes = batch.changes
    batch.forget_missing([*broken, waits, finished])
    assert (len(batch.rows), len(batch.waiting), batch.changes) == (3, 1, changes)
    batch.forget_missing(broken[:1])
    assert list(batch.rows) == [broken[0].relative, finished.relative]
    assert not batch.waiting
    assert batch.changes > changes  # the summary is written again


def test_recordings_in_a_folder_called_like_the_summary_are_refused(clip, new_batch):
    batch = new_batch()
    names = ("index.html/a.mp4", "index.html.mp4", "cam1/summary.csv/a.mp4")
    batch.add(Recording(clip, PurePosixPath(name)) for name in names)
    [row] = batch.rows_without_result()
    assert (row.recording, row.state) == (names[0], "unreadable")
    assert "called index.html" in row.error
    assert "rename that folder" in row.error
    assert [str(path) for path in batch.waiting] == list(names[1:])


def test_user_is_told_where_the_result_of_a_replaced_recording_goes(valkey_url, clip, new_batch):
    said = []
    batch, recording = new_batch(), Recording(clip, PurePosixPath(clip.name))
    batch.say = said.append
    out = batch.stores.places.out
    (out / "clip").mkdir()
    source = {"path": str(clip), "sha256": "ab" * 32}
    (out / "clip" / "manifest.json").write_text(json.dumps({"source": source, "files": {}}))
    batch.add([recording])
    batch.submit_next(Servers([valkey_url], 60))
    assert said == [
        f"note: clip.mp4: its result goes to {out}/clip.mp4, because {out}/clip holds the result "
        f"of an earlier content of {clip}"
    ]
