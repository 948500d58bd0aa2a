"""The pose worker: people and their joints in each frame of a chunk.

Reads: `frames:<backend>`.
Writes: `keypoints`, one message per chunk, in one transaction with the acknowledgement.
Order: any; each chunk carries its number.
On failure: the chunk stays pending until another worker claims it; the result is the same. A chunk
that no worker can process is skipped: a result without people, marked as such.
"""

import logging
import math
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from services.pose.backends import Backend
from services.pose.tracking import find_poses
from shared import logs
from shared.activity import ACTIVITY
from shared.data import codec
from shared.data.messages import FrameChunk, FramePoses, KeypointChunk
from shared.data.pose_options import PoseOptions
from shared.queue import keys
from shared.queue.job_end import JobEnds
from shared.queue.job_store import JobStore
from shared.queue.streams import Consumer, Delivery, Transaction, publish
from shared.queue.watchdog import Watchdog
from shared.tracing import TRACES

#: Time for loading a backend, in seconds (chosen: TensorRT compiles for minutes).
_LOAD_S = 900.0

_log = logging.getLogger(__name__)


class _JobEnded(Exception):
    """The job has ended while its chunk was worked on."""


class PoseWorker:
    """Handles one chunk at a time."""

    def __init__(
        self,
        load: Callable[[PoseOptions], Backend],
        consumer: Consumer,
        store: JobStore,
        watchdog: Watchdog,
        timings: bool = False,
    ) -> None:
        """Find poses with the backend that `load` returns for a chunk's options."""
        self._load = load
        self._consumer = consumer
        self._store = store
        self._job_ends = JobEnds(store)
        self._watchdog = watchdog
        self._timings = timings

    def handle(self, delivery: Delivery) -> None:
        """Find the people in a chunk's frames and publish their joints."""
        chunk = codec.unpack(delivery.payload, FrameChunk)
        trace = partial(self._store.traceparent, chunk.job)
        with (
            logs.about(chunk.job, chunk.chunk),
            TRACES.span("pose", trace, job=chunk.job, chunk=chunk.chunk),
        ):
            if not self._store.is_active(chunk.job):
                with self._consumer.finishing(delivery):
                    return
            started_s = time.perf_counter()
            try:
                keypoints = self._keypoints(chunk)
            except _JobEnded:
                _log.info("the job has ended elsewhere; stopping")
                with self._consumer.finishing(delivery):
                    return
            with self._consumer.finishing(delivery) as pipe:
                if self._store.is_active(chunk.job):  # it may have ended meanwhile
                    self._publish(pipe, keypoints, delivery.stream)
            ACTIVITY.count_frames(len(chunk.frames))
            _log.debug("%d frames in %.2f s", len(chunk.frames), time.perf_counter() - started_s)

    def skip(self, pipe: Transaction, chunk: FrameChunk, stream: str) -> None:
        """Publish, as part of a transaction, that nobody looked at a chunk's frames."""
        unseen = np.empty(0, np.float32)
        frames = tuple(
            FramePoses(frame.index, frame.time_s, (), (), unseen, pose_ms=math.nan)
            for frame in chunk.frames
        )
        skipped = KeypointChunk(chunk.job, chunk.chunk, frames, is_skipped=True)
        self._publish(pipe, skipped, stream)

    def _keypoints(self, chunk: FrameChunk) -> KeypointChunk:
        with self._watchdog.watch(_LOAD_S):
            backend = self._load(chunk.pose)
        with self._job_ends.noticing(chunk.job) as has_ended, self._watchdog.watch():

            def progress() -> None:
                self._watchdog.progress()
                if has_ended.is_set():
                    raise _JobEnded

            timings = self._timings
            found = find_poses(
                backend, chunk.frames, chunk.adaptive, progress, timings, chunk.survey
            )
            poses = tuple(found)
        ACTIVITY.engine = backend.engine
        return KeypointChunk(chunk.job, chunk.chunk, poses, backend.engine)

    def _publish(self, pipe: Transaction, keypoints: KeypointChunk, stream: str) -> None:
        """Publish what was found in a chunk of a stream, with that stream's priority."""
        publish(pipe, keys.keypoints_of(stream), codec.pack(keypoints))
        self._store.mark_posed(pipe, keypoints.job, keypoints.chunk)
