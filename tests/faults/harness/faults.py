"""The kinds of faults, and how a seed draws a schedule of them.

What a fault does is a generator that yields the time until it goes on, in seconds. So several
faults overlap.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from faults.harness import other_faults, process_faults, recording_faults, server_faults
from faults.harness.bench import Bench
from faults.harness.crew import CREW
from faults.harness.moments import MOMENTS, RECORDING_MOMENTS, Steps


@dataclass(frozen=True)
class Fault:
    """A fault of a schedule.

    Attributes:
        at_s: When it begins, in seconds of the schedule.
        kind: One of `KINDS`.
        arguments: What its function takes.
    """

    at_s: float
    kind: str
    arguments: dict[str, Any]

    def __str__(self) -> str:
        given = ", ".join(f"{name}={value}" for name, value in self.arguments.items())
        return f"{self.at_s:5.1f} s  {self.kind}({given})"

    def steps(self, bench: Bench, watch: Callable[..., None]) -> Steps:
        """Do it; `watch` is told what it has to recover."""
        return KINDS[self.kind][1](bench, watch, **self.arguments)


def _any_slot(rng: random.Random) -> dict[str, Any]:
    service = rng.choice(["decoder", "pose", "pose", "scorer", "writer", "writer"])
    return {"service": service, "number": rng.randrange(CREW[service])}


def _draw_kill(rng: random.Random) -> dict[str, Any]:
    chosen = _any_slot(rng)
    if chosen["service"] in ("decoder", "writer"):
        chosen["child"] = rng.random() < 0.5
    return chosen


def _draw(**choices: Any) -> Callable[[random.Random], dict[str, Any]]:
    """Draw each argument: from a list, or with one decimal from a range (low, high)."""

    def draw(rng: random.Random) -> dict[str, Any]:
        return {
            name: rng.choice(given) if isinstance(given, list) else round(rng.uniform(*given), 1)
            for name, given in choices.items()
        }

    return draw


def _both(*draws: Callable[[random.Random], dict[str, Any]]) -> Callable[[random.Random], Any]:
    return lambda rng: {name: value for draw in draws for name, value in draw(rng).items()}


#: Kind → how it is drawn, what it does, and its weight in a schedule.
KINDS: dict[str, tuple[Callable[[random.Random], dict[str, Any]], Callable[..., Steps], int]] = {
    "SIGKILL": (_draw_kill, process_faults.kill, 6),
    "SIGKILL at a moment": (
        _both(_any_slot, _draw(moment=list(MOMENTS))), process_faults.kill_at, 4,
    ),
    "SIGSTOP short": (_both(_draw_kill, _draw(for_s=(1, 8))), process_faults.stop_for, 2),
    "SIGSTOP long": (_both(_draw_kill, _draw(for_s=(17, 22))), process_faults.stop_for, 2),
    "SIGTERM": (_any_slot, process_faults.term, 3),
    "crash loop": (
        _draw(service=["decoder", "writer"], for_s=(3, 12)), process_faults.crash_loop, 1,
    ),
    "server restart": (_draw(away_s=(0.2, 4)), server_faults.restart, 2),
    "server loses a second": (
        _draw(moment=list(MOMENTS), before=[True, True, False], away_s=(0.2, 2), choice=(0, 1)),
        server_faults.lose, 5,
    ),
    "server pause": (_draw(for_s=(1, 6)), server_faults.pause, 1),
    "server freeze": (_draw(for_s=(1, 6)), server_faults.freeze, 1),
    "full memory": (_draw(for_s=(1, 6)), server_faults.fill_memory, 2),
    "connections cut": (_draw(refuses_s=[0, 0, 0.5, 2, 5]), server_faults.cut, 2),
    "slow network": (_draw(delay_s=(0.1, 0.3), for_s=(2, 6)), server_faults.delay, 1),
    "black hole": (_draw(for_s=(2, 8), cuts=[True, False]), server_faults.black_hole, 2),
    "full disk": (_draw(for_s=(2, 6)), other_faults.fill_disk, 2),
    "clock jump": (
        _both(_any_slot, _draw(by_s=[-3600, -40, -5, 5, 40, 3600], for_s=(3, 12))),
        other_faults.jump_clock, 2,
    ),
    "server clock jump": (
        _draw(by_s=[-20, -5, 5, 40, 3600], for_s=(3, 10)), other_faults.jump_server_clock, 1,
    ),
    "poison messages": (_draw(seed=list(range(1000))), other_faults.poison_messages, 2),
    "messages twice": (_draw(copies=[1, 2, 3]), other_faults.duplicate, 2),
    "cancelled and resumed": (_draw(after_s=(0, 4)), other_faults.cancel_and_retry, 2),
    "submitted twice": (_draw(), other_faults.submit_twice, 1),
    "tasks twice": (_draw(name=["decode", "write"]), other_faults.repeat_tasks, 2),
    "SIGKILL in a chunk": (_draw(), process_faults.kill_in_chunk, 0),  # with recorded poses only
    "signal in a cut": (
        _draw(number=["SIGKILL", "SIGSTOP", "SIGTERM"], for_s=(1, 20)),
        recording_faults.hit_in_cut, 0,
    ),
    "SIGKILL in the gate": (_draw(after_s=(0, 2)), recording_faults.kill_recording, 0),
    "SIGKILL at a recording's moment": (
        _both(_any_slot, _draw(moment=list(RECORDING_MOMENTS))), process_faults.kill_at, 0,
    ),
    "server loses a second of a recording": (
        _draw(
            moment=[*RECORDING_MOMENTS, "job done"],
            before=[True, True, False], away_s=(0.2, 2), choice=(0, 1),
        ),
        server_faults.lose, 0,
    ),
    "set cancelled and resumed": (
        _draw(after_s=(0, 12)), recording_faults.cancel_set_and_retry, 0,
    ),
}  # fmt: skip

#: Kinds that meet a recording, and their weights in a schedule with one.
_OF_RECORDINGS = {
    "signal in a cut": 3, "SIGKILL in the gate": 2, "SIGKILL at a recording's moment": 2,
    "server loses a second of a recording": 2, "set cancelled and resumed": 3,
}  # fmt: skip

#: Kinds that a schedule has at most once: they take long, or more of them have another meaning.
_ONCE = {"SIGSTOP long", "crash loop", "full disk", "server clock jump"}

#: Servers' losses in a schedule: a job that is repaired more than three times fails, by design.
_MAX_LOSSES = 2


def draw_faults(rng: random.Random, clocks: bool, last_s: float) -> list[Fault]:
    """The faults of a schedule, in the order of time.

    Args:
        rng: the schedule's source of chance.
        clocks: whether clocks can jump.
        last_s: when the last one begins, in seconds.
    """
    count = rng.randint(6, 10)
    kinds: list[str] = []
    weights = {kind: entry[2] for kind, entry in KINDS.items()}
    while len(kinds) < count:
        kind = rng.choices(list(weights), list(weights.values()))[0]
        if kind in _ONCE and kind in kinds or "clock" in kind and not clocks:
            continue
        if kind == "server loses a second" and kinds.count(kind) == _MAX_LOSSES:
            continue
        kinds.append(kind)
    return _at_times(rng, kinds, 0.5, last_s)


def draw_recording_faults(rng: random.Random, from_s: float, to_s: float) -> list[Fault]:
    """Faults that meet a recording; most begin to wait for their moment before it is there.

    Args:
        rng: a source of chance.
        from_s: when the first one may begin, in seconds.
        to_s: when the last one begins.
    """
    kinds = rng.choices(list(_OF_RECORDINGS), list(_OF_RECORDINGS.values()), k=rng.randint(2, 3))
    kinds.sort(key=lambda kind: "loses" in kind)
    lost = [kind for kind in kinds if "loses" in kind]
    return _at_times(rng, kinds[: len(kinds) - max(0, len(lost) - 1)], from_s, to_s)


def _at_times(rng: random.Random, kinds: list[str], from_s: float, to_s: float) -> list[Fault]:
    times_s = sorted(round(rng.uniform(from_s, to_s), 1) for _ in kinds)
    return [
        Fault(at_s, kind, KINDS[kind][0](rng)) for at_s, kind in zip(times_s, kinds, strict=True)
    ]
