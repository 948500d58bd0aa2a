"""Runs a plan on a deployment, and reports what came of it."""

import heapq
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from faults.harness import clocks, ledger
from faults.harness.bench import Bench
from faults.harness.clips import all_clips, cache, make, recordings
from faults.harness.faults import Fault
from faults.harness.orders import Order
from faults.harness.outcomes import Outcome
from faults.harness.plans import END_WITH_POISON_S, Plan
from faults.harness.recovery import Recoveries

#: Longest recovery of a process that dies, in seconds (a promise, docs/reliability.md).
RECOVERY_S = 30.0

#: The code that results depend on.
_RESULT_MAKERS = (
    "shared", "services", "coach/cli", "synthetic",
    "tests/faults/harness/clips.py", "tests/faults/harness/day.py",
    "tests/faults/harness/outcomes.py", "tests/faults/harness/plugin",
)  # fmt: skip


@dataclass
class Report:
    """What came of a plan.

    Attributes:
        seed: Its seed.
        plan: The plan as text.
        violations: What was promised and does not hold.
        jobs: Number of jobs.
        frames: Number of their frames.
        faults: Kind of fault → how many.
        recoveries: Kind of fault, and the time until its work went on, in s; None if it never did.
        server_mb: Largest size of the server's data.
        server_rss_mb: Largest size of the server's process.
        process_mb: Service → largest size of one of its processes.
        took_s: Duration of the whole run.
        resubmitted: How often the user had to submit a job again.
        repairs: Repairs of the jobs as they ended.
        lost: The server's commands that were lost, of each loss.
        late_s: How late the harness itself was on a busy machine, in all; bounds of time are
            extended by it.
        folder: Where logs and data are; only kept with violations.
    """

    seed: int
    plan: str
    violations: list[str]
    jobs: int
    frames: int
    faults: dict[str, int]
    recoveries: list[tuple[str, float | None]]
    server_mb: float
    server_rss_mb: float
    process_mb: dict[str, float]
    took_s: float
    resubmitted: int = 0
    repairs: int = 0
    lost: list[list[str]] = field(default_factory=list)
    late_s: float = 0.0
    folder: str = ""

    as_dict = asdict


def run(plan: Plan, reference: dict[str, Outcome], bug: str = "") -> Report:
    """Run a schedule and check the ledger."""
    clips = all_clips()
    begun_s = time.monotonic()
    library = clocks.library(recordings())
    with Bench(plan.server, plan.backend, bug, library, plan.environment) as bench:
        bench.wait_until_ready()
        base_bytes = bench.observer.info("memory")["used_memory"]
        bench.started_s = time.monotonic()
        bench.orders = [
            Order(number, clips[name], at_s) for number, (name, at_s) in enumerate(plan.jobs)
        ]
        recoveries = Recoveries(bench)
        _run_faults(bench, plan, recoveries)
        _finish(bench, plan, reference, base_bytes, recoveries)
        return Report(
            seed=plan.seed,
            plan=str(plan),
            violations=bench.violations,
            jobs=len(bench.orders),
            frames=sum(reference[name].frames for name, _ in plan.jobs),
            faults=dict(Counter(fault.kind for fault in plan.faults)),
            recoveries=[(recovery.kind, recovery.took_s) for recovery in recoveries.all],
            server_mb=bench.peaks.server_mb,
            server_rss_mb=bench.peaks.server_rss_mb,
            process_mb=bench.peaks.process_mb,
            took_s=time.monotonic() - begun_s,
            resubmitted=sum(len(order.failures) for order in bench.orders),
            repairs=sum(order.ended.repairs for order in bench.orders if order.ended),
            lost=bench.lost,
            late_s=bench.late_s,
            folder=str(bench.folder) if bench.violations else "",
        )


def _run_faults(bench: Bench, plan: Plan, recoveries: Recoveries) -> None:
    """Let the faults happen, side by side, until all are over and all jobs have ended."""
    due: list[tuple[float, int, Fault, Iterator[float]]] = [
        (fault.at_s, number, fault, fault.steps(bench, partial(recoveries.watch, fault.kind)))
        for number, fault in enumerate(plan.faults)
    ]
    heapq.heapify(due)
    over_s = bench.now_s
    while due or not bench.is_done:
        if due:
            over_s = bench.now_s
        elif bench.now_s > over_s + plan.end_s + bench.late_s:
            return
        while due and due[0][0] <= bench.now_s:
            _, number, fault, steps = heapq.heappop(due)
            pause_s = next(steps, None)
            if pause_s is not None:
                heapq.heappush(due, (bench.now_s + pause_s, number, fault, steps))
        bench.look_after()
        recoveries.look()
        time.sleep(0.005)


def _finish(
    bench: Bench, plan: Plan, reference: dict[str, Outcome], base_bytes: int, recoveries: Recoveries
) -> None:
    found = bench.violations
    found += ledger.wait_until_quiet(bench)
    recoveries.look()
    found += ledger.check_jobs(bench, reference)
    found += ledger.check_leftovers(bench)
    found += ledger.check_dead_letters(bench)
    found += ledger.check_memory(bench, base_bytes)
    found += ledger.check_processes(bench)
    found += ledger.check_deaths(bench, plan.has_poison)
    found += [
        f"{recovery.kind}: recovered after {recovery.took_s:.0f} s"
        if recovery.took_s is not None
        else f"{recovery.kind}: never recovered"
        for recovery in recoveries.all
        if recovery.took_s is None
        or (recovery.took_s > RECOVERY_S + bench.late_s and "SIGKILL" in recovery.kind)
    ]


def reference_for(backend: str, names: Sequence[str]) -> dict[str, Outcome]:
    """The undisturbed results of clips; of one run, which is kept for the present code."""
    make(names)
    folder = cache("reference", _RESULT_MAKERS)
    files = {name: folder / f"{backend}-{name}.json" for name in names}
    missing = [name for name, file in files.items() if not file.exists()]
    if missing:
        for name, result in _undisturbed(backend, missing).items():
            files[name].write_text(json.dumps(result.as_dict()))
    return {name: Outcome.from_dict(json.loads(file.read_text())) for name, file in files.items()}


def _undisturbed(backend: str, names: list[str]) -> dict[str, Outcome]:
    """Results of clips on a deployment that nothing disturbs, but for the poison in them."""
    clips = all_clips()
    environment = {"COACH_CLAIM_IDLE_S": "1", "COACH_HANG_S": "2"}
    with Bench("valkey", backend, environment=environment) as bench:
        bench.orders = [Order(number, clips[name], 0.0) for number, name in enumerate(names)]
        while not bench.is_done and bench.now_s < END_WITH_POISON_S:
            bench.look_after()
            time.sleep(0.02)
        failed = [f"{order}: {order.ended and order.ended.error}" for order in bench.orders
                  if order.ended is None or order.ended.state != "done"]  # fmt: skip
        if failed:
            bench.violations += failed
            raise RuntimeError(f"undisturbed jobs do not end: {failed}; see {bench.folder}")
        bench.crew.stop()
        return {order.clip.name: Outcome.read(Path(order.ended.out)) for order in bench.orders}
