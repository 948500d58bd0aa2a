"""What happens if a process dies, or the server loses or refuses a message, at a bad moment."""

import json
import signal
import threading
import time

import pytest
from builders import FILMED, frames_of, wait_for, write_clip

from coach.cli.submission import prepare, submit
from services.decoder.task import decode_job
from shared.data import codec
from shared.data.defaults import BACKEND
from shared.data.job_options import JobOptions
from shared.data.messages import EndOfStream, EndReason, FrameChunk
from shared.queue import keys, stalled_jobs, tasks
from shared.queue.job_store import JobStore
from shared.queue.pausing import Requests
from shared.queue.stalled_jobs import StalledJobMonitor
from shared.queue.streams import Consumer, is_empty, publish
from shared.queue.task_run import TaskContext
from shared.queue.worker import WorkerContext, consume
from shared.settings import Settings

pytestmark = pytest.mark.slow


def submitted(deployment, film, out):
    done = deployment.coach("submit", str(film), "--out", str(out), "--no-video", "--json")
    return json.loads(done.stdout)[0]["job"]


@pytest.mark.parametrize(
    "any_url",
    ["valkey_url", pytest.param("redis_server_url", marks=pytest.mark.thorough)],
    indirect=True,
)
def test_the_death_of_one_process_of_each_service_changes_no_result(
    deployment, film, analysed_film, tmp_path
):
    deployment.environment |= {"COACH_CLAIM_IDLE_S": "2", "COACH_STALL_S": "4"}
    services = ("scorer", "decoder", "pose", "writer")
    workers = {service: deployment.worker(service) for service in services}
    job = submitted(deployment, film, tmp_path / "out")

    def posed():
        return deployment.status(job)["progress"]["posed"]

    for service in services:
        before = posed()
        wait_for(lambda before=before: posed() > before or posed() == FILMED.frames, 90)
        workers[service].send_signal(signal.SIGKILL)
        deployment.worker(service)
    wait_for(lambda: deployment.status(job)["state"] == "done", 150)
    assert frames_of(tmp_path / "out" / "set") == frames_of(analysed_film)


@pytest.fixture
def task_context(client, store):
    return TaskContext(Settings(), client, store)


@pytest.fixture
def decoded(task_context, client, store, tmp_path):
    """A job with all its chunks waiting in the stream."""
    clip = write_clip(tmp_path / "clip.mp4", frames=50)
    [job], _ = prepare([clip], tmp_path / "out", JobOptions(BACKEND, chunk_frames=16))
    submit(client, store, [job], timeout_s=60)
    tasks.queue(client, "decode").empty()
    decode_job(task_context, job.id)
    return job.id


def chunks_in(client):
    entries = client.xrange(keys.frames(BACKEND))
    return [codec.unpack(fields[b"m"], FrameChunk).chunk for _, fields in entries]


def test_decoding_again_resumes_at_the_first_unsent_chunk(
    task_context, client, store: JobStore, decoded
):
    assert chunks_in(client) == [0, 1, 2, 3]
    store.update(decoded, sent=2, end_sent=0)  # as if it had died after the second
    decode_job(task_context, decoded)
    assert chunks_in(client) == [0, 1, 2, 3, 2, 3]


def test_chunk_lost_by_the_server_is_sent_again(task_context, client, store, decoded):
    """The messages of another job, which stay for as long as they like, do not prevent that."""
    store.store_result(decoded, 0, b"result")
    client.delete(keys.frames(BACKEND), keys.KEYPOINTS)
    for stream in (keys.frames(BACKEND), keys.KEYPOINTS):
        publish(client, stream, codec.pack(EndOfStream("other", 1, EndReason.COMPLETE)))
    monitor = StalledJobMonitor(client, store, Settings(stall_s=0.001))
    wait_for(lambda: bool(monitor.repair_if_due() or not tasks.is_idle(client, "decode")), 30)
    client.delete(keys.frames(BACKEND))
    decode_job(task_context, decoded)
    assert chunks_in(client) == [1, 2, 3]
    assert store.get(decoded).repairs == 1


def test_lost_analysis_is_made_again_without_decoding(client, store, decoded):
    for chunk in range(4):
        store.store_result(decoded, chunk, b"result")
    store.store_end(decoded, 4, EndReason.TRUNCATED)
    client.delete(keys.frames(BACKEND), keys.KEYPOINTS)
    monitor = StalledJobMonitor(client, store, Settings(stall_s=0.001))
    wait_for(lambda: bool(monitor.repair_if_due() or client.xlen(keys.KEYPOINTS)), 30)
    [(_, fields)] = client.xrange(keys.KEYPOINTS)
    end = codec.unpack(fields[b"m"], EndOfStream)
    assert end == EndOfStream(decoded, 4, EndReason.TRUNCATED)
    assert tasks.is_idle(client, "decode")


def test_job_with_chunks_still_in_the_stream_is_not_repaired(client, store, decoded):
    wait_for(lambda: time.time() - store.get(decoded).progress_s > 0.1, 5)
    StalledJobMonitor(client, store, Settings(stall_s=0.001)).repair_if_due()
    assert tasks.is_idle(client, "decode")
    assert store.get(decoded).repairs == 0


