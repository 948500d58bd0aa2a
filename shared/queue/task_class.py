"""What RQ may run: the two tasks, with a job's id as their only argument, and nothing besides.

RQ alone would call any function that a stored task names, and any callback or web address when
the task ends. Write access to Redis would be enough to run any code, even with JSON.
"""

import re
import zlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from rq.exceptions import DeserializationError
from rq.job import Job

from shared.data.limits import JOB_ID
from shared.errors import MessageError
from shared.settings import Settings

#: The functions that a task may name.
_FUNCTION = re.compile(r"services\.(decoder\.task\.decode|writer\.task\.write)")

#: Fields of a stored task that are read. Not: callbacks, webhooks, dependencies, repetitions, and
#: the text of an exception, which is compressed, so that a few bytes may take gigabytes.
_FIELDS = frozenset(
    {
        *(b"created_at", b"enqueued_at", b"started_at", b"ended_at", b"last_heartbeat"),
        *(b"description", b"failure_ttl", b"number_of_retries", b"origin", b"result_ttl"),
        *(b"retries_left", b"retry_intervals", b"status", b"timeout", b"ttl", b"worker_name"),
    }
)

#: Largest call that is read, in bytes; one takes about 70.
_MAX_BYTES = 4096


class Task(Job):
    """A task as RQ stores it, read without trust.

    Attributes:
        settings: Settings of the worker that runs it; None while it is not run.
    """

    settings: Settings | None = None

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Take over a stored task, of which only what Coach uses is read."""
        fields = {name: raw_data[name] for name in _FIELDS & raw_data.keys()}
        fields[b"data"] = _unpacked(raw_data.get(b"data", b""))
        try:
            super().restore(fields)
        except Exception:  # RQ's parsers raise whatever damaged text leads them to
            super().restore({b"data": b"", b"origin": fields.get(b"origin", b"").hex().encode()})

    def _deserialize_data(self) -> None:
        """Read which function is to be called; it is one that refuses if it is no task of Coach."""
        function: Any = None
        with suppress(DeserializationError):
            super()._deserialize_data()  # type: ignore[no-untyped-call]
            function = self._func_name
        if (
            not isinstance(function, str)
            or not _FUNCTION.fullmatch(function)
            or self._instance is not None
            or not _is_one_job_id(self._args)
            or self._kwargs != {}
        ):
            self._func_name = f"{refuse.__module__}.{refuse.__name__}"
            self._instance, self._args, self._kwargs = None, [], {}
            self.retries_left = None


def refuse() -> None:
    """Stand in for what a task of somebody else would have called.

    Raises:
        MessageError: always.
    """
    raise MessageError("a task in the queue is not of Coach, and was not run")


def _is_one_job_id(arguments: object) -> bool:
    if not isinstance(arguments, list) or len(arguments) != 1:
        return False
    return isinstance(arguments[0], str) and JOB_ID.fits(arguments[0])


def _unpacked(compressed: bytes) -> bytes:
    """The call of a stored task; empty if it is damaged or too large."""
    reader = zlib.decompressobj()
    try:
        call = reader.decompress(compressed, _MAX_BYTES)
    except zlib.error:
        return b""
    return call if reader.eof else b""
