"""The write task: the annotated video, the report and the data of one finished analysis.

Reads: the source video again; the job's analysis.
Writes: the result folder; progress; that the job is done.
Order: every source frame exactly once, in the source's order and timing.
On failure: RQ runs the task again from scratch; what was made before lies in a hidden folder.
"""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import Any

from services.writer import report
from services.writer.interpolation import Interpolation
from services.writer.overlay import Overlay
from services.writer.publish import MANIFEST_SCHEMA, is_published, publish, staging
from services.writer.tables import (
    PoseRecord,
    SourceRecord,
    analysis_document,
    analysis_json,
    frames_csv,
)
from shared import logs
from shared.data.messages import Analysis
from shared.errors import QueueError, SourceError
from shared.media.encode import VideoEncoder
from shared.media.source import Source, SourceFrame, check_root, open_source
from shared.queue import tasks
from shared.queue.connection import connect
from shared.queue.jobs import Job, JobStore
from shared.settings import Settings

#: How often progress is noted, and looked whether the job is still requested_pictures, seconds.
_NOTE_S = 0.3

#: Libraries whose version may change a result.
_LIBRARIES = ("weightlifting-coach", "av", "numpy", "opencv-python-headless", "openvino")

_log = logging.getLogger(__name__)


def write(job_id: str) -> None:
    """Write the result of a job; the RQ task of this service."""
    settings = Settings()
    store = JobStore(connect(settings.redis_url), settings.keep_jobs_s)
    with logs.about(job_id):
        tasks.run_or_fail_job(store, job_id, lambda: _write(store, settings, job_id))


class _Cancelled(Exception):
    """The job is no longer wanted."""


def _write(store: JobStore, settings: Settings, job_id: str) -> None:
    job = store.get(job_id)
    if job is None or not store.is_active(job_id):
        return
    out = Path(job.out)
    check_root(out.resolve(), settings.out_roots, "COACH_OUT_ROOTS")
    if is_published(out, job.id, job.created_s):
        store.finish(job_id)  # a writer before this one died between its last two steps
        return
    analysis = store.analysis(job_id)
    if analysis is None:
        raise QueueError(f"the analysis of job {job_id} is not in Redis")
    try:
        with staging(out, job.id) as folder:
            _make_files(store, job, analysis, folder)
            publish(folder, out, _manifest(job, analysis))
    except _Cancelled:
        _log.info("the job is no longer wanted")
        return
    store.finish(job_id)


def _make_files(store: JobStore, job: Job, analysis: Analysis, folder: Path) -> None:
    info = json.loads(job.info)
    duration_s = _duration_s(job, analysis, info["fps"])
    source = SourceRecord(
        path=job.source,
        sha256=job.sha256,
        width=info["width"],
        height=info["height"],
        duration_s=duration_s,
        frames=job.frames,
        fps=info["fps"],
    )
    pose = PoseRecord(job.options.backend, job.every, options=job.options.pose.changed())
    document = analysis_document(analysis, source, pose)
    pictures = _render(store, job, analysis, folder, duration_s)
    (folder / "analysis.json").write_text(analysis_json(document), "utf-8")
    (folder / "frames.csv").write_text(frames_csv(document), "utf-8")
    page = report.render(document, analysis, source, pictures)
    (folder / "report.html").write_text(page, "utf-8")


def _render(
    store: JobStore, job: Job, analysis: Analysis, folder: Path, duration_s: float
) -> dict[str, report.Picture]:
    """Write the annotated video, and return the pictures that the report shows."""
    lifters = [Interpolation(lifter.frames) for lifter in analysis.lifters]
    pictures: dict[str, report.Picture] = {}
    written = 0
    with open_source(Path(job.source)) as source, _encoder(job, source, folder) as encoder:
        size_px = (source.info.width_px, source.info.height_px)
        overlay = Overlay(analysis, *size_px, duration_s, job.options.overlay)
        bodies = Overlay(analysis, *size_px, duration_s, "bodies")
        requests = report.requested_pictures(analysis, *size_px)
        for frame in _with_notes(store, job, source):
            seen = [lifter.at(frame.index, frame.time_s) for lifter in lifters]
            if frame.index in requests:
                shown = frame.image.copy()
                bodies.draw(shown, frame.time_s, seen)
                pictures |= {s.key: report.take_picture(s, shown) for s in requests[frame.index]}
            if encoder is not None:
                overlay.draw(frame.image, frame.time_s, seen)
                encoder.write(frame.image, frame.pts)
            written = frame.index + 1
    if written != job.frames:
        raise SourceError(
            f"{job.source} gave {job.frames} frames when it was analysed and {written} now; "
            "it has changed since: submit it again"
        )
    return pictures


@contextmanager
def _encoder(job: Job, source: Source, folder: Path) -> Iterator[VideoEncoder | None]:
    """The encoder, or None where no video is asked for."""
    if not job.options.video:
        yield None
        return
    info = source.info
    with VideoEncoder(
        folder / "annotated.mp4",
        (info.width_px, info.height_px),
        info.time_base,
        info.sample_aspect,
        audio_from=Path(job.source) if info.has_audio else None,
    ) as encoder:
        yield encoder


def _with_notes(store: JobStore, job: Job, source: Source) -> Iterator[SourceFrame]:
    """The source's frames, with progress noted now and then.

    Raises:
        _Cancelled: the job is no longer wanted.
    """
    noted_s = 0.0
    for frame in source.frames():
        yield frame
        if time.monotonic() - noted_s > _NOTE_S:
            noted_s = time.monotonic()
            store.note(job.id, written=frame.index + 1)
            if not store.is_active(job.id):
                raise _Cancelled
    store.note(job.id, written=job.frames)


def _duration_s(job: Job, analysis: Analysis, fps: float) -> float:
    """Time from the start to the end of the last frame, which lasts one frame at the mean rate."""
    if not analysis.lifter.frames:
        return float(Fraction(job.frames) / Fraction(fps))
    last = analysis.lifter.frames[-1]
    return last.time_s + (job.frames - last.index) / fps


def _manifest(job: Job, analysis: Analysis) -> dict[str, Any]:
    return {
        "schema": MANIFEST_SCHEMA,
        "job": job.id,
        "created_s": job.created_s,
        "source": {"path": job.source, "sha256": job.sha256},
        "options": asdict(job.options),
        "versions": {library: version(library) for library in _LIBRARIES},
        "engines": list(analysis.engines),
        "frames": {"source": job.frames, "analysed": len(analysis.lifter.frames)},
    }
