"""Faults of the services' processes: they die, hang, or are stopped."""

import os
import signal
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from faults.harness.bench import Bench
from faults.harness.crew import Slot
from faults.harness.moments import POLL_S, Steps, at_moment, is_busy, slot_of, until

#: Interval of looking for forked processes, in seconds (chosen: no task is done so soon).
_FORK_LOOK_S = 0.002


def kill(bench: Bench, watch: Any, service: str, number: int, child: bool = False) -> Steps:
    """SIGKILL of a busy process, or of the child that RQ forked for its task."""
    slot = slot_of(bench, service, number)
    yield from until(lambda: is_busy(bench, slot))
    watch(slot)
    bench.crew.signal(slot, signal.SIGKILL, slot.child() if child else 0)


def kill_at(bench: Bench, watch: Any, service: str, number: int, moment: str) -> Steps:
    """SIGKILL of a process right after a certain command of any process."""
    yield from at_moment(bench, moment)
    slot = slot_of(bench, service, number)
    watch(slot)
    bench.crew.signal(slot, signal.SIGKILL)


def kill_in_chunk(bench: Bench, watch: Any) -> Steps:
    """SIGKILL of a pose worker in the middle of a chunk, at which it has stopped itself."""
    bench.hold.touch()
    while not bench.is_done:
        for slot in bench.crew.of("pose"):
            if slot.has_stopped_itself():
                watch(slot)
                bench.crew.signal(slot, signal.SIGKILL)
                return
        yield POLL_S


def stop_for(
    bench: Bench, watch: Any, service: str, number: int, for_s: float, child: bool = False
) -> Steps:
    """SIGSTOP, and SIGCONT after a while: before or after its work was given to another."""
    slot = slot_of(bench, service, number)
    yield from until(lambda: is_busy(bench, slot))
    watch(slot)
    pid = slot.child() if child else slot.pid
    if pid:
        bench.crew.signal(slot, signal.SIGSTOP, pid if child else 0)
        yield for_s
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
        slot.stopped = False


def term(bench: Bench, watch: Any, service: str, number: int) -> Steps:
    """SIGTERM of a busy process: an operator stops it, and starts it again."""
    slot = slot_of(bench, service, number)
    yield from until(lambda: is_busy(bench, slot))
    watch(slot)
    bench.crew.signal(slot, signal.SIGTERM)


def crash_loop(bench: Bench, watch: Any, service: str, for_s: float) -> Steps:
    """Every process that is forked for a task dies at once, as on a machine short of memory."""
    end_s = bench.now_s + for_s
    is_over = threading.Event()
    killer = threading.Thread(target=_kill_children, args=(bench.crew.of(service), is_over))
    killer.start()
    try:
        while bench.now_s < end_s:
            yield POLL_S
    finally:
        is_over.set()
        killer.join()
    watch(None)


def _kill_children(slots: Iterable[Slot], is_over: threading.Event) -> None:
    """Kill what these processes fork, at once: a short task is done within a few looks."""
    while not is_over.wait(_FORK_LOOK_S):
        for slot in slots:
            with suppress(OSError):
                forked = Path(f"/proc/{slot.pid}/task/{slot.pid}/children").read_text()
                for child in forked.split():
                    os.kill(int(child), signal.SIGKILL)
