"""Ids of spans: random ones, or those that a job's record has."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator


class GivenIds(IdGenerator):
    """Random ids, except for a span that is made within `given`."""

    def __init__(self) -> None:
        self._random = RandomIdGenerator()
        self._given = threading.local()

    @contextmanager
    def given(self, trace_id: int, span_id: int) -> Iterator[None]:
        """Give the span that this thread makes in the block these ids."""
        self._given.ids = trace_id, span_id
        try:
            yield
        finally:
            del self._given.ids

    def generate_trace_id(self) -> int:
        """Id of a trace."""
        ids = getattr(self._given, "ids", None)
        return ids[0] if ids else self._random.generate_trace_id()

    def generate_span_id(self) -> int:
        """Id of a span."""
        ids = getattr(self._given, "ids", None)
        return ids[1] if ids else self._random.generate_span_id()
