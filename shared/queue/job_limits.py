"""What a stored job may hold: who can write to Redis can store anything."""

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from shared.data.defaults import MAX_TIME_S
from shared.data.fields import MAX_COUNT, OneOf
from shared.data.limits import JOB_ID, MAX_CHUNKS, Text
from shared.data.manifest import MAX_UNIX_S
from shared.data.typed_reader import MAX_TEXT_BYTES
from shared.queue.priorities import PRIORITIES

if TYPE_CHECKING:
    from shared.queue.job import Job

#: A path of Linux from the root on, at most 4096 bytes.
_PATH = Text(r"/[^\x00]{0,4095}", "absolute path")

#: Field → what its text must be.
_TEXTS: dict[str, Text | OneOf] = {
    "id": JOB_ID,
    "state": OneOf(("queued", "running", "done", "failed", "cancelled")),
    "source": _PATH,
    "sha256": Text("[0-9a-f]{1,64}", "SHA-256"),
    "out": _PATH,
    "traceparent": Text("(00-[0-9a-f]{32}-[0-9a-f]{16}-01)?", "W3C traceparent"),
    "kind": OneOf(("clip", "recording")),
    "recording": Text("[0-9A-Za-z_-]{0,64}", "job id"),
    "priority": OneOf(PRIORITIES),
    "batch": Text(r"[0-9A-Za-z_.@+-]{0,100}", "name of a batch"),
    "error_kind": Text("[0-9A-Za-z_]{0,64}", "kind of error"),
}

#: Field → lowest and highest number, where they are not 0 and `MAX_COUNT`.
_NUMBERS: dict[str, tuple[float, float]] = {
    "created_s": (0, MAX_UNIX_S),
    "progress_s": (0, MAX_UNIX_S),
    "timeout_s": (0, MAX_TIME_S),
    "sent": (0, MAX_CHUNKS),
    "chunks": (-1, MAX_CHUNKS),
}

#: Names of backends, which are part of keys.
_BACKEND = Text(r"[0-9A-Za-z_.+-]{1,100}", "name of a backend")


def check(job: "Job") -> None:
    """Raise ValueError, with the field's name, if a field of a stored job is out of bounds."""
    for field in dataclasses.fields(job):
        try:
            _check(field.name, getattr(job, field.name))
        except ValueError as error:
            raise ValueError(f"{field.name}: {error}") from error
    _BACKEND.checked(job.options.backend)


def _check(name: str, value: Any) -> None:
    if name in _TEXTS:
        _TEXTS[name].checked(value)
    elif isinstance(value, int | float):
        low, high = _NUMBERS.get(name, (0, MAX_COUNT))
        if not math.isfinite(value) or not low <= value <= high:
            raise ValueError(f"{value} is not within {low:g} to {high:g}")
    elif isinstance(value, str) and len(value) > MAX_TEXT_BYTES:
        raise ValueError(f"{len(value)} characters, over the limit of {MAX_TEXT_BYTES}")
