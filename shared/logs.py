"""Log lines of the services: one line an event, with the service, and the job and chunk at hand.

2026-11-24T12:00:00 INFO pose job=3f2a chunk=12 16 frames in 0.31 s
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_context: ContextVar[str] = ContextVar("log_context", default="")


class _Context(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.context = _context.get()
        return True


def configure(service: str) -> None:
    """Send this process's log to stderr; `COACH_LOG_LEVEL` sets how much (default INFO)."""
    handler = logging.StreamHandler()
    handler.addFilter(_Context())
    line = f"%(asctime)s %(levelname)s {service}%(context)s %(message)s"
    handler.setFormatter(logging.Formatter(line, "%Y-%m-%dT%H:%M:%S"))
    level = os.environ.get("COACH_LOG_LEVEL", "INFO").upper()
    logging.basicConfig(level=level, handlers=[handler], force=True)


@contextmanager
def about(job: str, chunk: int | None = None) -> Iterator[None]:
    """Name the job, and the chunk if there is one, in every log line of the block."""
    text = f" job={job}" if chunk is None else f" job={job} chunk={chunk}"
    token = _context.set(text)
    try:
        yield
    finally:
        _context.reset(token)
