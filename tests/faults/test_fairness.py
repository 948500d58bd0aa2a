"""Decoders as real processes share their time among jobs."""

import signal
from dataclasses import replace

import pytest
from builders import Deployment, wait_for, write_clip

from coach.cli.submission import prepare, submit
from shared.data import codec
from shared.data.job_options import JobOptions
from shared.data.messages import FrameChunk
from shared.queue import keys, tasks
from shared.queue.job_store import JobStore
from shared.queue.streams import Consumer

pytestmark = pytest.mark.slow


@pytest.fixture
def running(valkey_url, tmp_path):
    with Deployment(valkey_url, tmp_path) as deployment:
        yield deployment


@pytest.fixture
def clip(tmp_path):
    return write_clip(tmp_path / "clip.mp4", frames=16)


def job_of(clip, out, priority="normal"):
    [job], _ = prepare([clip], out, JobOptions("any"))
    return replace(job, priority=priority)


def test_huge_job_gives_way_and_goes_on_where_it_was(running, clip, tmp_path):
    client, store = running.client, JobStore(running.client, 3600)
    huge = job_of(write_clip(tmp_path / "huge.mp4", frames=96), tmp_path / "huge")
    small = [job_of(clip, tmp_path / str(number)) for number in range(2)]
    submit(client, store, [huge], 60)
    running.worker("decoder", COACH_WINDOW_CHUNKS="2", COACH_DECODE_TURN_S="0.5")
    wait_for(lambda: store.get(huge.id).sent == 2, 60)
    submit(client, store, small, 60)
    wait_for(lambda: all(store.get(job.id).end_sent for job in small), 60)
    assert store.get(huge.id).sent == 2

    taken = []
    consumer = Consumer(client, keys.frames("any"), keys.POSE_GROUP, "p", 60)
    while len(taken) < 6 + len(small):
        if (delivery := consumer.take(500)) is not None:
            chunk = codec.unpack(delivery.payload, FrameChunk)
            taken.append((chunk.job, chunk.chunk))
            with consumer.finishing(delivery):
                store.store_result(chunk.job, chunk.chunk, b"result")
    chunks = [chunk for job, chunk in taken if job == huge.id]
    assert chunks == list(range(6))  # each once, in order
    assert store.get(huge.id).repairs == 0


def test_tasks_of_high_priority_come_first(running, clip, tmp_path):
    client, store = running.client, JobStore(running.client, 3600)
    low, normal, high = (
        job_of(clip, tmp_path / priority, priority) for priority in ("low", "normal", "high")
    )
    submit(client, store, [low, normal, high], 60)
    assert tasks.queued_jobs(client, "decode") == {low.id, normal.id, high.id}
    running.worker("decoder")
    wait_for(lambda: all(store.get(job.id).end_sent for job in (low, normal, high)), 60)
    began = [store.get(job.id).progress_s for job in (high, normal, low)]
    assert began == sorted(began)
    for job, ending in ((high, ":high"), (normal, ""), (low, ":low")):
        [(_, entry)] = client.xrange(keys.frames("any") + ending)
        assert codec.unpack(entry[b"m"], FrameChunk).job == job.id
        assert client.xlen(keys.KEYPOINTS + ending) == 1
    wait_for(lambda: not list(client.scan_iter("rq:job:*")), 20)


def test_task_taken_by_a_worker_that_dies_at_once_is_not_lost(running, clip, tmp_path):
    """Its id is kept beside the queue until it has begun."""
    client, store = running.client, JobStore(running.client, 3600)
    job = job_of(clip, tmp_path / "out")
    store.create(job)
    worker = running.worker("decoder")
    wait_for(lambda: client.scard("rq:workers") == 1, 60)
    worker.send_signal(signal.SIGSTOP)
    tasks.enqueue(client, "decode", job.id, 60)
    moved = client.lmove("rq:queue:coach-decode", "rq:queue:coach-decode:intermediate")
    worker.kill()
    tasks.forget_dead(client, job.id)
    assert moved
    assert not client.exists(b"rq:job:" + moved, "rq:queue:coach-decode:intermediate")
