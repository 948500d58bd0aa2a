"""Faults that meet a recording: while sets are cut out of it, and what a person does to a set."""

import os
import signal
import threading
from contextlib import suppress
from typing import Any

from faults.harness.bench import Bench
from faults.harness.crew import Slot
from faults.harness.moments import POLL_S, Steps, job_of_task
from faults.harness.other_faults import command, retry

#: Interval of looking for a set's folder, in seconds (chosen: a cut takes some milliseconds).
_LOOK_S = 0.001

#: Time for which a cut is waited for, in seconds; the gate comes there within a few.
_PATIENCE_S = 20.0


def hit_in_cut(bench: Bench, watch: Any, number: str, for_s: float) -> Steps:
    """A signal to the task that cuts a clip; a stopped one goes on after a while.

    Args:
        bench: the deployment.
        watch: is told what it has to recover.
        number: name of the signal.
        for_s: how long SIGSTOP lasts, in seconds.
    """
    is_over = threading.Event()
    found: list[int] = []
    watcher = threading.Thread(target=_stop_in_cut, args=(bench, is_over, found))
    watcher.start()
    try:
        for _ in range(round(_PATIENCE_S / POLL_S)):
            if found or bench.is_done:
                break
            yield POLL_S
    finally:
        is_over.set()
        watcher.join()
    for pid in found:
        watch(next((slot for slot in bench.crew.of("decoder") if slot.child() == pid), None))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.Signals[number])
            if number == "SIGSTOP":
                yield for_s
            os.kill(pid, signal.SIGCONT)


def _stop_in_cut(bench: Bench, is_over: threading.Event, found: list[int]) -> None:
    """Stop the first task of a decoder that is seen in a cut; its unfinished clip names it."""
    outs = [bench.results / str(order.number) for order in bench.orders if order.clip.is_recording]
    while not is_over.wait(_LOOK_S):
        for clip in (clip for out in outs for clip in out.glob("*/set-*/.clip-*")):
            pid = int(clip.stem.rpartition("-")[2])
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                found.append(pid)
                return


def kill_recording(bench: Bench, watch: Any, after_s: float) -> Steps:
    """SIGKILL of the task that looks through a recording, a while after it has begun."""
    for _ in range(round(_PATIENCE_S / POLL_S)):
        for slot in bench.crew.of("decoder"):
            if _is_at_recording(bench, slot):
                yield after_s
                watch(slot)
                bench.crew.signal(slot, signal.SIGKILL, slot.child())
                return
        yield POLL_S


def cancel_set_and_retry(bench: Bench, watch: Any, after_s: float) -> Steps:
    """The user cancels a set, so that its recording fails sooner or later, and resumes the set."""
    for _ in range(round(_PATIENCE_S / POLL_S)):
        for order in bench.orders:
            sets = [job for job in bench.active_jobs() if job.recording]
            if sets and order.clip.is_recording and not order.is_cancelled:
                order.is_cancelled = True
                yield from command(bench, "cancel", sets[0].id)
                yield after_s
                yield from retry(bench, sets[0].id)
                order.is_cancelled = False
                return
        yield POLL_S


def _is_at_recording(bench: Bench, slot: Slot) -> bool:
    jobs = {order.job.id for order in bench.orders if order.job and order.clip.is_recording}
    return job_of_task(bench, slot) in jobs
