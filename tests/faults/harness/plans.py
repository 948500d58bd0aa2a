"""What a seed stands for: a server, a pose backend, jobs and faults."""

import random
from dataclasses import dataclass, field

from faults.harness import clocks
from faults.harness.clips import Clip, all_clips, recordings
from faults.harness.faults import Fault, draw_faults, draw_recording_faults
from faults.harness.servers import Name, binary_of

#: When the last fault begins, and the last job is submitted, in seconds.
_LAST_FAULT_S, _LAST_JOB_S = 20.0, 14.0

#: Time after the last fault within which all jobs must end, in seconds: a recovery takes up to
#: 30 s, and the jobs' own work about 15 s on two cores. A message that the server has lost is
#: missed after COACH_STALL_S only, and poison kills or hangs three workers, one after the other.
_END_S, _END_AFTER_LOSS_S, END_WITH_POISON_S = 55.0, 120.0, 130.0

#: More of it where there is a recording, in seconds: its sets begin once they are found, and it is
#: written once they have ended.
_END_OF_RECORDING_S = 45.0

#: Interval of the seeds that run the real network instead of recorded poses.
_REAL_BACKEND_EVERY = 5

#: Interval of the seeds with a clip that kills or hangs its workers.
_POISON_EVERY = 7

#: Interval of the seeds with a recording, and number of clips beside it.
_RECORDING_EVERY, _BESIDE = 3, 2


@dataclass(frozen=True)
class Plan:
    """What a seed stands for.

    Attributes:
        seed: The seed; 0 for one of `PLANS`.
        server: Name of the server.
        backend: Name of the pose backend.
        jobs: Name of each clip, and when it is submitted, in seconds.
        faults: The faults, in the order of time.
        settings: Settings that differ from the defaults.
    """

    seed: int
    server: Name
    backend: str
    jobs: tuple[tuple[str, float], ...]
    faults: tuple[Fault, ...]
    settings: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        head = f"seed {self.seed}: {self.server}, {self.backend}"
        jobs = [f"{at_s:5.1f} s  submit {name}" for name, at_s in self.jobs]
        return "\n  ".join([head, *jobs, *map(str, self.faults)])

    @property
    def environment(self) -> dict[str, str]:
        """Settings that differ from the defaults; hangs would take a minute each."""
        return self.settings | ({"COACH_HANG_S": "6"} if self.has_poison else {})

    @property
    def end_s(self) -> float:
        """Time after the last fault within which all jobs must end, in seconds."""
        loses = any(fault.kind.startswith("server loses") for fault in self.faults)
        ends_s = [_END_S, _END_AFTER_LOSS_S * loses, END_WITH_POISON_S * self.has_poison]
        return max(ends_s) + _END_OF_RECORDING_S * any(name == "day" for name, _ in self.jobs)

    @property
    def has_poison(self) -> bool:
        """Whether a clip kills or hangs its workers."""
        return any(name in ("kills", "hangs") for name, _ in self.jobs)


def draw(seed: int, clips: dict[str, Clip] | None = None) -> Plan:
    """The plan of a seed."""
    rng = random.Random(seed)
    clips = clips or all_clips()
    servers: list[Name] = [name for name in ("redis", "valkey") if binary_of(name)]
    server = rng.choice(servers)
    real = seed % _REAL_BACKEND_EVERY == 0
    names = [
        name
        for name, clip in clips.items()
        if not (clip.is_poison or clip.is_recording or (real and "hd" in name))
    ]
    chosen = rng.choices(names, k=2 if real else rng.randint(3, 5))
    if not real and seed % _POISON_EVERY == 1:
        chosen[0] = rng.choice(["kills", "hangs"])
    times_s = sorted([0.0, *(round(rng.uniform(0, _LAST_JOB_S), 1) for _ in chosen[1:])])
    jobs = tuple(zip(chosen, times_s, strict=True))
    faults = draw_faults(rng, clocks.library(recordings()) is not None, _LAST_FAULT_S)
    if not real and seed % _RECORDING_EVERY == 0:
        rng = random.Random(f"recording {seed}")  # the other seeds' schedules stay as they were
        at_s = round(rng.uniform(0, 3), 1)
        jobs = (*jobs[:_BESIDE], ("day", at_s))
        faults += draw_recording_faults(rng, at_s, at_s + 6)
        faults.sort(key=lambda fault: fault.at_s)
    return Plan(seed, server, "movenet-fast" if real else "recorded", jobs, tuple(faults))


def _of_pose_workers() -> Plan:
    """What the monitor repairs is not made good here: a chunk must outlive its worker by itself."""
    faults = tuple(Fault(1.0 + number, "SIGKILL in a chunk", {}) for number in range(2))
    jobs = ("long", 0.0), ("faulty", 0.2)
    return Plan(0, "valkey", "recorded", jobs, faults, {"COACH_STALL_S": "3600"})


def _crash_loop() -> Plan:
    loop = Fault(0.0, "crash loop", {"service": "decoder", "for_s": 55.0})
    return Plan(0, "valkey", "recorded", (("short", 0.5),), (loop,))


#: Schedules that are made for one kind of trouble.
PLANS = {"deaths of pose workers": _of_pose_workers(), "crash loop": _crash_loop()}
