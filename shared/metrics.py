"""Metrics of a service process for Prometheus, on `COACH_METRICS_PORT`; see docs/monitoring.md.

Each process shows what it does itself. What concerns the whole deployment (backlog, dead letters,
memory of the server) is shown by scorers: at least one of them must run in any case, so that
nothing more has to be started or given rights. Several scorers show the same values. The server is
asked when Prometheus asks, and never in between.

Nothing here is imported by a process without that port.
"""

import logging
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)

from shared.activity import ACTIVITY, LIMITS_S, STEPS, Activity
from shared.errors import UsageError

#: Ports that are tried from the given one on. Chosen: more than processes of one machine.
_PORTS = 64

_LAST_PORT = 65535

#: Gives the metrics of the whole deployment.
Collect = Callable[[], Iterator[Metric]]

_log = logging.getLogger(__name__)


def serve(service: str, host: str, port: int, of_deployment: Collect | None = None) -> int:
    """Show this process's metrics in a thread; the port.

    If the port is taken, the next free one is used: several workers of one machine may have the
    same settings.

    Args:
        service: name of the service.
        host: address to listen on.
        port: first port that is tried.
        of_deployment: gives the metrics of the deployment, if this process shows them.

    Raises:
        UsageError: this machine has no such address, or no port is free.
    """
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(ProcessMetrics(service))
    if of_deployment is not None:
        registry.register(_DeploymentMetrics(of_deployment))
    for free in range(port, min(port + _PORTS, _LAST_PORT + 1)):
        try:
            start_http_server(free, host, registry)
        except OSError as error:
            last = error
            continue
        _log.info("metrics on http://%s:%d/metrics", host, free)
        return free
    raise UsageError(
        f"metrics cannot be shown on {host}:{port} ({last}); set COACH_METRICS_HOST to an address "
        "of this machine, COACH_METRICS_PORT to another port, or the port to 0 for none"
    )


class ProcessMetrics:
    """What this process does, with the processes that it forks."""

    def __init__(self, service: str, activity: Activity = ACTIVITY) -> None:
        self._service, self._activity = service, activity

    def collect(self) -> Iterator[Metric]:
        """Give the metrics as they are now."""
        activity, service = self._activity, self._service
        yield InfoMetricFamily(
            "coach_worker",
            "What runs the networks of this process.",
            {"service": service, "network": activity.network, "engine": activity.engine},
        )
        for name, text, value in (
            ("busy", "Whether this process works on a job.", float(activity.job != "")),
            ("paused", "Whether an operator keeps it from new work.", float(activity.is_paused)),
            ("memory_bytes", "Memory of it and of its task's process.", activity.memory_bytes()),
        ):
            gauge = GaugeMetricFamily(f"coach_worker_{name}", text, labels=["service"])
            gauge.add_metric([service], value)
            yield gauge
        frames = CounterMetricFamily("coach_frames", "Frames done with.", labels=["service"])
        frames.add_metric([service], activity.frames)
        yield frames
        work = CounterMetricFamily(
            "coach_work", "Messages or tasks by what became of them.", labels=["service", "outcome"]
        )
        for outcome, count in activity.outcomes.items():
            work.add_metric([service, outcome], count)
        yield work
        yield self._durations()

    def _durations(self) -> Metric:
        family = HistogramMetricFamily(
            "coach_duration_seconds",
            "Waiting of a message or task, work on it, and judging of a clip.",
            labels=["service", "step"],
        )
        for step in STEPS:
            counts, sum_s = self._activity.durations(step)
            buckets, total = [], 0
            for limit, count in zip([*map(str, LIMITS_S), "+Inf"], counts, strict=True):
                total += count
                buckets.append((limit, float(total)))
            if total:
                family.add_metric([self._service, step], buckets, sum_s)
        return family


class _DeploymentMetrics:
    """Metrics that a function gives."""

    def __init__(self, collect: Collect) -> None:
        self._collect = collect

    def describe(self) -> list[Metric]:
        """Names of the metrics, asked for at the start: the server is not asked for them."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Give the metrics as they are now."""
        return self._collect()
