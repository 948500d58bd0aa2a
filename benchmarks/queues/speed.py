"""Speed of the queues: scaling of pose workers, frames a second, and overhead of short jobs.

    python -m benchmarks.queues.speed [scaling] [path] [jobs] [first] [--jobs 1000] [--workers 64]
        [--chunks 1500]

Processor time stands beside, for a machine that is busy with something else.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.goals import Goal
from benchmarks.queues.films import write_film
from benchmarks.queues.running import OPTIONS, Running, wait_for
from benchmarks.queues.short_jobs import KINDS, jobs
from benchmarks.queues.stand_in import BACKEND
from shared.data import codec
from shared.data.messages import EncodedFrame, EndOfStream, EndReason, FrameChunk
from shared.queue import keys
from shared.queue.job import Job
from shared.queue.lease import Lease, Stop
from shared.queue.sending import ChunkSender

#: Time that the pose stage takes for a frame when its scaling is measured, in s (the goal's).
_FRAME_S = 0.1

#: Chunks for each worker when scaling is measured. The first and last of them do not count, when
#: not all workers have one.
_CHUNKS, _WARM = 12, 3

#: Pose workers of the queue path. Chosen: one for each of the goal's two cores, as a deployment
#: has.
_PATH_POSE = 2

#: Chunks of the queue path before those that count: with the first, the scorer loads SciPy.
_PATH_WARM = 16

#: A frame's picture. Measured: 33 and 49 kB on two real clips of 720p, 110 kB on one of 1080×1920
#: (`benchmarks.queues.memory`).
_PICTURE = bytes(50_000)

#: Clips whose time from submission to the first frame is measured.
_FIRSTS = 15


def main() -> None:
    """Measure what is asked for, and print a table with the goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["scaling", "path", "jobs", "first"])
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--chunks", type=int, default=1500)
    given = parser.parse_args()
    runs: dict[str, Callable[[], list[Goal]]] = {
        "scaling": lambda: scaling(given.workers),
        "path": lambda: path(given.chunks),
        "jobs": lambda: jobs(given.jobs),
        "first": first_frame,
    }
    table = Table("what", "measured", "goal", "")
    for what in given.what:
        for goal in runs[what]():
            table.add_row(*goal.row())
    Console().print(table)


def scaling(workers: int) -> list[Goal]:
    """Frames a second of many pose workers over those of one, per worker."""
    rates = {}
    for count in (1, workers):
        with Running() as running:
            for _ in range(count):
                running.start_pose(_FRAME_S, bare=True)
            running.wait_until_ready()
            job = _running_job(running)
            for number in range(_CHUNKS * count):
                _send(running, job, number)
            began_s, before = _when_done(running, _WARM * count)
            before_s = running.processor_s()
            ended_s, after = _when_done(running, (_CHUNKS - _WARM) * count)
            took_s = ended_s - began_s
            frames = (after - before) * OPTIONS.chunk_frames
            rates[count] = frames / took_s
            used_s = (running.processor_s() - before_s) / frames
            _note(f"{count} workers: {rates[count]:.1f} frames/s, {used_s * 1000:.2f} ms of "
                  "processor time a frame")  # fmt: skip
    efficiency = rates[workers] / rates[1] / workers
    return [Goal(f"efficiency of {workers} workers at 100 ms a frame", [efficiency], 0.95)]


