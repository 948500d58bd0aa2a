"""The pose worker: people and their joints in each frame of a chunk.

Reads: `frames:<backend>`.
Writes: `keypoints`, one message a chunk, in one transaction with the acknowledgement.
Order: any; a chunk says where it belongs.
On failure: the chunk stays pending and is claimed by another worker; doing it twice gives the same.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import cv2
import numpy as np

from services.pose.backends import Backend, TimedImage
from services.pose.plates.find import find_plates
from shared import logs
from shared.data import codec
from shared.data.messages import EncodedFrame, FrameChunk, FramePoses, KeypointChunk, Person
from shared.data.pose_options import PoseOptions
from shared.data.skeleton import F32
from shared.queue import keys
from shared.queue.jobs import JobStore
from shared.queue.streams import Consumer, Delivery, publish

#: Width and height of the tiny pictures by which cuts are told.
_THUMB_PX = (8, 6)

_log = logging.getLogger(__name__)


class PoseWorker:
    """Handles one chunk at a time."""

    def __init__(
        self, backends: Callable[[PoseOptions], Backend], consumer: Consumer, store: JobStore
    ) -> None:
        """Find poses with the backend that `backends` gives for a chunk's options."""
        self._backends = backends
        self._consumer = consumer
        self._store = store

    def handle(self, delivery: Delivery) -> None:
        """Find the people in a chunk's frames and pass their joints on."""
        chunk = codec.unpack(delivery.payload, FrameChunk)
        with logs.about(chunk.job, chunk.chunk):
            if not self._store.is_active(chunk.job):
                with self._consumer.finishing(delivery):
                    return
            backend = self._backends(chunk.pose)
            started_s = time.perf_counter()
            poses = tuple(poses_of(backend, chunk.frames))
            with self._consumer.finishing(delivery) as pipe:
                keypoints = KeypointChunk(chunk.job, chunk.chunk, poses, backend.engine)
                publish(pipe, keys.KEYPOINTS, codec.pack(keypoints))
                self._store.mark_posed(pipe, chunk.job, chunk.chunk)
            _log.debug("%d frames in %.2f s", len(poses), time.perf_counter() - started_s)


def poses_of(backend: Backend, frames: tuple[EncodedFrame, ...]) -> Iterator[FramePoses]:
    """The people and plates of each frame of a chunk, in source pixels, and the time that took."""
    images = [TimedImage(codec.decode_image(frame.image), frame.time_s) for frame in frames]
    found = backend.people(images)
    for frame, (image, _) in zip(frames, images, strict=True):
        started_s = time.perf_counter()
        people = next(found)
        plates = find_plates(image, people)
        pose_ms = (time.perf_counter() - started_s) * 1000
        scale = np.array([frame.scale_x, frame.scale_y], np.float32)
        in_source = tuple(_scaled(person, scale) for person in people)
        yield FramePoses(
            frame.index,
            frame.time_s,
            in_source,
            plates * np.array([*scale, *scale, 1], np.float32),
            _thumbnail(image),
            pose_ms,
        )


def _thumbnail(image: np.ndarray) -> F32:
    """A tiny grey picture of a frame, float32 (n,), 0..1."""
    small = cv2.resize(image, _THUMB_PX, interpolation=cv2.INTER_AREA)
    return (cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).ravel() / 255).astype(np.float32)


def _scaled(person: Person, scale: np.ndarray) -> Person:
    return replace(
        person,
        xy_px=person.xy_px * scale,
        feet_px=person.feet_px * scale,
        outline_px=person.outline_px * scale.mean(),
        sole_px=person.sole_px * scale,
        box_px=person.box_px * np.tile(scale, 2),
    )
