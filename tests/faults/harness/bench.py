"""One deployment under test, and the user who submits jobs to it."""

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import psutil
import redis
from faults.harness.clips import CHUNK_FRAMES, recordings
from faults.harness.clocks import Clock
from faults.harness.crew import CREW, Crew
from faults.harness.orders import Order
from faults.harness.proxy import Proxy
from faults.harness.servers import Name, Server

from coach.cli.submission import prepare, submit
from shared.data.job_options import JobOptions
from shared.errors import CoachError
from shared.queue.job import ACTIVE, Job
from shared.queue.job_store import JobStore
from shared.queue.priorities import PRIORITIES
from shared.queue.sets import sets_of

#: Size of the disk for the results, where the harness may mount one.
_DISK = "80m"

#: Time limit of a task, in seconds.
_TASK_TIMEOUT_S = 3600

#: Interval of looking after processes and jobs, in seconds, and of measuring memory.
_LOOK_S, _MEASURE_S = 0.1, 0.5


#: Delay of such a look that shows a machine without time for the harness, in seconds. (A server
#: that does not answer takes less.)
_LATE_S = 1.0


@dataclass
class Peaks:
    """Largest memory seen, in MB: of the server's data, its process, and a service's process."""

    server_mb: float = 0.0
    server_rss_mb: float = 0.0
    process_mb: dict[str, float] = field(default_factory=dict)


