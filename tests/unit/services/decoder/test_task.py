"""The decode task, called without RQ on an embedded server."""

import threading
from dataclasses import replace

import pytest
from builders import wait_for, write_clip

from coach.cli.submission import prepare
from services.decoder.task import decode_job
from shared.data import codec
from shared.data.job_options import JobOptions
from shared.data.messages import EncodedFrame, EndOfStream, EndReason, FrameChunk
from shared.data.pose_options import PoseOptions
from shared.queue import keys
from shared.queue.lease import Lease, Stop, WorkOver
from shared.queue.sending import ChunkSender
from shared.queue.task_run import TaskContext
from shared.settings import Settings


@pytest.fixture
def job(store, clip, tmp_path):
    [job], _ = prepare([clip], tmp_path / "out", JobOptions("blazepose-full"))
    assert store.create(job)
    return job


@pytest.fixture
def context(client, store):
    return TaskContext(Settings(), client, store)


def test_record_holds_the_source_and_the_sampling(context, store, job):
    decode_job(context, job.id)
    assert store.get(job.id) == replace(
        job, state="running", width_px=64, height_px=48, fps=20.0, decoded=40, frames=40, sent=3,
        end_sent=1, progress_s=store.get(job.id).progress_s, started_s=store.get(job.id).started_s,
    )  # fmt: skip


def test_end_of_the_stream_says_why_the_frames_ended(context, client, store, tmp_path):
    clip = write_clip(tmp_path / "long.mkv", frames=200)
    data = clip.read_bytes()
    clip.write_bytes(data[: len(data) // 2])
    [job], _ = prepare([clip], tmp_path / "out", JobOptions("blazepose-full"))
    assert store.create(job)
    decode_job(context, job.id)
    [(_, entry)] = client.xrange(keys.KEYPOINTS)
    end = codec.unpack(entry[b"m"], EndOfStream)
    assert end.reason is EndReason.TRUNCATED
    assert end.chunks == client.xlen(keys.frames("blazepose-full"))


def test_bytes_in_flight_are_limited_too(client, store, job):
    context = TaskContext(Settings(window_bytes=1), client, store)
    decoder = threading.Thread(target=decode_job, args=(context, job.id))
    decoder.start()
    stream = keys.frames("blazepose-full")
    wait_for(lambda: client.xlen(stream) == 1)
    client.blpop(["test:nothing"], timeout=0.5)  # time enough to send the other two
    assert client.xlen(stream) == store.get(job.id).sent == 1
    for chunk in range(2):
        store.store_result(job.id, chunk, b"result")
    decoder.join(30)
    assert store.get(job.id).sent == 3


def test_changed_source_fails_the_job(context, client, store, clip, job):
    write_clip(clip, frames=40, codec="mpeg4")
    decode_job(context, job.id)
    assert "has changed since it was submitted" in store.get(job.id).error
    assert client.xlen(keys.frames("blazepose-full")) == 0


@pytest.mark.parametrize(
    ("setting", "value", "variable"),
    [
        ("source_roots", ["/nonexistent"], "COACH_SOURCE_ROOTS"),
        ("max_frame_px", 100, "COACH_MAX_FRAME_PX"),
    ],
)
def test_source_outside_the_limits_fails_the_job(context, store, job, setting, value, variable):
    decode_job(replace(context, settings=Settings(**{setting: value})), job.id)
    assert variable in store.get(job.id).error


def test_cancelled_job_is_not_decoded(context, client, store, job):
    store.cancel(job.id)
    decode_job(context, job.id)
    assert client.xlen(keys.frames("blazepose-full")) == client.xlen(keys.KEYPOINTS) == 0


def test_server_that_lost_chunks_gets_them_again_at_once(context, client, store, job, monkeypatch):
    """As after a crash whose last second is lost: record and stream are as they were before."""
    send, losses = ChunkSender.send, iter([True])

    def send_and_lose(self, chunk):
        send(self, chunk)
        if chunk.chunk == 1 and next(losses, False):
            client.xdel(stream, client.xrevrange(stream, count=1)[0][0])
            store.update(job.id, sent=1)

    stream = keys.frames("blazepose-full")
    monkeypatch.setattr(ChunkSender, "send", send_and_lose)
    decode_job(context, job.id)
    sent = [codec.unpack(fields[b"m"], FrameChunk).chunk for _, fields in client.xrange(stream)]
    assert sent == [0, 1, 2]
    assert client.xlen(keys.KEYPOINTS) == 1


def test_source_overwritten_while_it_is_decoded_fails_the_job(
    context, store, clip, job, monkeypatch
):
    other = write_clip(clip.with_name("other.mp4"), frames=40, codec="mpeg4").read_bytes()
    send = ChunkSender.send

    def overwrite_and_send(self, chunk):
        clip.write_bytes(other)
        send(self, chunk)

    monkeypatch.setattr(ChunkSender, "send", overwrite_and_send)
    decode_job(context, job.id)
    assert "has changed since it was submitted" in store.get(job.id).error


def test_server_that_forgot_what_the_source_is_like_is_told_again(
    context, client, store, job, monkeypatch
):
    def forget_and_send(sender, chunk, send=ChunkSender.send):
        client.hset(keys.job(job.id), mapping={"width_px": 0, "height_px": 0, "fps": "0.0"})
        send(sender, chunk)

    monkeypatch.setattr(ChunkSender, "send", forget_and_send)
    decode_job(context, job.id)
    known = store.get(job.id)
    assert (known.width_px, known.height_px, known.fps) == (64, 48, 20.0)


def test_message_whose_answer_was_lost_is_sent_once(context, client, store, job):
    lease = Lease(client, job, Stop())
    assert lease.take()
    frames = (EncodedFrame(0, 0.0, b"image", 1.0, 1.0),)
    for sender in (ChunkSender(client, job, lease, 2**20), ChunkSender(client, job, lease, 2**20)):
        sender.send(FrameChunk(job.id, 0, frames, PoseOptions()))
    assert client.xlen(keys.frames("blazepose-full")) == 1
    for _ in range(2):
        sender.end(EndOfStream(job.id, 1, EndReason.COMPLETE), 1)
    assert client.xlen(keys.KEYPOINTS) == 1


def test_task_that_lost_its_lease_sends_nothing(client, store, job):
    slow, other = Lease(client, job, Stop()), Lease(client, job, Stop())
    assert slow.take()
    client.delete(keys.lease(job.id))  # it was stopped for longer than a lease lasts
    assert other.take()
    frames = (EncodedFrame(0, 0.0, b"image", 1.0, 1.0),)
    with pytest.raises(WorkOver):
        ChunkSender(client, job, slow, 2**20).send(FrameChunk(job.id, 0, frames, PoseOptions()))
    assert client.xlen(keys.frames("blazepose-full")) == 0