def path(count: int) -> list[Goal]:
    """Frames a second from the decoder's sender through pose worker and scorer to the results."""
    with Running() as running:
        for _ in range(_PATH_POSE):
            running.start_pose(0.0, bare=True)
        running.start("scorer")
        running.wait_until_ready()
        wait_for(lambda: _has_group(running), 60)
        job = _running_job(running)
        lease = Lease(running.client, job, Stop())
        lease.take()
        sender = ChunkSender(running.client, job, lease, 64 * 2**20)
        for number in range(_PATH_WARM):
            sender.send(_chunk(job, number))
        wait_for(lambda: running.store.stored_chunks(job.id) == _PATH_WARM, 120)
        server = running.client.info
        before, before_s = server(), {kind: running.processor_s(kind) for kind in KINDS}
        own_s, began_s = time.process_time(), time.monotonic()
        chunks = range(_PATH_WARM, _PATH_WARM + count)
        for number in chunks:
            sender.send(_chunk(job, number))
        wait_for(lambda: running.store.stored_chunks(job.id) == chunks.stop, 300)
        took_s = time.monotonic() - began_s
        spent_s = {kind: running.processor_s(kind) - before_s[kind] for kind in KINDS}
        spent_s["sender"] = time.process_time() - own_s
        used_s = sum(spent_s.values())
        after = server()
        frames = count * OPTIONS.chunk_frames

        def each(name: str) -> float:
            return float(after[name] - before[name]) / frames

        shares = ", ".join(f"{kind} {s / frames * 1e3:.2f}" for kind, s in spent_s.items() if s)
        _note(f"processor time of a frame, in ms: {shares}; load average {os.getloadavg()[0]:.1f}")
        _note(f"{each('total_net_input_bytes'):.0f} bytes in and "
              f"{each('total_net_output_bytes'):.0f} out of the server, and "
              f"{each('total_commands_processed'):.2f} commands (those of scripts among them), a "
              f"frame of {len(_PICTURE)} bytes")  # fmt: skip
        return [
            Goal("frames a second of the queues alone", [frames / took_s], 2000.0, unit=""),
            Goal("the same, if two cores did nothing else", [2 * frames / used_s], 2000.0, unit=""),
        ]


def first_frame() -> list[Goal]:
    """Time from the submission of a job until a warm pose worker looks at its first frame."""
    times = []
    with TemporaryDirectory() as folder:
        clip = write_film(Path(folder) / "clip.mp4")
        with Running() as running:
            running.start_pose(0.0, STAND_IN_LOUD="1")
            running.start("decoder")
            running.wait_until_ready()
            name = next(name for name in running.processes if name.startswith("pose"))
            for number in range(_FIRSTS + 1):
                job = running.jobs(clip, 1, first=number)
                began_s = time.time()
                running.submit(job)
                wait_for(lambda: running.output(name).count("first") > number, 60, 0.01)  # noqa: B023
                looked_s = float(running.output(name).split()[-1])
                if number:  # the first loads what the others find loaded
                    times.append((looked_s - began_s) * 1000)
    middle = statistics.median(times)
    _note(f"median {middle:.0f} ms from submission to the first frame")
    return [Goal("submission to first frame", times, 300.0, is_minimum=False, unit=" ms")]


def _when_done(running: Running, chunks: int) -> tuple[float, int]:
    """Wait for a number of posed chunks; the time then, in seconds, and the number reached."""
    wait_for(lambda: running.client.xlen(keys.KEYPOINTS) >= chunks, 300, 0.01)
    return time.monotonic(), running.client.xlen(keys.KEYPOINTS)


def _running_job(running: Running) -> Job:
    [job] = running.jobs(Path(__file__), 1)
    running.store.create(job)
    running.store.start(job.id)
    return job


def _chunk(job: Job, number: int) -> FrameChunk:
    first = number * OPTIONS.chunk_frames
    frames = (
        EncodedFrame(index, index / 30, _PICTURE, 1.0, 1.0)
        for index in range(first, first + OPTIONS.chunk_frames)
    )
    return FrameChunk(job.id, number, tuple(frames), OPTIONS.pose)


def _send(running: Running, job: Job, number: int) -> None:
    payload: dict[Any, Any] = {"m": codec.pack(_chunk(job, number))}
    running.client.xadd(keys.frames(BACKEND), payload)


def _has_group(running: Running) -> bool:
    end = EndOfStream("0" * 16, 0, EndReason.COMPLETE)
    running.client.xadd(keys.KEYPOINTS, {"m": codec.pack(end)})
    time.sleep(0.5)
    return bool(running.client.xlen(keys.KEYPOINTS) == 0)


def _note(text: str) -> None:
    Console().print(text)


if __name__ == "__main__":
    main()
