"""Many short jobs: what one costs beside its work, and whether the last is like the first.

What is beside the work: submitting, queues, processes, leases, records, streams, signs of life. The
work is decoding the frames, looking at them, judging and writing the result; it is measured as
plain calls, in one process and without a server.
"""

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from benchmarks.goals import Goal
from benchmarks.queues.films import FRAMES, write_film
from benchmarks.queues.running import OPTIONS, Running
from benchmarks.queues.stand_in import StandIn
from services.decoder.chunks import Chunk, chunks_of
from services.pose.tracking import find_poses
from services.scorer.analysis import judge_poses
from services.scorer.score import lift_model
from services.writer.annotate import render
from services.writer.publish import publish, staging
from services.writer.results import manifest_of, write_data
from shared.data.analysis import Analysis, PoseRecord, SourceRecord
from shared.data.messages import FramePoses
from shared.data.poses import Poses
from shared.media.fingerprint import fingerprint, has_fingerprint
from shared.media.source import open_source
from shared.queue.job import Job

#: Parts of the jobs that are compared: hundreds of a thousand.
_PARTS = 10

#: Jobs before the first that counts: each process has done each of its kinds of work by then.
_WARM = 20

#: Times that the work is done as plain calls.
_PLAIN = 15

#: Time limit of a part, in s. Chosen: six seconds a job, on a machine that others use too.
_LIMIT_S = 600.0

#: Kinds of processes.
KINDS = ("decoder", "pose", "scorer", "writer", "server")

#: Looks for the least keys and open files after a part, and the time between two, in s. Chosen:
#: tasks' processes have ended by then.
_LOOKS, _LOOK_S = 5, 0.2

#: Most keys that the last part may have more than the first. Chosen: two queues' bells and RQ's
#: signs of life come and go.
_MAX_KEYS = 3.0

#: Most that the last part may have over the first, as a ratio. Chosen: a job that left a
#: thousandth of a process's memory behind would be beyond it.
_MAX_DRIFT = 1.1


@dataclass(frozen=True)
class _Part:
    """What was measured of a part of the jobs; all but the times at its end.

    Attributes:
        wall_ms: Time of a job.
        processor_ms: Processor time of a job, of each kind of process.
        server_bytes: Memory of the server's data.
        keys: Number of keys at the server, beside the jobs' records.
        memory: Memory of each process, in bytes.
        files: Open files of each process.
    """

    wall_ms: float
    processor_ms: dict[str, float]
    server_bytes: int
    keys: int
    memory: dict[str, int]
    files: dict[str, int]


