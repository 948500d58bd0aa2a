"""A pose worker finds each chunk's poses with the options that came with the chunk."""

import threading
import time

import numpy as np
from builders import person

from services.pose.worker import PoseWorker
from shared.data import codec
from shared.data.job_options import JobOptions
from shared.data.messages import EncodedFrame, FrameChunk, KeypointChunk
from shared.data.pictures import encode_image
from shared.data.pose_options import PoseOptions
from shared.queue import keys
from shared.queue.job import new_job
from shared.queue.streams import Consumer, publish
from shared.queue.watchdog import Watchdog


class Sees:
    """Sees one person, as high as the picture that it was asked to look at."""

    engine = "eyes"

    def __init__(self, options):
        self.height_px = options.height_px

    def people(self, images):
        for _ in images:
            yield (person(height_px=self.height_px),)


def test_each_chunk_is_processed_with_its_own_options(client, store, tmp_path):
    job = new_job(tmp_path / "a.mp4", "ab" * 32, tmp_path, JobOptions("any"))
    store.create(job)
    image = encode_image(np.zeros((40, 60, 3), np.uint8))
    heights = (368, 256, 368)
    for number, height_px in enumerate(heights):
        frame = EncodedFrame(number, 0.0, image, 1.0, 1.0)
        chunk = FrameChunk(job.id, number, (frame,), PoseOptions(height_px=height_px))
        publish(client, keys.frames("any"), codec.pack(chunk))
    consumer = Consumer(client, keys.frames("any"), keys.POSE_GROUP, "p", 60)
    worker = PoseWorker(Sees, consumer, store, Watchdog(60))
    while (delivery := consumer.take(10)) is not None:
        worker.handle(delivery)
    found = [codec.unpack(e[b"m"], KeypointChunk) for _, e in client.xrange(keys.KEYPOINTS)]
    for chunk in found:
        assert chunk.engine == "eyes"
        [seen] = chunk.frames[0].people
        assert seen.box_px[3] - seen.box_px[1] == heights[chunk.chunk]


class Slow:
    """Looks at nothing, and takes half a second for each picture."""

    engine = "eyes"

    def __init__(self, options):
        self.looked = 0

    def people(self, images):
        for _ in images:
            time.sleep(0.5)
            self.looked += 1
            yield ()


def test_a_cancelled_job_stops_within_its_chunk(client, store, tmp_path):
    job = new_job(tmp_path / "a.mp4", "ab" * 32, tmp_path, JobOptions("any"))
    store.create(job)
    image = encode_image(np.zeros((40, 60, 3), np.uint8))
    frames = tuple(EncodedFrame(number, number / 30, image, 1.0, 1.0) for number in range(40))
    publish(client, keys.frames("any"), codec.pack(FrameChunk(job.id, 0, frames, PoseOptions())))
    consumer = Consumer(client, keys.frames("any"), keys.POSE_GROUP, "p", 60)
    slow = Slow(PoseOptions())
    threading.Timer(0.7, store.cancel, [job.id]).start()
    PoseWorker(lambda _: slow, consumer, store, Watchdog(60)).handle(consumer.take(10))
    assert slow.looked <= 6  # cancelled after two, and noticed within two seconds
    assert client.xlen(keys.frames("any")) == client.xlen(keys.KEYPOINTS) == 0
