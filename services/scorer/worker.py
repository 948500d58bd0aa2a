"""The scorer: stores each chunk's keypoints, and judges the whole clip once all are stored.

Reads: `keypoints`; for the analysis, the job's results in order.
Writes: the job's results, one field per chunk; then the analysis and the RQ task `write`.
Order: any; results are stored by chunk number and read back in order.
On failure: the message stays pending and is claimed by another scorer; writing a field twice gives
the same field.
"""

import logging
from collections.abc import Sequence

from services.scorer.analysis import judge_poses
from services.scorer.score.lift_model import LiftModel
from shared import logs
from shared.data import codec
from shared.data.analysis import Analysis, PoseRecord, SourceRecord
from shared.data.messages import EndOfStream, KeypointChunk
from shared.data.poses import Poses, duration_s
from shared.names import readable
from shared.queue import tasks
from shared.queue.job import Job
from shared.queue.streams import Consumer, Delivery
from shared.queue.worker import WorkerContext

_log = logging.getLogger(__name__)


class Scorer:
    """Handles one message at a time with one model of good lifts."""

    def __init__(self, context: WorkerContext, consumer: Consumer, model: LiftModel) -> None:
        self._client, self._store = context.client, context.store
        self._task_timeout_s = context.settings.task_timeout_s
        self._consumer, self._model = consumer, model

    def handle(self, delivery: Delivery) -> None:
        """Store a chunk or the end of the stream; if the job is complete, judge it."""
        message = codec.unpack(delivery.payload, KeypointChunk, EndOfStream)
        with logs.about(message.job, getattr(message, "chunk", None)):
            analysis = None
            if self._store.is_active(message.job) and self._keep(message, delivery.payload):
                analysis = self._analyse(message.job)
            with self._consumer.finishing(delivery) as pipe:
                if analysis is not None:
                    # RQ's commands must come first in the transaction.
                    tasks.enqueue(self._client, "write", message.job, self._task_timeout_s, pipe)
                    self._store.store_analysis(pipe, analysis)

    def _keep(self, message: KeypointChunk | EndOfStream, payload: bytes) -> bool:
        """Store a message; whether the job has all its results now."""
        if isinstance(message, EndOfStream):
            return self._store.store_end(message.job, message.chunks, message.reason)
        return self._store.store_result(message.job, message.chunk, payload)

    def _analyse(self, job_id: str) -> Analysis | None:
        job = self._store.get(job_id)
        if job is None:
            return None
        _log.info("all %d chunks are stored; judging", job.chunks)
        poses = _poses_of(job, list(self._store.results(job_id, job.chunks)))
        return judge_poses(poses, job.options.judging, self._model, job_id)


def _poses_of(job: Job, chunks: Sequence[KeypointChunk]) -> Poses:
    """The poses of a job, from all its chunks in order."""
    frames = tuple(frame for chunk in chunks for frame in chunk.frames)
    source = SourceRecord(
        path=readable(job.source),
        sha256=job.sha256,
        width=job.width_px,
        height=job.height_px,
        duration_s=duration_s(job.frames, job.fps, frames[-1] if frames else None),
        frames=job.frames,
        fps=job.fps,
    )
    engines = tuple(sorted({chunk.engine for chunk in chunks}))
    pose = PoseRecord(job.options.backend, job.every, options=job.options.pose, engines=engines)
    return Poses(source, pose, frames, job.end_reason)
