"""The pose worker: people and their joints in each frame of a chunk.

Reads: `frames:<backend>`.
Writes: `keypoints`, one message per chunk, in one transaction with the acknowledgement.
Order: any; each chunk carries its number.
On failure: the chunk stays pending until another worker claims it; the result is the same.
"""

import logging
import time
from collections.abc import Callable

from services.pose.backends import Backend
from services.pose.tracking import find_poses
from shared import logs
from shared.data import codec
from shared.data.messages import FrameChunk, KeypointChunk
from shared.data.pose_options import PoseOptions
from shared.queue import keys
from shared.queue.job_store import JobStore
from shared.queue.streams import Consumer, Delivery, publish

_log = logging.getLogger(__name__)


class PoseWorker:
    """Handles one chunk at a time."""

    def __init__(
        self,
        load: Callable[[PoseOptions], Backend],
        consumer: Consumer,
        store: JobStore,
        timings: bool = False,
    ) -> None:
        """Find poses with the backend that `load` returns for a chunk's options."""
        self._load = load
        self._consumer = consumer
        self._store = store
        self._timings = timings

    def handle(self, delivery: Delivery) -> None:
        """Find the people in a chunk's frames and publish their joints."""
        chunk = codec.unpack(delivery.payload, FrameChunk)
        with logs.about(chunk.job, chunk.chunk):
            if not self._store.is_active(chunk.job):
                with self._consumer.finishing(delivery):
                    return
            backend = self._load(chunk.pose)
            started_s = time.perf_counter()
            poses = tuple(find_poses(backend, chunk.frames, chunk.adaptive, timings=self._timings))
            with self._consumer.finishing(delivery) as pipe:
                keypoints = KeypointChunk(chunk.job, chunk.chunk, poses, backend.engine)
                publish(pipe, keys.KEYPOINTS, codec.pack(keypoints))
                self._store.mark_posed(pipe, chunk.job, chunk.chunk)
            _log.debug("%d frames in %.2f s", len(poses), time.perf_counter() - started_s)
