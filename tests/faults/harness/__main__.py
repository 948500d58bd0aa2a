"""`python -m faults.harness`: run seeded schedules, and print what came of them.

A seed with violations prints them with its schedule; `--seed N` runs that one again.
"""

import argparse
import json
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import NoReturn

import psutil
from faults.harness import plans, schedule
from faults.harness.running import prepare, run_in_a_process
from faults.harness.summary import Summary


def main() -> int:
    """Run what the command line asks for; the exit status is 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m faults.harness", description=__doc__)
    parser.add_argument("--seed", type=int, help="run this seed alone, and print its schedule")
    parser.add_argument("--plan", choices=plans.PLANS, help="run this schedule alone")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seeds", type=int, default=50, help="number of seeds")
    parser.add_argument("--jobs", type=int, default=1, help="schedules side by side")
    parser.add_argument("--out", type=Path, default=Path("out/soak"), help="folder for the report")
    parser.add_argument("--resume", action="store_true", help="keep reports that are in --out")
    parser.add_argument("--bug", default="", help="a deliberate bug, see faults.harness.bugs")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, _end)
    if given.plan is not None:
        return _run_one(plans.PLANS[given.plan], given.bug, given.out / f"{given.plan}.json")
    if given.seed is not None:
        return _run_one(plans.draw(given.seed), given.bug, given.out / f"seed-{given.seed}.json")
    return _run_many(given)


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End with all schedules that run; each of them then ends its processes."""
    for child in psutil.Process().children():
        child.terminate()
    sys.exit("terminated")


def _run_one(plan: plans.Plan, bug: str, file: Path) -> int:
    print(plan, flush=True)
    reference = schedule.reference_for(plan.backend, sorted({name for name, _ in plan.jobs}))
    report = schedule.run(plan, reference, bug)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(report.as_dict(), indent=1))
    for kind, took_s in report.recoveries:
        print(f"  {kind}: " + ("never recovered" if took_s is None else f"{took_s:.1f} s"))
    for violation in report.violations:
        print(f"VIOLATION {violation}")
    if report.violations:
        print(f"logs and data: {report.folder}")
    busy = f", the machine was busy for {report.late_s:.0f} s" if report.late_s else ""
    print(f"{report.jobs} jobs, {report.took_s:.0f} s, {len(report.violations)} violations{busy}")
    return 1 if report.violations else 0


def _run_many(given: argparse.Namespace) -> int:
    seeds = range(given.first, given.first + given.seeds)
    prepare([plans.draw(seed) for seed in seeds])
    summary = Summary(given.out, seeds)

    def run(seed: int) -> str:
        file = given.out / f"seed-{seed}.json"
        if given.resume and file.exists():
            return "\n".join(
                [f"seed {seed}, earlier:", *json.loads(file.read_text())["violations"]]
            )
        file.unlink(missing_ok=True)
        return run_in_a_process(given.out, "--seed", str(seed), "--bug", given.bug)[1]

    with ThreadPoolExecutor(given.jobs) as pool:
        for seed, text in zip(seeds, pool.map(run, seeds), strict=True):
            summary.add(seed, text)
    return summary.finish()


if __name__ == "__main__":
    sys.exit(main())
