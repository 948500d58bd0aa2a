"""The life of one frame, from the video to the page: each stage in turn, in this process.

Only the queue is real and everything else is called by hand, so that it reads as one story.
"""

import json
import threading
from pathlib import Path

import numpy as np

from coach.cli.submission import prepare, submit
from services.decoder.task import decode_job
from services.pose.backends import load_backend
from services.pose.worker import PoseWorker
from services.scorer.score import lift_model
from services.scorer.worker import Scorer
from services.writer.publish import is_published
from services.writer.task import write_job
from shared.data import codec
from shared.data.defaults import BACKEND
from shared.data.job_options import JobOptions
from shared.data.messages import EndOfStream, FrameChunk, KeypointChunk
from shared.data.pictures import decode_image
from shared.data.skeleton import trunk_length_px
from shared.media.source import open_source
from shared.queue import keys, tasks
from shared.queue.job_store import JobStore
from shared.queue.pausing import Requests
from shared.queue.streams import Consumer, is_empty
from shared.queue.task_run import TaskContext
from shared.queue.watchdog import Watchdog
from shared.queue.worker import WorkerContext
from shared.settings import Settings
from synthetic import Lift, write_video


def test_life_of_a_frame(client, store: JobStore, models, tmp_path):
    settings = Settings()

    # A lifter films a set: here, a second of it, rendered, so that the joints are known.
    clip = tmp_path / "set.mp4"
    truth = write_video(Lift(reps=1, fps=10), clip)[:20]

    # 1. The command checks the clip, makes a job of it and hands it to RQ.
    [job], refused = prepare([clip], tmp_path / "out", JobOptions(BACKEND))
    assert not refused
    submit(client, store, [job], settings.task_timeout_s)
    assert store.state(job.id) == "queued"
    assert not tasks.is_idle(client, "decode")

    # 2. The decoder sends the frames in chunks of 16, small, upright, with their times.
    task_context = TaskContext(settings, client, store)
    decode_job(task_context, job.id)
    assert store.state(job.id) == "running"
    chunks = [codec.unpack(e[b"m"], FrameChunk) for _, e in client.xrange(keys.frames(BACKEND))]
    frame = chunks[0].frames[5]
    assert (len(chunks[0].frames), frame.index, frame.time_s) == (16, 5, 0.5)
    assert frame.scale_x == 1280 / 800
    small = decode_image(frame.image)
    assert small.shape == (600, 800, 3)
    [(_, end)] = client.xrange(keys.KEYPOINTS)
    assert codec.unpack(end[b"m"], EndOfStream).chunks == len(chunks)

    # 3. A pose worker finds the lifter's joints in it, in the source's pixels.
    frames = Consumer(client, keys.frames(BACKEND), keys.POSE_GROUP, "p", 60)
    backend = load_backend(BACKEND)
    pose = PoseWorker(lambda options: backend, frames, store, Watchdog(60))
    while (delivery := frames.take(10)) is not None:
        pose.handle(delivery)
    assert is_empty(client, frames.stream)
    found = [
        codec.unpack(e[b"m"], KeypointChunk, EndOfStream) for _, e in client.xrange(keys.KEYPOINTS)
    ]
    [person] = next(c for c in found if getattr(c, "chunk", -1) == 0).frames[5].people
    off = np.linalg.norm(person.xy_px - truth[5].joints_px, axis=-1) / trunk_length_px(
        truth[5].joints_px
    )
    assert np.median(off[truth[5].visible]) < 0.2

    # 4. The scorer stores each chunk; with the last one it judges the clip: who lifts, the score
    # of each posture, the reps and their faults.
    context = WorkerContext(settings, client, store, stop=None, requests=Requests(client, "scorer"))
    keypoints = Consumer(client, keys.KEYPOINTS, keys.SCORER_GROUP, "s", 60)
    scorer = Scorer(context, keypoints, lift_model.load_default())
    while (delivery := keypoints.take(10)) is not None:
        scorer.handle(delivery)
    analysis = store.analysis(job.id)
    assert [f.index for f in analysis.frames] == list(range(len(analysis.frames)))
    assert 0 <= analysis.frames[5].score <= 1
    assert [rep.partial for rep in analysis.reps] == [""]

    # 5. The writer reads the video again, draws on every frame, and publishes the results.
    write_job(task_context, job.id)
    assert store.state(job.id) == "done"
    out = Path(job.out)
    assert is_published(out, job.id, job.created_s)
    document = json.loads((out / "analysis.json").read_text())
    assert document["frames"][5]["time_s"] == 0.5
    assert document["summary"]["reps"] == 1
    assert json.loads((out / "manifest.json").read_text())["engines"] == [backend.engine]
    with open_source(out / "annotated.mp4") as drawn, open_source(clip) as source:
        times = [[f.time_s for f in s.frames()] for s in (drawn, source)]
    assert times[0] == times[1]

    # 6. The tasks that RQ still holds find nothing left to do: running them twice is harmless.
    before = (out / "manifest.json").read_bytes()
    for name in ("decode", "write"):
        stop, requests = threading.Event(), Requests(client, name)
        assert tasks.run_worker(client, name, True, task_context.settings, stop, requests)
    assert (out / "manifest.json").read_bytes() == before
    assert client.xlen(keys.KEYPOINTS) == client.xlen(keys.frames(BACKEND)) == 0
