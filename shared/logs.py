"""Log lines of the services: one line per event, with the service, the job and the chunk.

2026-11-24T12:00:00 INFO pose job=3f2a chunk=12 16 frames in 0.31 s
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from shared.activity import ACTIVITY, ErrorNotes

_context: ContextVar[str] = ContextVar("log_context", default="")


class _Context(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.context = _context.get()
        return True


def configure(service: str, level: str = "INFO") -> None:
    """Send this process's log to stderr.

    Args:
        service: name of the service, shown in each line.
        level: lowest level that is logged, as `Settings.log_level`.
    """
    handler = logging.StreamHandler()
    handler.addFilter(_Context())
    line = f"%(asctime)s %(levelname)s {service}%(context)s %(message)s"
    handler.setFormatter(logging.Formatter(line, "%Y-%m-%dT%H:%M:%S"))
    handlers = [handler, ErrorNotes(ACTIVITY)]
    logging.basicConfig(level=level, handlers=handlers, force=True)


@contextmanager
def about(job: str, chunk: int | None = None) -> Iterator[None]:
    """Name the job, and the chunk if there is one, in every log line and in the register."""
    text = f" job={job}" if chunk is None else f" job={job} chunk={chunk}"
    token = _context.set(text)
    try:
        with ACTIVITY.working_on(job):
            yield
    finally:
        _context.reset(token)
