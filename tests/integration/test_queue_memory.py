"""A hundred queued jobs and a slow pose stage: what waits in the server is limited."""

import threading

import pytest
from builders import wait_for, write_clip

from coach.cli.submission import prepare
from services.decoder.task import decode_job
from shared.data import codec
from shared.data.defaults import BACKEND
from shared.data.job_options import JobOptions
from shared.data.messages import FrameChunk
from shared.queue import keys
from shared.queue.streams import Consumer, bytes_of
from shared.queue.task_run import TaskContext
from shared.settings import Settings

pytestmark = pytest.mark.slow

LIMIT_BYTES = 100_000


def test_short_clips_of_a_hundred_jobs_do_not_pile_up_in_the_server(client, store, tmp_path):
    clip = write_clip(tmp_path / "clip.mp4", frames=32)
    jobs = []
    for number in range(100):
        [job], _ = prepare([clip], tmp_path / str(number), JobOptions(BACKEND))
        store.create(job)
        jobs.append(job.id)
    stream = keys.frames(BACKEND)
    consumer = Consumer(client, stream, keys.POSE_GROUP, "p", 60)

    context = TaskContext(Settings(in_flight_bytes=LIMIT_BYTES), client, store)
    left = iter(jobs)

    def decode():
        for job_id in left:
            decode_job(context, job_id)

    decoders = [threading.Thread(target=decode) for _ in range(2)]
    for decoder in decoders:
        decoder.start()
    wait_for(lambda: bytes_of(client, stream) >= LIMIT_BYTES)
    waiting = client.xlen(stream)
    done, peak, largest = [], 0, 0
    while len(done) < 2 * len(jobs):
        peak = max(peak, bytes_of(client, stream))
        if (delivery := consumer.take(500)) is not None:
            largest = max(largest, len(delivery.payload))
            chunk = codec.unpack(delivery.payload, FrameChunk)
            with consumer.finishing(delivery):
                done.append((chunk.job, chunk.chunk))
    for decoder in decoders:
        decoder.join(30)
    assert waiting < len(jobs) / 2
    # Two decoders may see room at the same moment and each send a chunk, for which the server
    # takes a few per cent more than its bytes.
    assert LIMIT_BYTES <= peak < LIMIT_BYTES + 2.2 * largest
    assert sorted(done) == sorted((job, chunk) for job in jobs for chunk in (0, 1))
