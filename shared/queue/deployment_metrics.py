"""Metrics of the whole deployment, as a scorer shows them: see `shared.metrics`."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import redis
from prometheus_client.core import GaugeMetricFamily, Metric

from shared.queue import backlog, keys
from shared.queue.connection import Client, impatient
from shared.queue.worker_register import workers

#: The services, in the order in which a frame passes them.
_SERVICES = ("decoder", "pose", "scorer", "writer")

_UP = "Whether the server answers."


class DeploymentMetrics:
    """Asks the server for the metrics.

    Args:
        client: a connection to the server; it is copied.
        backend: a pose backend whose stream is shown also if no worker and no job has it.
    """

    def __init__(self, client: Client, backend: str) -> None:
        self._client: Any = impatient(client)
        self._backend = backend

    def collect(self) -> Iterator[Metric]:
        """Give the metrics as they are now; without a server, that it does not answer."""
        try:
            metrics = [*self._metrics()]
        except redis.RedisError:
            yield GaugeMetricFamily("coach_redis_up", _UP, 0)
            return
        yield GaugeMetricFamily("coach_redis_up", _UP, 1)
        yield from metrics

    def _metrics(self) -> Iterator[Metric]:
        client = self._client
        memory = client.info("memory")
        yield GaugeMetricFamily(
            "coach_redis_memory_bytes", "Memory that the server uses.", memory["used_memory"]
        )
        yield GaugeMetricFamily(
            "coach_redis_memory_limit_bytes",
            "Memory that the server may use; 0 for no limit.",
            memory["maxmemory"],
        )
        yield GaugeMetricFamily(
            "coach_dead_letters", "Messages that were put aside.", client.xlen(keys.DEAD_LETTERS)
        )
        present, jobs = workers(client), backlog.active_jobs(client)
        counts = Counter(worker.service for worker in present)
        family = GaugeMetricFamily("coach_workers", "Processes there are.", labels=["service"])
        for service in _SERVICES:
            family.add_metric([service], counts[service])
        yield family
        family = GaugeMetricFamily("coach_jobs", "Jobs that have not ended.", labels=["state"])
        for state in ("queued", "running"):
            family.add_metric([state], jobs.states[state])
        yield family
        networks = {worker.network for worker in present if worker.network}
        yield from _backlog(backlog.backlogs(client, {self._backend, *networks, *jobs.backends}))


def _backlog(found: list[backlog.Backlog]) -> Iterator[Metric]:
    for name, text, values in (
        ("waiting", "Messages or tasks that nobody has taken.", [b.waiting for b in found]),
        ("in_flight", "Messages or tasks that are worked on.", [b.in_flight for b in found]),
        ("oldest_seconds", "Time since the oldest was sent.", [b.oldest_s for b in found]),
    ):
        family = GaugeMetricFamily(f"coach_backlog_{name}", text, labels=["service", "name"])
        for one, value in zip(found, values, strict=True):
            family.add_metric([one.service, one.name], value)
        yield family
