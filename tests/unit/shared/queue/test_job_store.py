import os
from pathlib import Path

import pytest

from shared.data.job_options import JobOptions
from shared.data.messages import EndReason
from shared.errors import OutputError, SourceError, exit_status_of
from shared.queue import keys
from shared.queue.job import new_job

OPTIONS = JobOptions("blazepose-full")


@pytest.fixture
def job(store):
    made = new_job(Path("/v/a.mp4"), "ab" * 32, Path("/o/a"), OPTIONS)
    assert store.create(made)
    return made


def test_recorded_jobs_are_found_and_listed(store, job):
    other = new_job(Path("/v/b.mp4"), "cd" * 32, Path("/o/b"), OPTIONS)
    assert store.create(other)
    assert (store.get(job.id), store.get(other.id)) == (job, other)
    assert store.ids() == [other.id, job.id]  # newest first
    assert store.active_ids() == sorted([job.id, other.id])
    assert store.get("unknown") is None


def test_paths_that_are_not_utf_8_come_back_as_they_are(store):
    clip, out = (Path(os.fsdecode(path)) for path in (b"/v/d\xe9ad.mp4", b"/r\xe9sults/d_ad"))
    made = new_job(clip, "ab" * 32, out, OPTIONS)
    assert store.create(made)
    assert store.get(made.id) == made
    assert os.fsencode(store.get(made.id).source) == b"/v/d\xe9ad.mp4"
    store.fail(made.id, SourceError(f"{clip} is empty"))
    assert store.get(made.id).error == r"/v/d\xe9ad.mp4 is empty"


@pytest.mark.parametrize(
    "options",
    ['{"backend": "b", "unknown": 1}', "[]", '{"backend": "b", "every": -1}', "[" * 9999, b"\xff"],
    ids=lambda options: repr(options[:20]),
)
def test_job_whose_record_cannot_be_read_fails(client, store, job, options):
    client.hset(keys.job(job.id), "options", options)
    assert store.get(job.id) is None
    assert store.state(job.id) == "failed"
    assert job.id not in store.active_ids()


def test_active_job_is_not_recorded_twice(store, job):
    store.update(job.id, sent=3)
    assert not store.create(job)
    assert store.get(job.id).sent == 3


def test_ended_job_starts_over(store, job):
    store.fail(job.id, SourceError("bad"))
    assert store.create(job)
    assert store.get(job.id) == job


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("finish", "fail"),  # a done job cannot fail
        ("fail", "finish"),  # a late worker cannot finish a failed job
        ("cancel", "finish"),  # nor a cancelled one
        ("cancel", "start"),  # nor start it again
    ],
)
def test_job_ends_once(store, job, first, then):
    def change(name):
        args = (OutputError("full"),) if name == "fail" else ()
        return getattr(store, name)(job.id, *args)

    assert change(first)
    state = store.state(job.id)
    assert not change(then)
    assert store.state(job.id) == state
    assert store.active_ids() == []


def test_unknown_job_cannot_be_started(client, store):
    assert not store.start("unknown")
    assert not client.exists(keys.job("unknown"))


def test_last_result_completes_the_job_even_when_stored_twice(store, job):
    assert not store.store_result(job.id, 1, b"b")
    assert not store.store_end(job.id, 2, EndReason.TRUNCATED)
    assert store.store_result(job.id, 0, b"a")
    assert store.store_result(job.id, 0, b"a")  # delivered twice
    assert store.stored_chunk_numbers(job.id) == {0, 1}
    assert store.get(job.id).end_reason is EndReason.TRUNCATED


def test_end_of_the_stream_may_complete_the_job(store, job):
    assert not store.store_result(job.id, 0, b"a")
    assert store.store_end(job.id, 1, EndReason.COMPLETE)


def test_window_has_room_again_after_a_result(store, job):
    assert store.wait_for_room(job.id, sent=1, window=2, timeout_s=1)
    assert not store.wait_for_room(job.id, sent=2, window=2, timeout_s=1)
    store.store_result(job.id, 0, b"a")
    assert store.wait_for_room(job.id, sent=2, window=2, timeout_s=1)


def test_ended_job_keeps_its_record_only(store, client, job):
    store.store_result(job.id, 0, b"a")
    store.finish(job.id)
    assert client.exists(*keys.all_of(job.id)) == 1
    assert client.ttl(keys.job(job.id)) > 0


def test_failed_job_keeps_its_error_and_exit_status(store, job):
    store.fail(job.id, SourceError("broken"))
    kept = store.get(job.id)
    assert (kept.state, kept.error, exit_status_of(kept.error_kind)) == ("failed", "broken", 2)
    assert exit_status_of("CoachError") == exit_status_of("of another version") == 1
