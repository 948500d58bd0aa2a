"""The record of a job, as it is kept in Redis.

    queued ──→ running ──→ done
       │          ├──────→ failed
       └──────────┴──────→ cancelled

A job that has ended and is submitted again starts over, unless it is done and its result is there.
One that has failed can be resumed from the results that are stored.
"""

import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from shared.data import document
from shared.data.job_options import JobOptions
from shared.data.messages import EndReason
from shared.data.typed_reader import MAX_TEXT_BYTES
from shared.errors import MessageError, UsageError
from shared.queue import job_limits
from shared.queue.priorities import Priority
from shared.tracing import new_traceparent

Kind = Literal["clip", "recording"]
State = Literal["queued", "running", "done", "failed", "cancelled"]
ACTIVE: tuple[State, ...] = ("queued", "running")
RESUMABLE: tuple[State, ...] = ("failed", "cancelled")

#: What reading a record raises that another version stored, or that is damaged.
_UNREADABLE = (TypeError, ValueError, OverflowError, UsageError)


@dataclass(frozen=True, slots=True)
class Job:
    """A job's record.

    Attributes:
        id: Identity of the job; see `job_id`.
        state: Where the job is in its life.
        source: Absolute path of the video.
        sha256: Fingerprint of the video's content.
        out: Absolute path of the folder for the results.
        options: What was asked for.
        created_s: Time of submission, Unix seconds.
        progress_s: Time when something last happened to the job, Unix seconds.
        width_px: Width of the source's upright picture, once the decoder has opened it.
        height_px: Height of the source's upright picture.
        fps: Frame rate of the source.
        every: Every n-th frame is analysed.
        decoded: Frames decoded so far.
        frames: Frames of the source: an estimate until all are decoded.
        sent: Chunks sent to the pose workers so far.
        end_sent: Whether all are sent, and the end of the stream too: 0 or 1.
        chunks: Chunks of the whole source; -1 until a scorer knows it.
        end_reason: Why the source's frames ended.
        written: Frames written so far.
        repairs: How often in a row the job's work was sent again without getting any further.
        repaired_at: What was done of the job at the last repair.
        repair_due_s: Time before which the job is not repaired again, Unix seconds.
        priority: Which jobs it comes before; see `shared.queue.priorities`.
        batch: Name of the batch, or login of the user, that it counts for; "" if for none.
        timeout_s: Time that the job may take from its first task on; 0 for no limit.
        started_s: Time when its first task began, Unix seconds of the server; 0 before.
        kind: A clip, which has one result, or a recording, whose sets have one each.
        recording: Id of the recording's job that this set is of; "" for other jobs.
        from_s: Where in the recording the set's clip begins.
        to_s: Where in the recording it ends.
        error: Why the job failed.
        error_kind: Class of that error in `shared.errors`.
        traceparent: The job's trace and its span in it, as W3C Trace Context has them.
    """

    id: str
    state: State
    source: str
    sha256: str
    out: str
    options: JobOptions
    created_s: float
    progress_s: float
    width_px: int = 0
    height_px: int = 0
    fps: float = 0.0
    every: int = 1
    decoded: int = 0
    frames: int = 0
    sent: int = 0
    end_sent: int = 0
    chunks: int = -1
    end_reason: EndReason = EndReason.COMPLETE
    written: int = 0
    repairs: int = 0
    repaired_at: str = ""
    repair_due_s: float = 0.0
    priority: Priority = "normal"
    batch: str = ""
    timeout_s: float = 0.0
    started_s: float = 0.0
    kind: Kind = "clip"
    recording: str = ""
    from_s: float = 0.0
    to_s: float = 0.0
    error: str = ""
    error_kind: str = ""
    traceparent: str = ""

    @property
    def part(self) -> tuple[float, float] | None:
        """From when to when the set lasts in its recording, in seconds; None for other jobs."""
        return (self.from_s, self.to_s) if self.recording else None


def job_id(sha256: str, out: Path, options: JobOptions) -> str:
    """Identity of a job: the same content, options and output folder give the same job."""
    text = json.dumps([sha256, str(out), asdict(options)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def new_job(
    source: Path,
    sha256: str,
    out: Path,
    options: JobOptions,
    timeout_s: float = 0.0,
    kind: Kind = "clip",
) -> Job:
    """A job before anything is done, with absolute paths.

    Raises:
        UsageError: no worker could read its record.
    """
    source, out = Path(os.path.abspath(source)), Path(os.path.abspath(out))
    now_s = time.time()
    job = Job(
        id=job_id(sha256, out, options),
        state="queued",
        source=str(source),
        sha256=sha256,
        out=str(out),
        options=options,
        created_s=now_s,
        progress_s=now_s,
        timeout_s=timeout_s,
        traceparent=new_traceparent(),
        kind=kind,
    )
    try:
        _read(to_record(job))
    except _UNREADABLE as error:
        raise UsageError(f"no worker could read a job of {source} ({error})") from error
    return job


def to_record(job: Job) -> dict[str, str]:
    """The fields of a job as text, as they are stored in its hash."""
    return {field.name: to_text(getattr(job, field.name)) for field in fields(Job)}


def to_text(value: object) -> str:
    """One field's value as text."""
    if isinstance(value, JobOptions):
        return json.dumps(asdict(value))
    return repr(value) if isinstance(value, float) else str(value)


def from_record(record: Mapping[str, str]) -> Job:
    """The job of a stored record; fields that it lacks have their defaults.

    Raises:
        MessageError: another version of Coach stored it, or it is damaged.
    """
    try:
        return _read(record)
    except _UNREADABLE as error:
        raise MessageError(
            f"the record of job {record.get('id', '?'):.64} is of another version ({error}); "
            "submit the clip again"
        ) from error


def _read(record: Mapping[str, str]) -> Job:
    """The job of a record; one of `_UNREADABLE` if a field is missing, or not as it must be."""
    job = Job(
        **{
            field.name: _from_text(field.type, record[field.name])
            for field in fields(Job)
            if field.name in record
        }
    )
    job_limits.check(job)
    return job


def _from_text(kind: Any, text: str) -> Any:
    if kind is JobOptions:
        return document.loaded(JobOptions, document.parsed(text[:MAX_TEXT_BYTES]))
    if kind in (int, float, EndReason):
        return kind(text)
    return text
