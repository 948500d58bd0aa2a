"""Traces of jobs by OpenTelemetry, sent to `COACH_OTLP_ENDPOINT`; see docs/monitoring.md.

A job is one trace. Its record carries the id as a W3C `traceparent`, so that each service adds its
spans to it; the service that ends the job adds the span of the whole. Without an endpoint nothing
is imported and nothing is done. A collector that does not answer loses its spans, and holds up no
work.
"""

import atexit
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from shared.errors import UsageError

#: Time limit of sending spans to the collector, in seconds. Chosen: it can delay the end of each
#: task's process.
_SEND_S = 2.0

#: Where collectors take traces (OTLP over HTTP).
_PATH = "/v1/traces"

_NS = 1e9


def new_traceparent() -> str:
    """A trace of its own, and the id of the span of the whole job."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


class Traces:
    """Sends the spans of this process, if it was given an endpoint."""

    def __init__(self) -> None:
        self._tracer: Any = None
        self._provider: Any = None
        self._ids: Any = None

    @property
    def is_on(self) -> bool:
        """Whether spans are sent."""
        return self._tracer is not None

    def begin(self, service: str, endpoint: str) -> None:
        """Begin as a service process.

        Args:
            service: name of the service.
            endpoint: URL of a collector; "" for no traces.

        Raises:
            UsageError: the libraries are missing, or the endpoint is no HTTP URL.
        """
        if not endpoint:
            return
        if not endpoint.startswith(("http://", "https://")):
            raise UsageError(f"COACH_OTLP_ENDPOINT is no http:// or https:// URL: {endpoint!r}")
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor

            from shared.trace_ids import GivenIds
        except ImportError as error:
            raise UsageError(
                f"COACH_OTLP_ENDPOINT needs the extra otel ({error}): "
                "pip install 'weightlifting-coach[otel]', or leave the setting empty"
            ) from error
        url = endpoint if endpoint.endswith(_PATH) else endpoint.rstrip("/") + _PATH
        instance = f"{socket.gethostname()}:{os.getpid()}"
        resource = Resource.create(
            {"service.name": f"coach-{service}", "service.instance.id": instance}
        )
        self._ids = GivenIds()
        self._provider = TracerProvider(
            resource=resource, id_generator=self._ids, shutdown_on_exit=False
        )
        exporter = OTLPSpanExporter(endpoint=url, timeout=_SEND_S)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("coach")
        atexit.register(self.flush)

    @contextmanager
    def span(
        self, name: str, traceparent: Callable[[], str] | None = None, **attributes: Any
    ) -> Iterator[None]:
        """A span of the block.

        Args:
            name: what the block does.
            traceparent: gives the job's; without one, the span is part of the one around it.
            attributes: what is told of it.
        """
        if self._tracer is None:
            yield
            return
        context = _context_of(traceparent()) if traceparent is not None else None
        named = {f"coach.{key}": value for key, value in attributes.items()}
        with self._tracer.start_as_current_span(name, context, attributes=named):
            yield

    def end_of_job(self, job: Any, error: str = "") -> None:
        """Add the span of a whole job that has ended, from its submission on.

        Args:
            job: the job's record (`shared.queue.job.Job`).
            error: why it failed; "" if it did not.
        """
        if self._tracer is None or not job.traceparent:
            return
        from opentelemetry.context import Context
        from opentelemetry.trace import Status, StatusCode

        _, trace_id, span_id, _ = job.traceparent.split("-")
        with self._ids.given(int(trace_id, 16), int(span_id, 16)):
            span = self._tracer.start_span(
                "job",
                Context(),
                attributes={"coach.job": job.id, "coach.source": job.source},
                start_time=int(job.created_s * _NS),
            )
        if error:
            span.set_status(Status(StatusCode.ERROR, error))
        span.end(int(time.time() * _NS))

    def flush(self) -> None:
        """Send what was not sent yet; given up after two seconds."""
        if self._provider is not None:
            sender = threading.Thread(target=self._provider.force_flush, daemon=True)
            sender.start()
            sender.join(_SEND_S)


def _context_of(traceparent: str) -> Any:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": traceparent})


#: The traces of this process.
TRACES = Traces()
