"""Service processes, started again when they die, as an operator's supervisor does."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from faults.harness.clips import PLUGIN, ROOT
from faults.harness.clocks import Clock

#: The deployment of every schedule: service → processes.
CREW = {"decoder": 2, "pose": 3, "scorer": 2, "writer": 2}

#: Time after which a dead process is started again, in seconds (between systemd's 0.1 s and the
#: longer pauses of container managers).
_RESTART_S = 0.5

#: Time that a process has to exit after SIGTERM, in seconds (a promise, docs/reliability.md).
EXIT_S = 10.0

#: Environment variable that marks the processes of one schedule, and all that they start.
MARK = "COACH_SOAK_RUN"


@dataclass
class Slot:
    """A place for one process.

    Attributes:
        service: The service.
        number: Its number among the processes of that service.
        clock: The clock of its processes.
        log: The log of its processes.
        process: The present one.
        asked: Signal that the harness sent it to end it, if it did, and when (monotonic).
        log_begin: Where the log of the present process begins.
        died_s: When it was seen to have ended (monotonic); None while it runs.
        stopped: Whether the harness has stopped it (SIGSTOP).
    """

    service: str
    number: int
    clock: Clock
    log: Path
    process: subprocess.Popen[bytes] | None = None
    asked: tuple[signal.Signals, float] | None = None
    log_begin: int = 0
    died_s: float | None = None
    stopped: bool = False

    def __str__(self) -> str:
        return f"{self.service} {self.number}"

    @property
    def pid(self) -> int:
        """Id of the process; 0 if there is none."""
        alive = self.process is not None and self.process.poll() is None
        return self.process.pid if alive else 0

    def has_stopped_itself(self) -> bool:
        """Whether the process is stopped, but not by the harness."""
        with suppress(psutil.Error):
            is_stopped = psutil.Process(self.pid).status() == psutil.STATUS_STOPPED
            return is_stopped and not self.stopped
        return False

    def child(self) -> int:
        """Id of the process that RQ forked for a task; 0 if there is none."""
        with suppress(psutil.Error):
            for child in psutil.Process(self.pid).children():
                return int(child.pid)
        return 0


@dataclass
class Death:
    """The end of a process.

    Attributes:
        slot: Where.
        status: Exit status; negative for a signal.
        asked: Whether the harness had ended it.
        after_s: Seconds between SIGTERM and the end; None without SIGTERM.
        log: What it logged.
    """

    slot: Slot
    status: int
    asked: bool
    after_s: float | None
    log: str


@dataclass
class Crew:
    """All services of a schedule.

    Attributes:
        url: The server as the services see it.
        folder: Folder for logs and temporary files.
        mark: Name of the schedule, in the environment of each process.
        environment: Further environment variables.
        clock_library: See `clocks`.
        bug: Name of a deliberate bug, see `bugs`.
        slots: The places of all processes.
        deaths: What has ended so far.
    """

    url: str
    folder: Path
    mark: str
    environment: dict[str, str]
    clock_library: Path | None = None
    bug: str = ""
    slots: list[Slot] = field(default_factory=list)
    deaths: list[Death] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.folder / "tmp").mkdir()
        for service, count in CREW.items():
            for number in range(count):
                name = f"{service}-{number}"
                clock = Clock(self.clock_library, self.folder / f"clock-{name}")
                log = self.folder / f"{name}.log"
                self.slots.append(Slot(service, number, clock, log))

    def of(self, service: str) -> list[Slot]:
        """The slots of a service."""
        return [slot for slot in self.slots if slot.service == service]

    def start(self) -> None:
        """Start all processes."""
        for slot in self.slots:
            self._start(slot)

    def supervise(self) -> None:
        """Note what has died, and start it again once its pause is over."""
        for slot in self.slots:
            status = slot.process.poll() if slot.process else None
            if status is None:
                continue
            if slot.died_s is None:
                self._note_death(slot, status)
            elif time.monotonic() - slot.died_s > _RESTART_S:
                self._start(slot)

    def signal(self, slot: Slot, number: signal.Signals, pid: int = 0) -> None:
        """Send a signal to a slot's process, or to its child with this id."""
        if not pid and number in (signal.SIGKILL, signal.SIGTERM):
            slot.asked = (number, time.monotonic())
        if number in (signal.SIGSTOP, signal.SIGCONT) and not pid:
            slot.stopped = number == signal.SIGSTOP
        with suppress(ProcessLookupError):
            os.kill(pid or slot.pid, number) if pid or slot.pid else None

    def stop(self) -> None:
        """Ask all to end, wait, and note how each did; those that do not end are killed."""
        for slot in self.slots:
            if slot.pid:
                self.signal(slot, signal.SIGTERM)
        deadline_s = time.monotonic() + EXIT_S + 5
        while any(slot.pid for slot in self.slots) and time.monotonic() < deadline_s:
            for slot in self.slots:
                if slot.process is not None and slot.died_s is None and not slot.pid:
                    self._note_death(slot, slot.process.returncode)
            time.sleep(0.02)
        for slot in self.slots:
            if slot.pid:
                slot.process.kill()
                slot.process.wait()
            if slot.process is not None and slot.died_s is None:
                self._note_death(slot, slot.process.returncode)

    def processes(self) -> list[psutil.Process]:
        """Every process of this schedule that runs, by its mark."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get(MARK) == self.mark and process.status() != "zombie":
                    found.append(process)
        return found

    def kill_all(self) -> None:
        """End every process of this schedule."""
        for process in self.processes():
            with suppress(psutil.Error):
                process.kill()
        for slot in self.slots:
            if slot.process is not None:
                slot.process.wait()

    def _start(self, slot: Slot) -> None:
        entry = ["-m", f"services.{slot.service}"]
        if self.bug:
            entry = ["-m", "faults.harness.bugs", self.bug, slot.service]
        environment = {
            **os.environ,
            **self.environment,
            **slot.clock.environment,
            "COACH_REDIS_URL": self.url,
            "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tests", PLUGIN))),
            "TMPDIR": str(self.folder / "tmp"),
            MARK: self.mark,
        }
        with slot.log.open("ab") as log:
            slot.log_begin = log.tell()
            slot.process = subprocess.Popen(
                [sys.executable, *entry],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        slot.died_s, slot.asked, slot.stopped = None, None, False

    def _note_death(self, slot: Slot, status: int) -> None:
        slot.died_s = time.monotonic()
        after_s = None
        if slot.asked and slot.asked[0] == signal.SIGTERM:
            after_s = slot.died_s - slot.asked[1]
        log = slot.log.read_bytes()[slot.log_begin :].decode(errors="replace")
        self.deaths.append(Death(slot, status, slot.asked is not None, after_s, log))
