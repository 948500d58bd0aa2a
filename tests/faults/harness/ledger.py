"""The ledger: what must hold once all jobs have ended, whatever happened before."""

import re
import time
from contextlib import suppress
from pathlib import Path

import psutil
import redis
from faults.harness.bench import Bench
from faults.harness.crew import EXIT_S, Slot
from faults.harness.orders import Order
from faults.harness.outcomes import Outcome, folders_of
from rq import Queue

from shared.queue import keys
from shared.queue.tasks import queues

#: Name of a queue of tasks, of any priority.
_QUEUE = "coach-(decode|write)(-high|-low)?"

#: Keys that may be left once all jobs have ended: pattern → whether the key must expire.
_KEYS = {
    r"coach:jobs": False,
    r"coach:job:[0-9a-f]{16}": True,
    r"coach:stalled-jobs(:idle)?": True,
    r"coach:alive:.*": True,
    r"coach:workers?(:.*)?": True,
    r"coach:frames:[a-z-]+(:high|:low)?": False,
    r"coach:keypoints(:high|:low)?": False,
    r"coach:dead": False,
    r"coach:tasks:(decode|write):bell": True,
    r"rq:queues": False,
    rf"rq:workers(:{_QUEUE})?": False,
    r"rq:worker:.*": True,
    r"rq:clean_(registries:.*|groups)": True,
    rf"rq:(finished|failed|canceled|wip|deferred|scheduled):{_QUEUE}": False,
    r"rq:job:.*": True,
    r"rq:results:.*": True,
    r"rq:executions?:.*": True,
    rf"rq:queue:{_QUEUE}:intermediate": False,
    rf"rq:queue:{_QUEUE}:intermediate:first_seen:.*": True,
}

#: Services that fork a process for each task.
_TASK_SERVICES = ("decoder", "writer")

#: Time for leftovers of the last faults to be worked off, in seconds (a repair takes 30 s).
_QUIET_S = 45.0

#: Time that a process may take to connect, in seconds (one that has just been started).
_CONNECT_S = 10.0

#: What the server may hold more than before the first job, in bytes: records of jobs, RQ's records
#: of failed tasks, and what its allocator keeps.
_SERVER_MARGIN = 1_500_000

#: Largest memory of a service's process, in MB (with real networks; their libraries take most).
_PROCESS_MB = 900.0


def is_quiet(bench: Bench) -> bool:
    """Whether nothing is pending, queued or worked on any more."""
    with suppress(redis.RedisError):
        client = bench.observer
        return not (
            any(client.xlen(stream) for stream in _streams(bench))
            or any(client.llen(queue.key) for queue in _queues(bench))
            or any(slot.child() for slot in bench.crew.slots if slot.service in _TASK_SERVICES)
        )
    return False


def _streams(bench: Bench) -> list[str]:
    streams = (keys.frames(bench.backend), keys.KEYPOINTS)
    return [name for stream in streams for name in keys.by_priority(stream)]


def _queues(bench: Bench) -> list[Queue]:
    return [*queues(bench.observer, "decode"), *queues(bench.observer, "write")]


def wait_until_quiet(bench: Bench) -> list[str]:
    """Let the deployment work off what is left."""
    end_s = time.monotonic() + _QUIET_S
    while not is_quiet(bench):
        if time.monotonic() > end_s:
            return [f"after all jobs have ended: {_pending(bench)} still pending"]
        bench.look_after()
        time.sleep(0.05)
    return []


def _pending(bench: Bench) -> str:
    names = (*_streams(bench), *(queue.key for queue in _queues(bench)))
    sizes = {"stream": "xlen", "list": "llen"}
    found = {}
    with suppress(redis.RedisError):
        for name in names:
            kind = bench.observer.type(name).decode()
            if kind in sizes:
                found[name] = getattr(bench.observer, sizes[kind])(name)
    return ", ".join(f"{name}: {size}" for name, size in found.items() if size)


def check_jobs(bench: Bench, reference: dict[str, Outcome]) -> list[str]:
    """Every job is done, with the undisturbed result."""
    found = []
    for order in bench.orders:
        job = order.ended
        if job is None:
            found.append(f"{order}: never ended; {_state_of(bench, order)}")
        elif job.state != "done":
            found.append(f"{order}: {job.state}: {job.error_kind}: {job.error}")
        else:
            found += [
                f"{order}: {what}" for what in reference[order.clip.name].differences(Path(job.out))
            ]
    return found


