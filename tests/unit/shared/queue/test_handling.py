"""What becomes of messages that cannot be handled, and of their jobs."""

import threading

import numpy as np
import pytest
from builders import wait_for

from services.pose.worker import PoseWorker
from shared.data import codec
from shared.data.job_options import JobOptions
from shared.data.messages import EncodedFrame, EndOfStream, EndReason, FrameChunk, KeypointChunk
from shared.data.pose_options import PoseOptions
from shared.errors import CapabilityError, UsageError
from shared.queue import dead_letters, keys
from shared.queue.job import new_job
from shared.queue.pausing import Requests
from shared.queue.streams import Consumer, is_empty, publish
from shared.queue.watchdog import Watchdog
from shared.queue.worker import WorkerContext, consume
from shared.settings import Settings

STREAM = keys.frames("any")


@pytest.fixture
def context(client, store):
    settings = Settings(claim_idle_s=0.05, max_deliveries=2)
    return WorkerContext(settings, client, store, threading.Event(), Requests(client, "pose"))


@pytest.fixture
def consumer(client):
    return Consumer(client, STREAM, keys.POSE_GROUP, "p", 0.05)


def running_job(store, folder, **options):
    job = new_job(folder / "a.mp4", "ab" * 32, folder, JobOptions("any", **options))
    store.create(job)
    store.start(job.id)
    return job.id


def chunk_of(job, number, image=b"no picture"):
    frames = tuple(EncodedFrame(number * 2 + i, number + i / 2, image, 1.0, 1.0) for i in (0, 1))
    return codec.pack(FrameChunk(job, number, frames, PoseOptions()))


def work_off(context, consumer, error=None):
    """Consume all messages; the work of each raises `error`, or finishes it. How often it ran."""
    handled = []
    pose = PoseWorker(None, consumer, context.store, Watchdog(60))

    def handle(delivery):
        handled.append(delivery.payload)
        if error is not None:
            raise error
        with consumer.finishing(delivery):
            pass

    def is_drained():
        return is_empty(context.client, consumer.stream)

    consume(context, consumer, handle, is_drained, skip=pose.skip)
    assert context.client.xpending(consumer.stream, consumer.group)["pending"] == 0
    return handled


def published(client):
    return [codec.unpack(e[b"m"], KeypointChunk) for _, e in client.xrange(keys.KEYPOINTS)]


def test_entry_without_its_field_does_not_end_the_worker(context, client, store, consumer):
    client.xadd(STREAM, {"x": "y"})
    publish(client, STREAM, b"good")
    assert work_off(context, consumer) == [b"good"]
    [dead] = dead_letters.letters(client)
    assert (dead.stream, dead.payload, dead.deliveries) == (STREAM, None, 1)
    assert "without the field m; it has x" in dead.cause


@pytest.mark.parametrize("payload", [b"", b"\xc1 damaged", b"\x81\xa4kind\xa6Person"])
def test_unreadable_message_becomes_a_dead_letter(context, client, consumer, payload):
    publish(client, STREAM, payload)

    def handle(delivery):
        codec.unpack(delivery.payload, FrameChunk)

    consume(context, consumer, handle, lambda: is_empty(client, STREAM))
    [dead] = dead_letters.letters(client)
    assert dead.payload == payload
    assert "FrameChunk" in dead.cause


def test_chunk_that_fails_every_worker_is_skipped(context, client, store, consumer, tmp_path):
    job = running_job(store, tmp_path)
    publish(client, STREAM, chunk_of(job, 7))
    assert len(work_off(context, consumer, ZeroDivisionError("of the picture"))) == 2
    [skipped] = published(client)
    assert (skipped.job, skipped.chunk, skipped.is_skipped) == (job, 7, True)
    assert [(f.index, f.time_s, f.people) for f in skipped.frames] == [(14, 7, ()), (15, 7.5, ())]
    [dead] = dead_letters.letters(client)
    assert (dead.job, dead.chunk, dead.deliveries) == (job, "7", 2)
    assert "ZeroDivisionError: of the picture" in dead.cause
    assert store.state(job) == "running"
    assert store.posed_chunks(job) == 1


def test_damaged_picture_is_skipped_at_once(context, client, store, consumer, tmp_path):
    job = running_job(store, tmp_path)
    publish(client, STREAM, chunk_of(job, 0))
    backend = type("Backend", (), {"people": lambda self, images: iter(())})()
    pose = PoseWorker(lambda options: backend, consumer, store, Watchdog(60))
    consume(context, consumer, pose.handle, lambda: is_empty(client, STREAM), skip=pose.skip)
    assert published(client)[0].is_skipped
    [dead] = dead_letters.letters(client)
    assert (dead.deliveries, dead.cause) == (1, "the image of a frame is no JPEG")


def test_job_fails_by_option_with_the_cause(context, client, store, consumer, tmp_path):
    job = running_job(store, tmp_path, on_dead_chunk="fail")
    publish(client, STREAM, chunk_of(job, 0))
    work_off(context, consumer, ZeroDivisionError("of the picture"))
    assert store.state(job) == "failed"
    assert "ZeroDivisionError: of the picture" in store.get(job).error
    assert published(client) == []
    assert len(list(dead_letters.letters(client))) == 1


@pytest.mark.parametrize(
    "error", [UsageError("no such option"), CapabilityError("not on this machine")]
)
def test_job_that_no_worker_can_do_fails(context, client, store, consumer, tmp_path, error):
    job = running_job(store, tmp_path)
    publish(client, STREAM, chunk_of(job, 0))
    work_off(context, consumer, error)
    assert store.get(job).error == str(error)
    assert published(client) == []


def test_job_cannot_do_without_another_message(context, client, store, tmp_path):
    job = running_job(store, tmp_path)
    publish(client, keys.KEYPOINTS, codec.pack(EndOfStream(job, 1, EndReason.COMPLETE)))
    scorer = Consumer(client, keys.KEYPOINTS, keys.SCORER_GROUP, "s", 0.05)
    work_off(context, scorer, ZeroDivisionError("of the lift"))
    assert "ZeroDivisionError: of the lift" in store.get(job).error


def test_message_that_kills_workers_is_not_handled_again(
    context, client, store, consumer, tmp_path
):
    job = running_job(store, tmp_path)
    publish(client, STREAM, chunk_of(job, 0))
    first, second = (Consumer(client, STREAM, consumer.group, name, 0.001) for name in "12")
    assert first.take(10)
    wait_for(lambda: second.take(10) is not None, 30)
    assert work_off(context, consumer) == []
    assert published(client)[0].is_skipped
    [dead] = dead_letters.letters(client)
    assert "the last of them 2; see their logs" in dead.cause


def test_message_named_like_another_key_becomes_a_dead_letter(context, client, consumer):
    client.rpush(keys.job("list"), "x")
    publish(client, STREAM, chunk_of("list", 0))
    work_off(context, consumer, ZeroDivisionError())
    assert len(list(dead_letters.letters(client))) == 1


def test_message_of_a_server_without_memory_stays_in_hand(context, client, store, consumer):
    publish(client, STREAM, b"work")
    times = []

    def handle(delivery):
        times.append(delivery.times)
        if len(times) < 4:  # more often than a message may be delivered
            client.config_set("maxmemory", 1)
            try:
                client.set("result", np.zeros(9).tobytes())
            finally:
                client.config_set("maxmemory", 0)
        with consumer.finishing(delivery):
            pass

    consume(context, consumer, handle, lambda: is_empty(client, STREAM))
    assert times == [1, 1, 1, 1]
