"""The decode task of a recording, on an embedded server; a script says who is seen when."""

import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from builders import wait_for

from coach.cli.submission import prepare
from services.decoder import recording as looking
from services.decoder import set_clips
from services.decoder.task import decode_job
from services.writer.task import write_job
from shared.data import codec
from shared.data.job_options import JobOptions
from shared.data.messages import FrameChunk, FramePoses, KeypointChunk
from shared.errors import CoachError
from shared.queue import keys, lease, tasks
from shared.queue.lease import Lease, Reason, WorkOver
from shared.queue.sets import sets_of
from shared.queue.stalled_jobs import StalledJobMonitor
from shared.queue.task_run import TaskContext
from shared.queue.turns import Turn
from shared.settings import Settings
from synthetic import Lift, render_poses

BACKEND = "scripted"

#: When somebody is low, and when somebody moves, in seconds; the recording is as long as `END_S`.
LOW_S = ((20, 22), (26, 28), (31, 33), (80, 83), (87, 88), (150, 152))
MOVES_S = ((15, 40), (70, 95), (100, 110), (145, 160))
END_S = 180

#: Where the sets must be: around the low postures.
SETS_S = ((15, 37), (75, 92), (145, 156))

_SET = render_poses(Lift(reps=1, fps=10))
_LOW, _UPRIGHT = (
    sorted(
        (frame.people[0] for frame in _SET),
        key=lambda one: float(one.xy_px[[4, 7], 1].max() - one.xy_px[[9, 12], 1].max()),
    )[row]
    for row in (-1, 0)
)


