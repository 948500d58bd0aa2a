"""The scorer: stores each chunk's keypoints, and judges the whole clip once all are stored.

Reads: `keypoints`; for the analysis, the job's results in order.
Writes: the job's results, one field per chunk; then the analysis and the RQ task `write`.
Order: any; results are stored by chunk number and read back in order.
On failure: the message stays pending and is claimed by another scorer; writing a field twice gives
the same field. A message that no scorer can handle fails its job.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from services.scorer.analysis import judge_poses
from services.scorer.score.lift_model import LiftModel
from shared import logs
from shared.activity import ACTIVITY
from shared.data import codec
from shared.data.analysis import Analysis, PoseRecord, SourceRecord
from shared.data.messages import EndOfStream, FramePoses, KeypointChunk
from shared.data.poses import Poses, duration_s
from shared.errors import PoisonError
from shared.names import readable
from shared.queue import tasks
from shared.queue.job import Job
from shared.queue.streams import Consumer, Delivery
from shared.queue.watchdog import Watchdog
from shared.queue.worker import WorkerContext
from shared.tracing import TRACES

#: Time for judging an analysed frame, in seconds, before judging counts as hung. Measured: 0.001 to
#: 0.002 with one lifter; ten times that allows for many people and a busy machine.
_JUDGING_S = 0.02

_NOTHING_SEEN = (
    "{source}: none of its frames could be looked at; `coach dead list` and the logs of the pose "
    "workers say why"
)

_log = logging.getLogger(__name__)


class Scorer:
    """Handles one message at a time with one model of good lifts."""

    def __init__(self, context: WorkerContext, consumer: Consumer, model: LiftModel) -> None:
        self._client, self._store = context.client, context.store
        self._task_timeout_s = context.settings.task_timeout_s
        self._consumer, self._model = consumer, model
        self._hang_s = context.settings.hang_s
        self._watchdog = Watchdog(self._hang_s)

    def handle(self, delivery: Delivery) -> None:
        """Store a chunk or the end of the stream; if the job is complete, judge it."""
        message = codec.unpack(delivery.payload, KeypointChunk, EndOfStream)
        chunk = getattr(message, "chunk", None)
        trace = partial(self._store.traceparent, message.job)
        named = {} if chunk is None else {"chunk": chunk}
        with (
            logs.about(message.job, chunk),
            TRACES.span("score", trace, job=message.job, **named),
        ):
            analysis = None
            if self._store.is_active(message.job) and self._keep(message, delivery.payload):
                analysis = self._analyse(message.job)
            with self._consumer.finishing(delivery) as pipe:
                if analysis is not None and self._store.is_active(message.job):
                    # RQ's commands must come first in the transaction.
                    tasks.enqueue(self._client, "write", message.job, self._task_timeout_s, pipe)
                    self._store.store_analysis(pipe, analysis)

    def _keep(self, message: KeypointChunk | EndOfStream, payload: bytes) -> bool:
        """Store a message; whether the job has all its results now."""
        if isinstance(message, EndOfStream):
            return self._store.store_end(message.job, message.chunks, message.reason)
        if message.is_skipped and message.chunk in self._store.stored_chunk_numbers(message.job):
            return False  # a slow worker has looked at the frames after all
        ACTIVITY.count_frames(len(message.frames))
        return self._store.store_result(message.job, message.chunk, payload)

    def _analyse(self, job_id: str) -> Analysis | None:
        job = self._store.get(job_id)
        if job is None:
            return None
        _log.info("all %d chunks are stored; judging", job.chunks)
        chunks = list(self._store.results(job_id, job.chunks))
        if len(chunks) < job.chunks:
            _log.warning("the server has lost results, or the job has ended; not judging")
            return None  # `StalledJobMonitor` has what is missing sent again
        poses = _poses_of(job, chunks)
        if poses.skipped_frames == len(poses) > 0:
            error = PoisonError(_NOTHING_SEEN.format(source=job.source))
            if self._store.fail(job_id, error):
                TRACES.end_of_job(job, str(error))
            return None
        limit_s = self._hang_s + _JUDGING_S * len(poses)
        with self._watchdog.watch(limit_s), ACTIVITY.timed("judge"), TRACES.span("judge"):
            return judge_poses(poses, job.options.judging, self._model, job_id)


def _poses_of(job: Job, chunks: Sequence[KeypointChunk]) -> Poses:
    """The poses of a job, from all its chunks in order."""
    frames = _with_thumbnails([frame for chunk in chunks for frame in chunk.frames])
    source = SourceRecord(
        path=readable(job.source),
        sha256=job.sha256,
        width=job.width_px,
        height=job.height_px,
        duration_s=duration_s(job.frames, job.fps, frames[-1] if frames else None),
        frames=job.frames,
        fps=job.fps,
    )
    engines = tuple(sorted({chunk.engine for chunk in chunks if not chunk.is_skipped}))
    pose = PoseRecord(job.options.backend, job.every, options=job.options.pose, engines=engines)
    skipped_frames = sum(len(chunk.frames) for chunk in chunks if chunk.is_skipped)
    return Poses(source, pose, frames, job.end_reason, skipped_frames)


def _with_thumbnails(frames: Sequence[FramePoses]) -> tuple[FramePoses, ...]:
    """The frames; thumbnails of those nobody looked at are interpolated, so that no cut is seen."""
    known = [row for row, frame in enumerate(frames) if frame.thumbnail.size]
    if len(known) in (0, len(frames)):
        return tuple(frames)
    pixels = np.stack([frames[row].thumbnail for row in known]).T
    rows = np.arange(len(frames))
    thumbnails = np.stack([np.interp(rows, known, pixel) for pixel in pixels], axis=1)
    return tuple(
        frame if frame.thumbnail.size else replace(frame, thumbnail=thumbnail)
        for frame, thumbnail in zip(frames, thumbnails.astype(np.float32), strict=True)
    )