class Bench:
    """A server, a proxy, all services, a disk for results; a context manager.

    Args:
        server: name of the server.
        backend: the pose backend.
        bug: name of a deliberate bug in the services, see `bugs`.
        clock_library: see `clocks`.
        environment: settings that differ from the defaults.
    """

    def __init__(
        self,
        server: Name,
        backend: str,
        bug: str = "",
        clock_library: Path | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.backend = backend
        self.folder = Path(tempfile.mkdtemp(prefix="coach-soak-"))
        self.results = self.folder / "results"
        self.results.mkdir()
        self.hold = self.folder / "hold"  # see `recorded_poses.HOLD`
        (self.folder / "data").mkdir()
        self.server_clock = Clock(clock_library, self.folder / "clock-server")
        self.server = Server(server, self.folder / "data", self.server_clock.environment)
        self.proxy = Proxy(self.server.port)
        self.orders: list[Order] = []
        self.peaks = Peaks()
        self.can_lose_submissions = False
        self.disk_was_full = False
        self.poison_messages = 0
        self.lost: list[list[str]] = []
        self.violations: list[str] = []
        self.late_s = 0.0
        self._is_mounted = False
        self._bug, self._clock_library = bug, clock_library
        self._environment = {
            "COACH_BACKEND": backend,
            "COACH_SOAK_RECORDINGS": str(recordings()),
            "COACH_SOAK_HOLD": str(self.hold),
            **(environment or {}),
        }
        self._next_look_s = self._next_measure_s = 0.0
        self.started_s = time.monotonic()

    @property
    def now_s(self) -> float:
        """Time of the schedule, in seconds."""
        return time.monotonic() - self.started_s

    @property
    def store(self) -> JobStore:
        """The jobs, read past the proxy."""
        return JobStore(self.server.observer, keep_s=7 * 86400)

    @property
    def observer(self) -> Any:
        """A connection past the proxy that gives up at once."""
        return self.server.observer

    def __enter__(self) -> Self:
        try:
            self._mount()
            self.server.start()
            self.proxy.start()
            url = f"redis://127.0.0.1:{self.proxy.port}/0"
            self.crew = Crew(
                url, self.folder, self.folder.name, self._environment,
                self._clock_library, self._bug,
            )  # fmt: skip
            self.crew.start()
        except BaseException:
            self.__exit__(RuntimeError)
            raise
        self.started_s = time.monotonic()
        return self

    def __exit__(self, error: type[BaseException] | None = None, *_: object) -> None:
        try:
            if hasattr(self, "crew"):
                self.crew.kill_all()
            self.proxy.stop()
        finally:
            self.server.kill()
            if self._is_mounted:
                subprocess.run(["umount", "--lazy", str(self.results)], check=True)
        if error is None and not self.violations:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _mount(self) -> None:
        """Give the results a small disk of their own, which the schedule can fill."""
        if os.geteuid() == 0:
            command = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(self.results)]
            mounted = subprocess.run(command, capture_output=True)
            self._is_mounted = mounted.returncode == 0

    @property
    def has_own_disk(self) -> bool:
        """Whether the results have a disk of their own."""
        return self._is_mounted

    def wait_until_ready(self, deadline_s: float = 120.0) -> None:
        """Wait until every service waits for work."""
        end_s = time.monotonic() + deadline_s
        while not self._is_ready():
            if time.monotonic() > end_s:
                raise RuntimeError(f"the services are not ready in time; see {self.folder}")
            self.look_after()
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        with suppress(redis.RedisError):
            reading = [client["cmd"] for client in self.observer.client_list()]
            waiting = reading.count("xreadgroup")
            tasks = self.observer.scard("rq:workers")
            return bool(
                waiting >= CREW["pose"] + CREW["scorer"]
                and tasks >= CREW["decoder"] + CREW["writer"]
            )
        return False

    def look_after(self) -> None:
        """What has to be done all the time: restart processes, submit jobs, measure."""
        now_s = time.monotonic()
        if now_s >= self._next_look_s:
            if self._next_look_s and now_s > self._next_look_s + _LATE_S:
                self.late_s += now_s - self._next_look_s
            self._next_look_s = now_s + _LOOK_S
            self.crew.supervise()
            if self.server.is_up:
                with suppress(redis.RedisError):  # the server is away; the next look may succeed
                    for order in self.orders:
                        self._look_after_order(order)
        if now_s >= self._next_measure_s:
            self._next_measure_s = now_s + _MEASURE_S
            self._measure()

    @property
    def is_done(self) -> bool:
        """Whether all jobs have ended."""
        return all(order.ended is not None for order in self.orders)

    def active_jobs(self) -> list[Job]:
        """Jobs that were submitted and have not ended, and the sets of those that are recordings.

        None if the server does not answer.
        """
        jobs = []
        with suppress(redis.RedisError, CoachError):
            for order in self.orders:
                if order.job is not None and order.ended is None:
                    job = self.store.get(order.job.id)
                    if job is not None:
                        jobs.append(job)
                    if order.clip.is_recording:
                        sets = sets_of(self.observer, self.store, order.job.id)
                        jobs += [one for one in sets if one.state in ACTIVE]
        return jobs

    def _look_after_order(self, order: Order) -> None:
        """Submit a job, and submit it again where that is what a user has to do."""
        if order.ended is not None or self.now_s < order.at_s:
            return
        try:
            if order.job is None:
                self.submit(order)
                return
            job = self.store.get(order.job.id)
            if job is None:
                self._submit_again(order, "forgotten", self.can_lose_submissions)
            else:
                self._note_state(order, job)
        except CoachError as error:  # refused: no memory, or no room on the disk
            if order.failures[-1:] != [str(error)]:
                order.failures.append(str(error))

    def _note_state(self, order: Order, job: Job) -> None:
        if job.state == "failed" and self.disk_was_full and job.error_kind == "OutputError":
            self._submit_again(order, job.error, True)
        elif job.state == "cancelled" and not order.is_cancelled:
            self._submit_again(order, "cancelled", self.can_lose_submissions)
        elif job.state == "done" or (job.state == "failed" and not order.is_cancelled):
            order.ended = job
            left = [one for one in self._active() if one.recording == job.id]
            if job.state == "done" and left:
                self.violations.append(f"{order} is done before its set {Path(left[0].out).name}")

    def _active(self) -> list[Job]:
        """All jobs that the server has as queued or running."""
        jobs = map(self.store.get, self.store.active_ids())
        return [job for job in jobs if job is not None]

    def _submit_again(self, order: Order, why: str, is_allowed: bool) -> None:
        if not is_allowed:
            self.violations.append(f"{order}: {why}")
        order.failures.append(why)
        self.submit(order)

    def submit(self, order: Order) -> None:
        """Submit a job; it may be known to the server already.

        Priorities take turns, and every second job is of a batch.
        """
        sets = "on" if order.clip.is_recording else "off"
        options = JobOptions(self.backend, every=1, chunk_frames=CHUNK_FRAMES, sets=sets)
        jobs, refused = prepare([order.clip.path], self.results / str(order.number), options)
        for error in refused:
            raise error
        [job] = jobs
        priority = PRIORITIES[order.number % len(PRIORITIES)]
        job = replace(job, priority=priority, batch="gym" if order.number % 2 else "")
        order.submissions += 1
        submit(self.observer, self.store, [job], _TASK_TIMEOUT_S)
        order.job = job

    def _measure(self) -> None:
        with suppress(redis.RedisError):
            memory = self.observer.info("memory")
            self.peaks.server_mb = max(self.peaks.server_mb, memory["used_memory"] / 1e6)
            self.peaks.server_rss_mb = max(
                self.peaks.server_rss_mb, memory["used_memory_rss"] / 1e6
            )
        for slot in self.crew.slots:
            for pid in (slot.pid, slot.child()):
                with suppress(psutil.Error):
                    rss_mb = psutil.Process(pid).memory_info().rss / 1e6 if pid else 0.0
                    peak_mb = self.peaks.process_mb.get(slot.service, 0.0)
                    self.peaks.process_mb[slot.service] = max(peak_mb, rss_mb)