def jobs(count: int) -> list[Goal]:
    """Overhead of short jobs, and what the last part of them has over the first."""
    with Running() as running, TemporaryDirectory() as folder:
        clip = write_film(Path(folder) / "clip.mp4")
        running.start_pose(0.0)
        for service in ("decoder", "scorer", "writer"):
            running.start(service)
        running.wait_until_ready()
        _do(running, running.jobs(clip, _WARM, first=900_000))
        step = max(count // _PARTS, 1)
        parts = [
            _do(running, running.jobs(clip, min(step, count - first), first))
            for first in range(0, count, step)
        ]
        work = _work_ms(clip, Path(folder))
    each = {
        kind: statistics.mean(part.processor_ms[kind] for part in parts)
        for kind in parts[0].processor_ms
    }
    _note(f"processor time of a job of {FRAMES} frames in ms: {_listed(each)}")
    _note(f"of that, its work as plain calls: {_listed(work)}")
    _note(f"time of a job in each part, in ms: {', '.join(f'{p.wall_ms:.0f}' for p in parts)}")
    _note(f"load average {os.getloadavg()[0]:.1f}")
    overhead_ms = sum(each.values()) - sum(work.values())
    return [
        Goal("overhead of a short job, processor time", [overhead_ms], 150.0, False, " ms"),
        *_drift(parts),
    ]


def _do(running: Running, part: list[Job]) -> _Part:
    """Have jobs done, and forget them as `coach clean` does."""
    began_s, before_s = time.monotonic(), _used_s(running)
    running.submit(part)
    submitted_s = _used_s(running)["submitter"]
    running.wait_for_end(part, _LIMIT_S)
    took_s, after_s = time.monotonic() - began_s, _used_s(running)
    after_s["submitter"] = submitted_s  # it waits since then
    for job in part:
        running.store.forget(job.id)
    pids = {name: one.pid for name, one in running.processes.items()}
    keys, files = _least(running, pids)
    return _Part(
        wall_ms=took_s / len(part) * 1000,
        processor_ms={
            kind: (after_s[kind] - before_s[kind]) / len(part) * 1000 for kind in after_s
        },
        server_bytes=int(running.client.info("memory")["used_memory"]),
        keys=keys,
        memory={name: _resident_bytes(pid) for name, pid in pids.items()},
        files=files,
    )


def _used_s(running: Running) -> dict[str, float]:
    """Processor time of each kind of process since its start, in s; this one submits the jobs."""
    return {kind: running.processor_s(kind) for kind in KINDS} | {"submitter": time.process_time()}


def _least(running: Running, pids: dict[str, int]) -> tuple[int, dict[str, int]]:
    """Least keys and open files within a while: some come and go, of tasks that just end."""
    keys, files = [], []
    for _ in range(_LOOKS):
        time.sleep(_LOOK_S)
        keys.append(int(running.client.dbsize()))
        files.append({name: len(os.listdir(f"/proc/{pid}/fd")) for name, pid in pids.items()})
    return min(keys), {name: min(look[name] for look in files) for name in pids}


def _drift(parts: list[_Part]) -> list[Goal]:
    """What the last part has over the first."""
    first, last = parts[0], parts[-1]
    grown = {name: last.memory[name] / first.memory[name] for name in first.memory}
    middle = parts[len(parts) // 2]  # by then, each thread that needs a connection has its own
    opened = {name: last.files[name] - middle.files[name] for name in middle.files}
    _note(f"memory of each process, last part over first: {_listed(grown, 3)}")
    _note(f"open files of each process, last part less middle one: {_listed(opened)}")
    totals = ", ".join(str(sum(part.files.values())) for part in parts)
    _note(f"open files of all after each part: {totals}")
    _note(f"keys after each part: {', '.join(str(part.keys) for part in parts)}")

    def ratio(what: str, of: Callable[[_Part], float]) -> Goal:
        return Goal(f"{what}, last part over first", [of(last) / of(first)], _MAX_DRIFT, False)

    return [
        ratio("time of a job", lambda part: part.wall_ms),
        ratio("processor time of a job", lambda part: sum(part.processor_ms.values())),
        ratio("memory of the server", lambda part: part.server_bytes),
        Goal("memory of the process that grew most", [max(grown.values())], _MAX_DRIFT, False),
        Goal("open files more than in the middle", [max(opened.values())], 0.0, False, ""),
        Goal("keys more after the last part", [last.keys - first.keys], _MAX_KEYS, False, ""),
    ]


def _work_ms(clip: Path, folder: Path) -> dict[str, float]:
    """Processor time of each kind of work of a job as plain calls, in ms."""
    sha256, model, backend = fingerprint(clip), lift_model.chosen(None), StandIn(0.0)
    used: dict[str, list[float]] = {}

    def timed(what: str, work: Callable[[], Any]) -> Any:
        before_s = time.process_time()
        result = work()
        used.setdefault(what, []).append((time.process_time() - before_s) * 1000)
        return result

    for number in range(_PLAIN):
        source, chunks = timed("decode", lambda: _decode(clip, sha256))
        frames = timed("look", lambda: _look(backend, chunks))  # noqa: B023
        pose = PoseRecord(OPTIONS.backend, 1, options=OPTIONS.pose, engines=(backend.engine,))
        poses = Poses(source, pose, frames)
        judged = timed("judge", lambda: judge_poses(poses, OPTIONS.judging, model, "0" * 16))  # noqa: B023
        timed("write", lambda: _write(judged, clip, folder / f"plain-{number}"))  # noqa: B023
    return {what: statistics.median(each_ms) for what, each_ms in used.items()}


def _decode(clip: Path, sha256: str) -> tuple[SourceRecord, list[Chunk]]:
    with open_source(clip) as source:
        assert has_fingerprint(clip, sha256)
        chunks = list(chunks_of(source, 1, OPTIONS.chunk_frames, OPTIONS.analysis_side_px))
        info = source.info
        record = SourceRecord(
            path=str(clip),
            sha256=sha256,
            width=info.width_px,
            height=info.height_px,
            duration_s=info.duration_s,
            frames=source.frames_read,
            fps=info.fps,
        )
        return record, chunks


def _look(backend: StandIn, chunks: list[Chunk]) -> tuple[FramePoses, ...]:
    return tuple(found for chunk in chunks for found in find_poses(backend, chunk.frames))


def _write(analysis: Analysis, clip: Path, out: Path) -> None:
    with staging(out, analysis.job) as folder:
        pictures = render(analysis, clip, None)
        write_data(analysis, pictures, folder, 0.0)
        publish(folder, out, manifest_of(analysis, OPTIONS, 0.0))


def _resident_bytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _listed(values: dict[str, float] | dict[str, int], digits: int = 0) -> str:
    return ", ".join(f"{name} {value:.{digits}f}" for name, value in values.items())


def _note(text: str) -> None:
    Console().print(text)