@pytest.fixture
def monitor(client, store):
    return StalledJobMonitor(client, store, Settings(stall_s=0.05))


def rounds(client, monitor, count):
    """Let the monitor do so many rounds."""
    for _ in range(count):
        client.delete(keys.STALLED_JOB_MONITOR)
        monitor._next_round_s = 0.0
        monitor.repair_if_due()


def test_task_that_nobody_has_is_enqueued_again_in_the_second_round(
    client, store, decoded, monitor
):
    store.update(decoded, end_sent=0)
    rounds(client, monitor, 1)
    assert tasks.is_idle(client, "decode")  # a worker may just be starting it
    rounds(client, monitor, 2)
    assert tasks.queued_jobs(client, "decode") == {decoded}
    assert client.llen(tasks.queue(client, "decode").key) == 1


def test_server_whose_clock_was_an_hour_fast_holds_up_no_repair(client, store, decoded, monitor):
    client.set(keys.STALLED_JOB_MONITOR, 1, ex=3600)
    client.set(keys.lease(decoded), "of a task that has died since", ex=3600)
    monitor.repair_if_due()
    assert client.ttl(keys.STALLED_JOB_MONITOR) <= 15
    rounds(client, monitor, 1)
    assert 0 < client.ttl(keys.lease(decoded)) <= 12


def test_a_slow_server_does_not_delay_the_next_round(client, store, decoded):
    monitor = StalledJobMonitor(client, store, Settings())
    before_s = monitor._round_s
    client.execute_command("CLIENT", "PAUSE", 300)
    monitor.repair_if_due()
    assert monitor._round_s == before_s


def test_task_that_holds_its_lease_is_left_alone(client, store, decoded, monitor):
    store.update(decoded, end_sent=0)
    client.set(keys.lease(decoded), "its token")
    rounds(client, monitor, 3)
    assert tasks.is_idle(client, "decode")


def test_job_that_gets_no_further_fails_after_repairs_with_pauses(
    client, store, decoded, monitor, monkeypatch
):
    monkeypatch.setattr(stalled_jobs, "_PAUSES_S", (0.0, 0.2))
    store.update(decoded, end_sent=0)
    repaired_s = []  # not before, and not after

    def has_failed():
        began_s = time.monotonic()
        rounds(client, monitor, 2)
        if not tasks.is_idle(client, "decode"):
            repaired_s.append((began_s, time.monotonic()))
            tasks.queue(client, "decode").empty()
        return store.state(decoded) == "failed"

    wait_for(has_failed, 30)
    assert len(repaired_s) == 2
    assert repaired_s[1][1] - repaired_s[0][0] >= 0.2
    assert "no progress after 2 repairs" in store.get(decoded).error


def test_job_that_exceeds_its_time_limit_fails(client, store, decoded, monitor):
    store.update(decoded, timeout_s=5.0)
    rounds(client, monitor, 1)
    assert store.state(decoded) == "running"
    store.update(decoded, started_s=client.time()[0] - 6.0)
    rounds(client, monitor, 1)
    assert store.get(decoded).error == "it took longer than 5 s (--timeout)"


@pytest.fixture
def context(client, store):
    settings = Settings(claim_idle_s=0.05, max_deliveries=2)
    return WorkerContext(settings, client, store, threading.Event(), Requests(client, "pose"))


def test_damaged_message_is_dropped_and_the_others_are_handled(client, store, decoded, context):
    publish(client, keys.frames(BACKEND), b"\xc1 damaged")
    consumer = Consumer(client, keys.frames(BACKEND), keys.POSE_GROUP, "p", 0.05)
    handled = []

    def handle(delivery):
        handled.append(codec.unpack(delivery.payload, FrameChunk).chunk)
        with consumer.finishing(delivery):
            pass

    consume(context, consumer, handle, is_drained=lambda: is_empty(client, consumer.stream))
    assert sorted(handled) == [0, 1, 2, 3]
    assert store.state(decoded) == "running"


def fill(client):
    """Leave the server no memory for more data."""
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", client.info("memory")["used_memory"] // 2)


def test_stream_stays_within_the_window_for_a_long_video(client, store, tmp_path):
    clip = write_clip(tmp_path / "long.mp4", frames=400)
    [job], _ = prepare([clip], tmp_path / "out", JobOptions(BACKEND, chunk_frames=16))
    submit(client, store, [job], timeout_s=60)
    tasks.queue(client, "decode").empty()

    context = TaskContext(Settings(window_chunks=3), client, store)
    decoder = threading.Thread(target=decode_job, args=(context, job.id))
    decoder.start()
    consumer = Consumer(client, keys.frames(BACKEND), keys.POSE_GROUP, "p", 60)
    longest = done = 0
    while done < 25:
        longest = max(longest, client.xlen(consumer.stream))
        if (delivery := consumer.take(100)) is None:
            continue
        chunk = codec.unpack(delivery.payload, FrameChunk).chunk
        assert chunk == done
        with consumer.finishing(delivery):
            pass
        store.store_result(job.id, chunk, b"result")
        done += 1
    decoder.join(30)
    assert longest <= 3
    assert store.get(job.id).chunks == -1  # the scorer records the end, not the decoder
    assert client.xlen(keys.KEYPOINTS) == 1
