"""What the scorer makes of chunks whose frames nobody looked at."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from builders import poses_of

from services.scorer.score import lift_model
from services.scorer.worker import Scorer
from shared.data import codec
from shared.data.job_options import JobOptions
from shared.data.messages import EndOfStream, EndReason, KeypointChunk
from shared.queue import keys, tasks
from shared.queue.job import new_job
from shared.queue.pausing import Requests
from shared.queue.streams import Consumer, publish
from shared.queue.worker import WorkerContext
from shared.settings import Settings
from synthetic import Lift

MODEL = lift_model.load_default()

#: The frames of a set; it gets brighter evenly, by more in a chunk than between shots.
FRAMES = tuple(
    replace(frame, thumbnail=np.full(48, frame.index / 200, np.float32))
    for frame in poses_of(Lift(reps=2, fps=10)).frames
)


@pytest.fixture
def job(store, tmp_path):
    job = new_job(tmp_path / "a.mp4", "ab" * 32, tmp_path, JobOptions("any"))
    store.create(job)
    store.start(job.id)
    store.update(job.id, width_px=1280, height_px=960, fps=10.0, frames=len(FRAMES))
    return job.id


def chunk(job, number, is_skipped=False):
    frames = FRAMES[number * 8 : number * 8 + 8]
    if is_skipped:
        unseen = np.empty(0, np.float32)
        frames = tuple(replace(f, people=(), plates=(), thumbnail=unseen) for f in frames)
    engine = "" if is_skipped else "eyes"
    return KeypointChunk(job, number, frames, engine, is_skipped=is_skipped)


def score(client, store, *messages):
    for message in messages:
        publish(client, keys.KEYPOINTS, codec.pack(message))
    consumer = Consumer(client, keys.KEYPOINTS, keys.SCORER_GROUP, "s", 60)
    context = WorkerContext(
        Settings(), client, store, threading.Event(), Requests(client, "scorer")
    )
    scorer = Scorer(context, consumer, MODEL)
    while (delivery := consumer.take(10)) is not None:
        scorer.handle(delivery)


CHUNKS = range(-(-len(FRAMES) // 8))
DEAD = 1


def end(job):
    return EndOfStream(job, len(CHUNKS), EndReason.COMPLETE)


def test_analysis_goes_on_without_skipped_frames_and_says_so(client, store, job):
    score(client, store, *(chunk(job, n, n == DEAD) for n in CHUNKS), end(job))
    analysis = store.analysis(job)
    warning = (
        f"8 of {len(FRAMES)} analysed frames could not be looked at: what happens in them is "
        "missing here"
    )
    assert warning in analysis.warnings
    assert warning in analysis.summary.warnings
    assert [f.index for f in analysis.frames if f.person is None] == list(range(8, 16))
    assert {f.shot for f in analysis.frames} == {0}  # the gap is no cut
    assert len(analysis.reps) == 2
    assert analysis.pose.engines == ("eyes",)


def test_job_fails_if_none_of_its_frames_was_looked_at(client, store, job):
    score(client, store, *(chunk(job, n, is_skipped=True) for n in CHUNKS), end(job))
    assert store.state(job) == "failed"
    assert "none of its frames could be looked at" in store.get(job).error
    assert tasks.is_idle(client, "write")
    assert client.xlen(keys.KEYPOINTS) == 0


def test_frames_that_were_looked_at_after_all_stay_seen(client, store, job):
    seen = [chunk(job, n) for n in CHUNKS]
    late = chunk(job, DEAD, is_skipped=True)
    score(client, store, late, *seen, late, end(job))
    assert store.analysis(job).warnings == ()


def test_result_that_the_server_has_lost_does_not_fail_the_job(client, store, job):
    store.store_result(job, len(CHUNKS), b"of no chunk")  # so that the number is right all the same
    score(client, store, *(chunk(job, n) for n in CHUNKS if n), end(job))
    assert store.state(job) == "running"
    assert not store.has_analysis(job)
