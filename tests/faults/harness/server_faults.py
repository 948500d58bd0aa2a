"""Faults of the server, and of the network between it and the services."""

import os
import signal
from contextlib import suppress
from typing import Any

from faults.harness.aof import Unit
from faults.harness.bench import Bench
from faults.harness.moments import Steps, at_moment, insist, is_at


def restart(bench: Bench, watch: Any, away_s: float) -> Steps:
    """kill -9 of the server, and a restart with all that it wrote."""
    bench.server.kill()
    yield away_s
    bench.server.start()
    watch(None)


def lose(
    bench: Bench, watch: Any, moment: str, before: bool, away_s: float, choice: float
) -> Steps:
    """kill -9 of the server at a moment; its last commands are lost, and that of the moment.

    Args:
        bench: the deployment.
        watch: is told what it has to recover.
        moment: the command after which it is killed.
        before: whether the first that is lost is the command of the moment; else it is any one of
            the last second.
        away_s: time until it is started again.
        choice: 0..1, which one of the last second.
    """
    bench.can_lose_submissions = True
    yield from at_moment(bench, moment)

    def choose(last: list[Unit]) -> Unit | None:
        at = [unit for unit in last if is_at(unit, moment)]
        return at[-1] if before and at else last[int(choice * (len(last) - 1))]

    bench.lost.append([str(unit) for unit in bench.server.lose(choose)])
    yield away_s
    bench.server.start()
    watch(None)


def pause(bench: Bench, watch: Any, for_s: float) -> Steps:
    """CLIENT PAUSE: the server answers nobody for a while."""
    yield from insist(lambda: bench.observer.client_pause(round(for_s * 1000)))
    yield for_s
    watch(None)


def freeze(bench: Bench, watch: Any, for_s: float) -> Steps:
    """SIGSTOP of the server's process, and SIGCONT."""
    pid = bench.server.pid
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        yield for_s
        os.kill(pid, signal.SIGCONT)
    watch(None)


def fill_memory(bench: Bench, watch: Any, for_s: float) -> Steps:
    """The server has no memory for anything more, for a while."""
    yield from insist(lambda: bench.observer.config_set("maxmemory", 1_000_000))
    yield for_s
    yield from insist(lambda: bench.observer.config_set("maxmemory", 0))
    watch(None)


def cut(bench: Bench, watch: Any, refuses_s: float) -> Steps:
    """All connections break; new ones are refused for a while."""
    bench.proxy.refuses = refuses_s > 0
    bench.proxy.cut()
    yield refuses_s
    bench.proxy.refuses = False
    watch(None)


def delay(bench: Bench, watch: Any, delay_s: float, for_s: float) -> Steps:
    """Everything takes longer on its way."""
    bench.proxy.delay_s = delay_s
    yield for_s
    bench.proxy.delay_s = 0.0
    watch(None)


def black_hole(bench: Bench, watch: Any, for_s: float, cuts: bool) -> Steps:
    """Nothing arrives for a while; then all of it does, or the connections break."""
    bench.proxy.hold()
    yield for_s
    if cuts:
        bench.proxy.cut()
    bench.proxy.release()
    watch(None)