def is_within(time_s, spans):
    return any(start <= time_s < end for start, end in spans)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A dark picture in which a square moves now and then, at 5 frames a second."""
    path = tmp_path_factory.mktemp("film") / "day.mp4"
    with av.open(str(path), "w") as container:
        options = {"g": "20", "preset": "ultrafast"}
        stream = container.add_stream("libx264", rate=5, options=options)
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
        for index in range(END_S * 5):
            image = np.full((72, 128, 3), 60, np.uint8)
            if is_within(index / 5, MOVES_S):
                left = 4 * (index % 25)
                image[20:50, left : left + 12] = 160
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode())
    return path


@pytest.fixture(autouse=True)
def _parts(monkeypatch):
    monkeypatch.setattr(looking, "PART_S", 60.0)


@pytest.fixture
def job(store, film, tmp_path):
    [job], _ = prepare([film], tmp_path / "out", JobOptions(BACKEND, sets="on"))
    assert job.kind == "recording"
    assert store.create(job)
    return job


@pytest.fixture
def context(client, store):
    return TaskContext(Settings(), client, store)


@contextmanager
def poses_found(client, store, looked):
    """Answer every chunk of looks as pose workers and scorers do, in a thread."""
    is_done = threading.Event()

    def answer():
        while not is_done.wait(0.002):
            for entry, fields in client.xrange(keys.frames(BACKEND)):
                chunk = codec.unpack(fields[b"m"], FrameChunk)
                frames = []
                for frame in chunk.frames:
                    looked.append(frame.time_s)
                    people = (_LOW if is_within(frame.time_s, LOW_S) else _UPRIGHT,)
                    if not is_within(frame.time_s, MOVES_S):
                        people = ()
                    grey = np.zeros(48, np.float32)
                    frames.append(FramePoses(frame.index, frame.time_s, people, (), grey, 1.0))
                found = KeypointChunk(chunk.job, chunk.chunk, tuple(frames), "script")
                client.xdel(keys.frames(BACKEND), entry)
                store.store_result(chunk.job, chunk.chunk, codec.pack(found))

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield
    finally:
        is_done.set()
        thread.join()


def look(context, job, store, until_end=True):
    """Run the task as often as it gives itself back; the times at which it looked at people."""
    looked = []
    with poses_found(context.client, store, looked):
        while True:
            decode_job(context, job.id)
            if not until_end or store.get(job.id).end_sent or store.state(job.id) != "running":
                return looked


def parts_of(client, store, job):
    return [(one.id, one.out, one.part) for one in sets_of(client, store, job.id)]


def test_sets_are_found_cut_out_and_submitted(context, client, store, job):
    looked = look(context, job, store)
    sets = sets_of(client, store, job.id)
    assert [one.state for one in sets] == ["queued"] * 3
    for one, (from_s, to_s) in zip(sets, SETS_S, strict=True):
        assert one.part == pytest.approx((from_s, to_s), abs=1.5)
        assert one.recording == job.id
        assert one.kind == "clip"
        assert one.options == replace(job.options, sets="off")
        with av.open(one.source) as clip:
            assert clip.duration / av.time_base == pytest.approx(to_s - from_s, abs=3)
    assert set(tasks.queued_jobs(client, "decode")) >= {one.id for one in sets}
    assert not [time_s for time_s in looked if 51 < time_s < 59]  # nobody moves
    assert store.get(job.id).end_sent == 1
    assert client.hlen(keys.results(job.id)) == 0


@pytest.mark.parametrize("calls", [3, 40, 150, 220])
def test_a_task_that_dies_anywhere_is_made_up_for(context, client, store, job, calls, monkeypatch):
    check, count = Lease.check, iter(range(calls))

    def check_and_die(self):
        check(self)
        if next(count, None) is None and not died:
            died.append(True)
            raise WorkOver(Reason.STOPPING)

    died = []
    monkeypatch.setattr(Lease, "check", check_and_die)
    look(context, job, store)
    assert died
    found = parts_of(client, store, job)
    assert [part for _, _, part in found] == [
        pytest.approx(expected, abs=1.5) for expected in SETS_S
    ]
    store.create(job, force=True)
    look(context, job, store)
    assert parts_of(client, store, job) == found


def test_recording_that_ends_in_the_middle_of_a_cut_leaves_no_clip(
    context, client, store, job, monkeypatch
):
    cut = set_clips.cut

    def cut_and_cancel(*given):
        store.cancel(job.id)
        return cut(*given)

    monkeypatch.setattr(set_clips, "cut", cut_and_cancel)
    look(context, job, store)
    assert store.state(job.id) == "cancelled"
    assert list(Path(job.out).rglob("*")) == []
    assert not client.exists(keys.sets(job.id))


def test_looks_that_the_server_lost_are_taken_again(client, store, job):
    context = TaskContext(Settings(stall_s=0.2), client, store)
    task = threading.Thread(target=decode_job, args=(context, job.id))
    task.start()
    stream = keys.frames(BACKEND)
    wait_for(lambda: client.xlen(stream) > 0)
    with client.pipeline() as pipe:
        pipe.delete(stream, keys.sent(job.id)).execute()
    with poses_found(client, store, []):
        task.join(60)
        look(context, job, store)
    assert len(sets_of(client, store, job.id)) == len(SETS_S)


@pytest.fixture
def _short_turns(monkeypatch):
    """The task gives way after its first part, whether others wait or not."""
    monkeypatch.setattr(Turn, "is_over", lambda turn: turn._first_s is not None)
    monkeypatch.setattr(lease, "_RENEW_S", 0.005)


@pytest.mark.usefixtures("_short_turns")
def test_other_tasks_go_first(context, client, store, job, clip, tmp_path):
    [other], _ = prepare([clip], tmp_path / "out", JobOptions(BACKEND))
    store.create(other)
    tasks.enqueue(client, "decode", other.id, 60)
    look(context, job, store, until_end=False)
    waiting = [task.rpartition("-")[0] for task in tasks.queue(client, "decode").job_ids]
    assert waiting[0] == other.id
    assert waiting[-1] == job.id
    assert store.get(job.id).end_sent == 0


def test_cancelled_recording_cancels_its_sets(context, client, store, job):
    look(context, job, store)
    sets = sets_of(client, store, job.id)
    assert store.cancel(job.id)
    assert {store.state(one.id) for one in sets} == {"cancelled"}
    assert not list(client.scan_iter(f"{keys.job(job.id)}:*"))


def test_sets_of_a_failed_recording_are_cancelled(context, client, store, job):
    look(context, job, store)
    sets = sets_of(client, store, job.id)
    store.fail(job.id, CoachError("a reason"))
    StalledJobMonitor(client, store, Settings()).repair_if_due()
    assert {store.state(one.id) for one in sets} == {"cancelled"}


def test_recording_is_written_once_its_sets_have_ended(context, client, store, job):
    look(context, job, store)
    monitor = StalledJobMonitor(client, store, Settings(stall_s=0.01))
    monitor.repair_if_due()
    assert job.id not in tasks.queued_jobs(client, "write")
    for one in sets_of(client, store, job.id):
        store.finish(one.id)
    wait_for(lambda: monitor.repair_if_due() or job.id in tasks.queued_jobs(client, "write"), 10)
    assert store.get(job.id).repairs == 0


@pytest.mark.parametrize("lost", ["set", "sets", "gate"])
def test_sets_that_the_server_lost_are_found_again(context, client, store, job, lost):
    look(context, job, store)
    sets = sets_of(client, store, job.id)
    for one in sets:
        store.finish(one.id)
    names = {"set": keys.job(sets[1].id), "sets": keys.sets(job.id), "gate": keys.gate(job.id)}
    client.delete(names[lost])
    write_job(context, job.id)
    assert store.state(job.id) == "running"
    assert not store.get(job.id).end_sent
    look(context, job, store)
    assert [one.id for one in sets_of(client, store, job.id)] == [one.id for one in sets]
    for one in sets:
        store.finish(one.id)
    write_job(context, job.id)
    assert store.state(job.id) == "done", store.get(job.id).error


@pytest.mark.usefixtures("_short_turns")
def test_what_is_known_of_sets_stays_while_others_are_looked_for(context, client, store, job):
    while not sets_of(client, store, job.id):
        look(context, job, store, until_end=False)
    ended, *_ = sets_of(client, store, job.id)
    store.finish(ended.id)
    for key in (keys.sets(job.id), keys.job(ended.id)):
        client.expire(key, 100)
    look(context, job, store)
    assert client.ttl(keys.sets(job.id)) > 100
    assert client.ttl(keys.job(ended.id)) > 100


def test_recording_that_has_changed_is_refused(context, store, job, film, tmp_path):
    moved = tmp_path / "day.mp4"
    moved.write_bytes(film.read_bytes()[:-1] + b"x")
    store.update(job.id, source=str(moved))
    decode_job(context, job.id)
    assert "has changed since" in store.get(job.id).error
