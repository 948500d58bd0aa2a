"""Log lines of the services: one line per event, with the service, the job and the chunk.

As text, or one JSON object a line for programs (`COACH_LOG_FORMAT=json`):

    2026-11-24T12:00:00 INFO pose job=3f2a chunk=12 16 frames in 0.31 s
    {"time": "2026-11-24T12:00:00.123Z", "level": "INFO", "service": "pose", "job": "3f2a", …}
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.activity import ACTIVITY, ErrorNotes


@dataclass(frozen=True, slots=True)
class _Context:
    """What a line is about."""

    job: str = ""
    chunk: int | str | None = None


_context: ContextVar[_Context] = ContextVar("log_context", default=_Context())  # noqa: B039


class _Text(logging.Formatter):
    """A line for people; a traceback follows on lines of its own."""

    def __init__(self, service: str) -> None:
        line = f"%(asctime)s %(levelname)s {service}%(context)s %(message)s"
        super().__init__(line, "%Y-%m-%dT%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        context = _context.get()
        text = f" job={context.job}" if context.job else ""
        if context.chunk is not None:
            text += f" chunk={context.chunk}"
        record.__dict__["context"] = text
        return super().format(record)


class _Json(logging.Formatter):
    """A line for programs, with the traceback in it; `job` and `chunk` only where there is one."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        context = _context.get()
        values = {
            "time": time.replace("+00:00", "Z"),
            "level": record.levelname,
            "service": self._service,
            "job": context.job or None,
            "chunk": context.chunk,
            "message": record.getMessage(),
            "traceback": self.formatException(record.exc_info) if record.exc_info else None,
        }
        return json.dumps({name: value for name, value in values.items() if value is not None})


def configure(service: str, level: str = "INFO", form: str = "text") -> None:
    """Send this process's log to stderr.

    Args:
        service: name of the service, shown in each line.
        level: lowest level that is logged, as `Settings.log_level`.
        form: "text" or "json", as `Settings.log_format`.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_Json(service) if form == "json" else _Text(service))
    handlers = [handler, ErrorNotes(ACTIVITY)]
    logging.basicConfig(level=level, handlers=handlers, force=True)


@contextmanager
def about(job: str, chunk: int | str | None = None) -> Iterator[None]:
    """Name the job, and the chunk if there is one, in every log line and in the register."""
    token = _context.set(_Context(job, chunk))
    try:
        with ACTIVITY.working_on(job):
            yield
    finally:
        _context.reset(token)