def _state_of(bench: Bench, order: Order) -> str:
    if order.job is None:
        return f"could not be submitted: {order.failures}"
    with suppress(redis.RedisError):
        job = bench.store.get(order.job.id)
        if job is not None:
            return (
                f"{job.state}, sent {job.sent} of {job.chunks}, stored "
                f"{bench.store.stored_chunks(job.id)}, repairs {job.repairs}"
            )
    return "no record"


def check_leftovers(bench: Bench) -> list[str]:
    """No key, file or claim is left over."""
    found = []
    known_to_rq = _tasks_of_dead_processes(bench)
    for key in sorted(key.decode(errors="replace") for key in bench.observer.scan_iter(count=1000)):
        rule = next((rule for rule in _KEYS if re.fullmatch(rule, key)), None)
        if rule is None:
            found.append(f"key {key} is left over")
        elif _KEYS[rule] and bench.observer.ttl(key) == -1 and key not in known_to_rq:
            found.append(f"key {key} never expires")
    outs = [Path(order.job.out) for order in bench.orders if order.job is not None]
    folders = {folder for out in outs for folder in folders_of(out)}
    parents = {out.parent for out in outs}
    for path in sorted(bench.results.rglob("*")):
        if path not in folders | parents and path.parent not in folders:
            found.append(f"{path.relative_to(bench.results)} is left over")
    found += [f"temporary file {path.name}" for path in (bench.folder / "tmp").iterdir()]
    return found


def _tasks_of_dead_processes(bench: Bench) -> set[str]:
    """Records that RQ deletes within four minutes: those of tasks whose process has died."""
    tasks: list[bytes] = []
    for queue in _queues(bench):
        tasks += bench.observer.zrange(queue.started_job_registry.key, 0, -1)
        tasks += bench.observer.lrange(f"{queue.key}:intermediate", 0, -1)
    return {f"rq:job:{task.decode().partition(':')[0]}" for task in tasks}


def check_dead_letters(bench: Bench) -> list[str]:
    """Each message that nobody can read is a dead letter, with its cause."""
    letters = bench.observer.xrange("coach:dead")
    found = [
        f"dead letter without a cause: {fields}"
        for _, fields in letters
        if not fields.get(b"cause")
    ]
    if len(letters) < bench.poison_messages and not bench.lost:
        found.append(f"{len(letters)} dead letters of {bench.poison_messages} damaged messages")
    return found


def check_memory(bench: Bench, base_bytes: int) -> list[str]:
    """The server's memory is back at its base; no process was large."""
    found = []
    extra = bench.observer.info("memory")["used_memory"] - base_bytes
    if extra > _SERVER_MARGIN:
        found.append(f"the server holds {extra / 1e6:.1f} MB more than before the first job")
    for service, peak_mb in bench.peaks.process_mb.items():
        if peak_mb > _PROCESS_MB:
            found.append(f"a {service} process took {peak_mb:.0f} MB")
    return found


def check_processes(bench: Bench) -> list[str]:
    """Every process is connected and alive, and ends in time when asked; no other one is left."""
    end_s = time.monotonic() + _CONNECT_S + bench.late_s
    while (away := _without_connection(bench)) and time.monotonic() < end_s:
        bench.look_after()
        time.sleep(0.05)
    found = [f"{slot} has no connection to the server" for slot in away]
    bench.crew.stop()
    orphans = bench.crew.processes()
    found += [f"process {' '.join(p.cmdline()[-3:])} is left over" for p in orphans]
    return found


def _without_connection(bench: Bench) -> list[Slot]:
    away = []
    for slot in bench.crew.slots:
        with suppress(psutil.Error):
            connections = psutil.Process(slot.pid).net_connections("tcp") if slot.pid else []
            if not any(connection.status == "ESTABLISHED" for connection in connections):
                away.append(slot)
    return away


def check_deaths(bench: Bench, poison: bool) -> list[str]:
    """No process ended by itself, unless on poison; each ended in time after SIGTERM."""
    found = []
    for death in bench.crew.deaths:
        if not death.asked and not (poison and death.slot.service == "pose"):
            last = death.log.strip().rpartition("\n")[2][:300]
            found.append(f"{death.slot} ended by itself with status {death.status}: {last}")
        if death.after_s is not None and death.after_s > EXIT_S + bench.late_s:
            found.append(f"{death.slot} took {death.after_s:.0f} s to end after SIGTERM")
    return found
