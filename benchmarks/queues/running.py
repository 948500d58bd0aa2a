"""A deployment for a benchmark: a real redis-server, and service processes on it."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import redis

from benchmarks.queues.stand_in import BACKEND
from coach.cli.submission import submit
from shared.data.job_options import JobOptions
from shared.media.fingerprint import fingerprint
from shared.queue import keys
from shared.queue.connection import connect
from shared.queue.job import Job, new_job
from shared.queue.job_store import JobStore

#: Options of the jobs: every frame is looked at, and no film is written.
OPTIONS = JobOptions(BACKEND, every=1, video=False)

#: Time to wait for a process to end, in s. Chosen: services end within 10 s.
_END_S = 15.0

#: Clock ticks of a second in /proc/PID/stat. By definition (`sysconf`).
_TICKS = os.sysconf("SC_CLK_TCK")


class Running:
    """A server and service processes; all of them end with the block.

    Args:
        options: options of redis-server, such as `("--maxmemory", "1gb")`.
    """

    def __init__(self, *options: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="coach-bench-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{port}/0"
        self._command = [
            "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(self.folder),
            "--save", "", "--appendonly", "yes", "--appendfsync", "everysec",
            "--maxmemory-policy", "noeviction", *options,
        ]  # fmt: skip
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        with (self.folder / "server.log").open("wb") as log:
            self.processes["server"] = subprocess.Popen(self._command, stdout=log)
        raw = redis.Redis.from_url(self.url)
        wait_for(lambda: _answers(raw), 20)
        raw.close()
        self.client: Any = connect(self.url)
        self.store = JobStore(self.client, 86_400)
        return self

    def __exit__(self, *_: object) -> None:
        server = self.processes.pop("server")
        for process in self.processes.values():
            process.terminate()
        for process in (*self.processes.values(), server):
            with suppress(subprocess.TimeoutExpired):
                process.wait(0 if process is server else _END_S)
            process.kill()
            process.wait()
        self.client.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, service: str, **environment: str) -> None:
        """Start a decoder, scorer or writer."""
        command = [sys.executable, "-m", f"services.{service}"]
        self._start(f"{service}-{len(self.processes)}", command, environment)

    def start_pose(self, frame_s: float, bare: bool = False, **environment: str) -> None:
        """Start a pose worker with the stand-in backend."""
        environment |= {"STAND_IN_S": str(frame_s), "STAND_IN_BARE": "1" if bare else ""}
        command = [sys.executable, "-m", "benchmarks.queues.stand_in"]
        self._start(f"pose-{len(self.processes)}", command, environment)

    def _start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        variables = {**os.environ, "COACH_REDIS_URL": self.url, **environment}
        out, err = self.folder / f"{name}.out", self.folder / f"{name}.log"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            self.processes[name] = subprocess.Popen(
                command, env=variables, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr
            )

    def wait_until_ready(self) -> None:
        """Wait until all pose workers have joined, and all RQ workers are there."""
        pose = [name for name in self.processes if name.startswith("pose")]
        wait_for(lambda: all("ready" in self.output(name) for name in pose), 240)
        tasks = sum(name.startswith(("decoder", "writer")) for name in self.processes)
        wait_for(lambda: self.client.scard("rq:workers") >= tasks, 120)

    def output(self, name: str) -> str:
        """What a process has printed to stdout."""
        return (self.folder / f"{name}.out").read_text()

    def processor_s(self, kind: str = "") -> float:
        """Processor time of the processes whose name begins so, with children that ended, in s."""
        return sum(_processor_s(p.pid) for n, p in self.processes.items() if n.startswith(kind))

    def jobs(self, clip: Path, count: int, first: int = 0) -> list[Job]:
        """Make jobs of one clip, each with a result folder of its own."""
        sha256 = fingerprint(clip)
        out = self.folder / "out"
        names = (f"{number:05d}" for number in range(first, first + count))
        return [new_job(clip, sha256, out / name, OPTIONS) for name in names]

    def submit(self, jobs: list[Job]) -> None:
        """Submit jobs."""
        submit(self.client, self.store, jobs, 3600)

    def wait_for_end(self, jobs: list[Job], limit_s: float) -> None:
        """Wait until jobs have ended; RuntimeError if one has failed.

        All are asked for with one command: what the server does for that counts as its work.
        """
        left = [job.id for job in jobs]

        def all_ended() -> bool:
            are_active = self.client.smismember(keys.ACTIVE_JOBS, left)
            ended = [one for one, is_active in zip(left, are_active, strict=True) if not is_active]
            for job_id in ended:
                state, error = self.client.hmget(keys.job(job_id), "state", "error")
                if state != b"done":
                    raise RuntimeError(f"job {job_id} is {state!r}: {error!r}")
                left.remove(job_id)
            return not left

        wait_for(all_ended, limit_s)


def wait_for(condition: Callable[[], bool], limit_s: float, interval_s: float = 0.05) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: it does not, within the limit.
    """
    end_s = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end_s:
            raise TimeoutError(f"not within {limit_s:g} s")
        time.sleep(interval_s)


def _answers(client: Any) -> bool:
    with suppress(redis.RedisError):
        return bool(client.ping())
    return False


def _processor_s(pid: int) -> float:
    """User and system time of a process and its children that have ended, in s."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS
