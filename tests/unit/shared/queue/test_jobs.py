import json
from dataclasses import replace
from pathlib import Path

import pytest

from shared.data.job_options import JobOptions
from shared.data.pose_options import PoseOptions
from shared.errors import OutputError, SourceError, UsageError, exit_status_of
from shared.queue import keys
from shared.queue.jobs import new_job

OPTIONS = JobOptions("blazepose-full")


@pytest.fixture
def job(store):
    made = new_job(Path("/v/a.mp4"), "ab" * 32, Path("/o/a"), OPTIONS)
    assert store.create(made)
    return made


def test_a_record_comes_back_as_it_was(store, job):
    assert store.get(job.id) == job
    asked = replace(OPTIONS, pose=PoseOptions(height_px=256, stages=2, region=True))
    other = new_job(Path("/v/a.mp4"), "ab" * 32, Path("/o/a"), asked)
    assert store.create(other)
    assert store.get(other.id) == other
    assert set(store.ids()) == {job.id, other.id}
    assert store.get("unknown") is None


def test_a_record_of_the_version_before_has_the_usual_options(client, store, job):
    record = json.loads(client.hget(keys.job(job.id), "options"))
    del record["pose"]
    client.hset(keys.job(job.id), "options", json.dumps(record))
    assert store.get(job.id) == job


def test_identity_is_content_options_and_place():
    job = new_job(Path("a.mp4"), "ab", Path("o"), OPTIONS)
    assert new_job(Path("copy-of-a.mp4"), "ab", Path("o"), OPTIONS).id == job.id
    assert new_job(Path("a.mp4"), "cd", Path("o"), OPTIONS).id != job.id
    assert new_job(Path("a.mp4"), "ab", Path("o"), replace(OPTIONS, every=2)).id != job.id
    assert new_job(Path("a.mp4"), "ab", Path("p"), OPTIONS).id != job.id
    posed = replace(OPTIONS, pose=PoseOptions(region=True))
    assert new_job(Path("a.mp4"), "ab", Path("o"), posed).id != job.id


def test_an_active_job_is_not_made_twice_and_an_ended_one_starts_over(store, job):
    assert not store.create(job)
    store.fail(job.id, SourceError("bad"))
    assert store.create(job)
    assert store.get(job.id).error == ""


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("finish", "fail"),  # what is done cannot fail
        ("fail", "finish"),  # what has failed is not done by a late worker
        ("cancel", "finish"),  # nor what was given up
        ("cancel", "start"),  # nor does it start again
    ],
)
def test_a_job_ends_once(store, job, first, then):
    def change(name):
        args = (OutputError("full"),) if name == "fail" else ()
        return getattr(store, name)(job.id, *args)

    assert change(first)
    state = store.state(job.id)
    assert not change(then)
    assert store.state(job.id) == state
    assert store.active_ids() == []


def test_the_chunk_that_completes_a_job_says_so_and_says_it_again(store, job):
    assert not store.store_result(job.id, 1, b"b")
    assert not store.store_end(job.id, 2, "complete")
    assert store.store_result(job.id, 0, b"a")
    assert store.store_result(job.id, 0, b"a")  # delivered twice
    assert store.scored_chunk_numbers(job.id) == {0, 1}


def test_the_end_may_come_last(store, job):
    assert not store.store_result(job.id, 0, b"a")
    assert store.store_end(job.id, 1, "complete")


def test_the_window_waits_for_results(store, job):
    assert store.wait_for_room(job.id, sent=1, window=2, timeout_s=1)
    assert not store.wait_for_room(job.id, sent=2, window=2, timeout_s=1)
    store.store_result(job.id, 0, b"a")
    assert store.wait_for_room(job.id, sent=2, window=2, timeout_s=1)


def test_an_ended_job_keeps_nothing_but_its_record(store, client, job):
    store.store_result(job.id, 0, b"a")
    store.finish(job.id)
    assert client.exists(*keys.all_of(job.id)) == 1
    assert client.ttl(keys.job(job.id)) > 0


def test_failures_tell_their_exit_status(store, job):
    store.fail(job.id, SourceError("broken"))
    kept = store.get(job.id)
    assert (kept.state, kept.error, exit_status_of(kept.error_kind)) == ("failed", "broken", 2)
    assert exit_status_of("CoachError") == exit_status_of("unheard of") == 1


def test_options_out_of_range_are_refused():
    with pytest.raises(UsageError):
        JobOptions("blazepose-full", every=-1)
