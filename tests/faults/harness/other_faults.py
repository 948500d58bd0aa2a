"""Faults of disk and clocks, and messages and tasks that are damaged or arrive twice."""

import random
import shutil
import subprocess
import sys
from contextlib import suppress
from typing import Any

import redis
from faults.harness.bench import Bench
from faults.harness.clips import ROOT
from faults.harness.moments import Steps, insist, slot_of, until

from shared.errors import CoachError
from shared.queue import keys, tasks

#: Time after which nothing is left of a cancelled job, in seconds (a promise,
#: docs/reliability.md).
_CANCEL_S = 2.0

#: Tries of a command while the server may be away; each takes some seconds then.
_TRIES = 10


def fill_disk(bench: Bench, watch: Any, for_s: float) -> Steps:
    """The disk of the results is full, from the moment on when a writer begins."""
    if not bench.has_own_disk:
        return
    ballast = bench.results / ".ballast"
    yield from until(lambda: any(bench.results.glob("*/.*.partial")))
    bench.disk_was_full = True
    with suppress(OSError), ballast.open("wb") as file:
        while True:
            free = shutil.disk_usage(bench.results).free
            file.write(bytes(max(4096, min(free, 2**20))))
            file.flush()
    yield for_s
    ballast.unlink()
    watch(None)


def jump_server_clock(bench: Bench, watch: Any, by_s: float, for_s: float) -> Steps:
    """Somebody sets the clock of the server's machine, and sets it right later."""
    bench.server_clock.jump(by_s)
    yield for_s
    bench.server_clock.jump(0)
    watch(None)


def jump_clock(
    bench: Bench, watch: Any, service: str, number: int, by_s: float, for_s: float
) -> Steps:
    """Somebody sets the clock of a service's machine, and sets it right later."""
    slot = slot_of(bench, service, number)
    slot.clock.jump(by_s)
    yield for_s
    slot.clock.jump(0)


def poison_messages(bench: Bench, watch: Any, seed: int) -> Steps:
    """Entries of streams that no service writes."""
    rng = random.Random(seed)
    for fields in _malformed(bench, rng):
        stream = rng.choice([f"coach:frames:{bench.backend}", "coach:keypoints"])
        yield from insist(lambda stream=stream, fields=fields: bench.observer.xadd(stream, fields))
        bench.poison_messages += 1


def _malformed(bench: Bench, rng: random.Random) -> list[dict[bytes, bytes]]:
    real = b""
    with suppress(redis.RedisError):
        for _, fields in bench.observer.xrange(f"coach:frames:{bench.backend}", count=1):
            real = fields.get(b"m", b"")
    return [
        {b"x": b"y"},
        {b"m": b""},
        {b"m": rng.randbytes(200)},
        {b"m": b"\xc1" * 50},
        {b"m": real[: len(real) // 2] or b"\x90"},
        {b"n": real or b"\x80", b"x": b"m"},
    ]


def duplicate(bench: Bench, watch: Any, copies: int) -> Steps:
    """Messages that arrive twice, as after a sender that did not hear that it had sent them."""
    for stream in (f"coach:frames:{bench.backend}", "coach:keypoints"):
        seen: list[Any] = []

        def found(stream: str = stream, seen: list[Any] = seen) -> bool:
            seen[:] = bench.observer.xrange(stream, count=copies)
            return bool(seen)

        yield from until(found)
        for _, fields in seen:
            yield from insist(lambda stream=stream, f=fields: bench.observer.xadd(stream, f))


def cancel_and_retry(bench: Bench, watch: Any, after_s: float) -> Steps:
    """The user cancels a job, and resumes it; in between, nothing of it is left."""
    waiting = (one for one in bench.orders if one.job and not (one.ended or one.is_cancelled))
    order = next(waiting, None)
    if order is None or order.job is None:
        return
    order.is_cancelled = True
    yield from command(bench, "cancel", order.job.id)
    yield after_s
    with suppress(redis.RedisError):
        if bench.store.state(order.job.id) == "cancelled":
            left = list(bench.observer.scan_iter(f"{keys.job(order.job.id)}:*", count=1000))
            if left and after_s > _CANCEL_S:
                bench.violations.append(f"{order}: {left} is left {after_s} s after `cancel`")
    yield from retry(bench, order.job.id)
    order.is_cancelled = False


def retry(bench: Bench, job_id: str) -> Steps:
    """The user resumes a job that was cancelled."""
    for _ in range(_TRIES):
        yield from command(bench, "retry", job_id)
        with suppress(redis.RedisError):
            if bench.store.state(job_id) != "cancelled":
                break


def command(bench: Bench, name: str, job_id: str) -> Steps:
    """Run a `coach` command to its end."""
    url = f"redis://127.0.0.1:{bench.server.port}/0"
    with (bench.folder / f"{name}.log").open("ab") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "coach", name, job_id, "--redis", url],
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
    while running.poll() is None:
        yield 0.05


def submit_twice(bench: Bench, watch: Any) -> Steps:
    """The user submits all jobs again, also those that are done, until the command succeeds."""
    for order in bench.orders:
        for _ in range(_TRIES if order.job is not None else 0):
            try:
                bench.submit(order)
                break
            except (CoachError, redis.RedisError):  # the command has failed, and is run again
                yield 0.5
        yield 0.0


def repeat_tasks(bench: Bench, watch: Any, name: tasks.Name) -> Steps:
    """A task of each job that is active is queued once more."""
    for job in bench.active_jobs():
        if name == "decode" or bench.observer.exists(f"coach:job:{job.id}:analysis"):
            with suppress(redis.RedisError):
                tasks.enqueue(bench.observer, name, job.id, 3600)
    yield 0.0
